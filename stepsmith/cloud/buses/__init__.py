"""Event buses, as EventBridge has them: rules, targets, archives and replays, and events that come by the clock.

`rule` is a rule with its targets, `bus` a bus with its rules and the way of an event through it, `delivery` tries a
target again until it takes the event, `archives` keep events and replay them; `service` answers the operations.
"""
