"""Workflow functions to state machines: `expressions`, then `statements`, then the whole function in `workflow`.

May touch everything else in the room but explicit states, which are another way to the same plain states.
"""
