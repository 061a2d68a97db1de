"""What happened: the records of an execution, the folds over them, and AWS's form of the events.

Append-only and read without the run that wrote it; may touch `values` only.
"""
