"""Typed expressions, the tree that workflow functions and references make, and the texts that it becomes.

It knows the JSONata and JSONPath that it writes, but evaluates and imports neither; its own `evaluate` is plain Python.
"""
