"""Python statements to plain states: what a statement leaves open is an edge, and fused into the state before it.

May touch `expressions`, `lowered` and what is below them.
"""
