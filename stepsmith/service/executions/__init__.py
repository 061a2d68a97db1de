"""Executions as their users see them: status, result, history, Map Runs, and how they show themselves.

Folds over a history, here or on AWS alike. Builds on `driving`; knows no machine.
"""
