"""Explicit states, typed references to the data they see, and state machines made of both.

May touch `source`, `values`, `lowered` and `calls`. Tasks are above it: it knows of them what `calls` says a task
is.
"""
