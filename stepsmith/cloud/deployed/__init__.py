"""What a project declares, in a cloud: workflows, what their tasks need, and what starts them.

`projects` creates state machines and functions, `resources` tables, queues, topics and buckets, `starters` rules,
schedules, routes and `messages` the way from a queue; `statuses` tells the default bus how executions fare.
"""
