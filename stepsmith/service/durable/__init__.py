"""Executions that a journal holds: started, driven by whoever comes, and shown from what was recorded."""
