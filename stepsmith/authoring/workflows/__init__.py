"""Workflows once they are compiled: how they are called, run, started and triggered.

May touch `calls` and `tasks`. The compiler is above it, for it compiles calls of other workflows.
"""
