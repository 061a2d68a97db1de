"""Queues, as SQS has them: visibility, groups, deduplication, redrive and moving back.

`message` is what lies in a queue, `queue` how it behaves as time passes (an argument everywhere), `settings` the
attributes of a queue and `checks` what is refused; `moving` are the tasks that bring dead letters back, and `service`
answers the operations.
"""
