"""The user's source: where something is written, the text of a function, names made of its names, and what is wrong.

May touch nothing of the room but itself; it reads source files by way of `inspect` and `linecache`, and nothing else
in the room does.
"""
