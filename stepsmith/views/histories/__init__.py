"""A history told again: the names of its events, the progress of each state, the timeline, and the table of events.

It is a fold over events and draws no machine. It touches lettering and palette.
"""
