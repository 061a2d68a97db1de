"""Values on their way: payloads as text, instants, chance, and the failures that end a state.

Knows JSON and nothing of executions; touches no other part of the engine.
"""
