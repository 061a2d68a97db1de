"""Explicit states and state machines made of them; see `docs/guide/explicit-states.md`."""

from stepsmith.authoring.chain import Chain, Flow, goto
from stepsmith.authoring.machine import StateMachine
from stepsmith.authoring.state import ErrorOutput
from stepsmith.authoring.states import Choice, Fail, Map, Parallel, Pass, RawState, Succeed, Wait
from stepsmith.authoring.task_states import Task, sdk_task

__all__ = [
    "Chain",
    "Choice",
    "ErrorOutput",
    "Fail",
    "Flow",
    "Map",
    "Parallel",
    "Pass",
    "RawState",
    "StateMachine",
    "Succeed",
    "Task",
    "Wait",
    "goto",
    "sdk_task",
]
