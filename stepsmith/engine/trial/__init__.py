"""TestState: what AWS refuses about a request, one state on a bench, and what it shows of the data.

Drives a run from outside; may touch everything else in the engine, and nothing there knows of it.
"""
