"""What agents are given: the tools of a project, over standard input and output. Each calls the command line."""
