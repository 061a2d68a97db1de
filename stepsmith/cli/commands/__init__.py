"""The commands, one a file: each has `parser()` and `run(arguments)`, and imports what it needs when it runs.

A new command is a file here and a line in `stepsmith.cli.app`. May touch everything below; only `app` imports it.
"""
