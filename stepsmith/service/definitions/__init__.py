"""What is known of a definition before it runs: its file, the names it calls, and mocks of its tasks.

Reads files; starts nothing. Knows no driver, execution or machine.
"""
