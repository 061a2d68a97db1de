"""Event source mappings: what lets functions hear of queues and streams.

`mapping` is one mapping with its settings and what they may be; `worker` calls its function with the batches of its
source; `service` answers the operations.
"""
