"""Step Functions itself: all actions of the API of 2016-11-23 as one service object, over the engine that runs here.

`service` is the door; one file a subject holds the actions, `resources` what they keep, `runner` drives executions.
"""
