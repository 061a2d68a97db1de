"""Python expressions to typed expression trees, and the refusal of what JSONata does not say exactly.

May touch `source`, `values`, `calls`, `tasks` and `workflows`, but not `statements`: a call of a task is handed to
whoever compiles the statement.
"""
