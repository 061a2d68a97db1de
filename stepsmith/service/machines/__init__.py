"""State machines that run here: any definition, the nested ones it starts, and workflow functions.

Where `load`, `local` and a workflow's `.run()` end. Builds on `executions`; nothing here calls AWS.
"""
