"""Executions of the cloud in a journal: written down step by step, and there again at the next start.

What is written are beginnings, answers and instants, as for every durable execution; whatever else is asked of an
execution is played back.
"""
