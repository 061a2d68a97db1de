"""What moves an execution: the run, its lines of control, the queue, timers, retries, answers.

Knows no kind of state: a state is a node with a step to take. May touch `ports`, `history` and `values`.
"""
