"""Taking a new customer from application to open account.

The application lies in a table; executions carry its identifier only, so no personal field ever reaches a history or a
log. Whoever applies or decides uses the functions in `desk`, which check what comes in and answer waiting tasks.
"""
