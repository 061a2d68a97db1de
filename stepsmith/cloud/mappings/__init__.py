"""Event source mappings: what lets functions hear of queues and streams.

`mapping` is one mapping with its settings and what they may be; `queue_worker` and `stream_worker` carry out what the
pure rules of `stepsmith.events.mappings` say; `service` answers the operations.
"""
