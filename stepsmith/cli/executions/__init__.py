"""The commands that work on executions: on AWS, or in a journal here.

Begin, stop and redrive them, list them, show what happened and replay it. Built like `commands`, which names them.
"""
