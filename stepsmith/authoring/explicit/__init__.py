"""Explicit states, the chains they are joined to, and typed references to the data they see.

May touch `source`, `values`, `lowered` and `calls`. Tasks are above it: it knows of them what `calls` says a task
is.
"""
