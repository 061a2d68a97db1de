"""Map states: items, iterations inside the execution, and Map Runs with child executions of their own.

Begins children through the execution it is given. May touch `fields`, `kernel`, `ports` and `values`.
"""
