"""Deployed state machines and their executions on AWS, started, watched and stopped like those that run here.

Calls Step Functions of an account. Shows executions as `executions` does.
"""
