"""What the fields of a state are compiled to, and how a state is entered, caught and left.

Closures over an execution and a frame; knows no kind of state. May touch `kernel` and `values`.
"""
