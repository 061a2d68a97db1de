"""Functions of Python's library: what each gives in Python, and the JSONata that gives the same.

A file for a subject has two tables, `PYTHON` and `JSONATA`, with one entry for each function that `Call` may name.
"""
