"""Power tuning without AWS: a model of Lambda in memory, and local handlers run by it.

Starts a process for each local handler; nothing here calls AWS.
"""
