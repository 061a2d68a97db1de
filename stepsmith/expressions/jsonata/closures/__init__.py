"""From a tree to linked closures: a file for each kind of node, the scopes of variables, what a tree tells in advance.

It may touch all of JSONata below `expression.py`: the tree, the built-in functions and the values of a run.
"""
