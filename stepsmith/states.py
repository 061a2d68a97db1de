"""Explicit states and state machines made of them; see `docs/guide/explicit-states.md`."""

from stepsmith.authoring.explicit.chain import Chain, Flow, goto
from stepsmith.authoring.explicit.kinds import ErrorOutput
from stepsmith.authoring.explicit.states import Choice, Fail, Map, Parallel, Pass, RawState, Succeed, Wait
from stepsmith.authoring.explicit.task_states import Task, sdk_task
from stepsmith.authoring.machines.machine import StateMachine

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
