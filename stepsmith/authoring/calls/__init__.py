"""What calling a task or a construct means: arguments as JSON, clients, retries, and the run as plain Python.

May touch `source` and `values`. What runs on Lambda beside a task function is here and in `tasks`, so nothing here
imports the language when it is loaded.
"""
