"""What a command says and leaves: messages, progress, reports, and the streams they go to.

Writes to standard output, standard error and files that were asked for. Knows no command and none of its arguments.
"""
