"""A definition names the errors of its own modules, whatever else has been imported beside it."""

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from stepsmith import Retry, WorkflowError, task, workflow
from stepsmith.authoring.workflows.workflow import Workflow


class Conflict(WorkflowError):
    """Something newer is there."""


class Taken(Conflict):
    """Somebody has it."""


@pytest.fixture
def elsewhere() -> Iterator[type[Conflict]]:
    """An error of another system below one that both know."""
    sys.modules["other_system"] = ModuleType("other_system")
    made = type("KeyTaken", (Conflict,), {"__module__": "other_system"})
    sys.modules["other_system"].__dict__["KeyTaken"] = made
    yield made
    del sys.modules["other_system"]


@task(retry=[Retry.on(Conflict)])
def reserve(number: int) -> int:
    """Reserve something."""
    return number


def reserving() -> Workflow[..., int]:
    @workflow(refusals=(Conflict,))
    def reserving(number: int) -> int:
        """Reserve something, or nothing."""
        try:
            return reserve(number)
        except Conflict:
            return 0

    return reserving


def test_catchers_retriers_and_refusals_name_nothing_of_other_systems(elsewhere: type[Conflict]) -> None:
    found = reserving()

    text = found.definition.to_json()
    assert elsewhere in Conflict.__subclasses__()
    assert "KeyTaken" not in text
    assert text.count("Taken") == 2
    assert found.refusals == ("Conflict", "Taken")
