"""Who reads queues and streams on behalf of others: functions, pipes, workflows.

`queues` and `streams` carry out what the pure rules of `stepsmith.events.mappings` say; a `Consumer` takes the batches.
"""
