"""Tasks: the functions behind Task states, and what these need around them on AWS.

May touch `source` and `calls`, and `explicit` for the states that a task makes of itself.
"""
