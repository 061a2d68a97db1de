"""What a command is given: options, inputs, the project around it, and what it is to run or deploy.

Reads files and the environment, imports the project. Knows `output` and the rooms below; no command.
"""
