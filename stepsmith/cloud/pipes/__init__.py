"""EventBridge Pipes: a source, a filter, perhaps an enrichment, and a target.

`pipe` is one pipe with its settings and what they may be; `stages` call enrichments and targets; `worker` takes the
batches of a pipe's source through them; `service` answers the operations. Filters, batches and what comes of failures
are those of event source mappings. Nobody has recorded pipes: the guide is the law.
"""
