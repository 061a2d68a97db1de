"""The kinds of states, each compiled to the closure that takes a frame through it, and whole machines of them.

May touch `maps`, `fields` and what lies below; nothing that runs a program imports it.
"""
