"""Answers from outside: task tokens, activities, and the local client of Step Functions that takes them.

Threads of a process meet here, so each queue has its lock. Knows neither driver nor execution.
"""
