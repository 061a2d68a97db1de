"""What starts work, as rules: no clock, threads, disk, network or clients.

`patterns`   EventBridge patterns: compiled once, called with an event
`filters`    policies of SNS subscriptions, filters of event source mappings and pipes
`targets`    what a rule's target receives: `Input`, `InputPath`, `InputTransformer`
`records`    events, records and envelopes with AWS's exact fields
`mappings`   event source mappings as state machines: `ShardReader` for streams, `QueueReader` for queues
`schedules`  expressions of rules and of the Scheduler, and when they fire
`templates`  mapping templates of API Gateway
`pipes`      what pipes add to mappings: forms of events, input templates, enrichment
`refusals`   `Refused`, what any of these raises for what AWS would not take: its code and message

Time is seconds since 1970, always an argument; identifiers are arguments, too. A state machine says when it wants to be
asked again (`next_time`), so that nothing polls.
"""
