"""Executions in a journal on this machine: the commands that are only for them, and what the others do with them."""
