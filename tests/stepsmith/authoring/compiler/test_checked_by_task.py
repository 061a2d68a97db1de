"""`@workflow(checked=True)` whose first task takes all parameters: it checks the input, past every handler."""

import json
from datetime import datetime
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field

from stepsmith import InvalidInput, Retry, now, task, workflow
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.service import Machine
from stepsmith.testing import assert_equivalent


class Card(BaseModel):
    """Has code, which no state machine runs."""

    model_config = ConfigDict(extra="forbid")

    number: Annotated[str, Field(min_length=1, max_length=3)]


@task(retry=[Retry(max_attempts=2)])
def take(card: Card, note: str = "a") -> str:
    return card.number + note


@task(retry=[Retry(max_attempts=2)])
def take_at(card: Card, note: str = "a", *, at: datetime) -> str:
    return f"{card.number}{note}{at.year}"


@task
def take_some(card: Card) -> str:
    return card.number


@task
def take_otherwise(card: Card, note: str = "b") -> str:
    return card.number + note


@task
def take_two(card: Card, note: str = "a", other: str = "a") -> str:
    return card.number + note


@task
def give_back(card: Card) -> None: ...


@workflow(checked=True)
def guarded(card: Card, note: str = "a") -> str:
    try:
        return take(card, note)
    except Exception:
        give_back(card)
        raise


@workflow(checked=True)
def with_more(card: Card, note: str = "a") -> str:
    try:
        return take_at(card, note, at=now())
    except Exception:
        give_back(card)
        raise


@workflow(checked=True)
def after_assignments(card: Card, note: str = "a") -> str:
    kept = now()
    try:
        taken = take(card, note)
    except Exception:
        give_back(card)
        raise
    return taken if kept <= now() else note


@workflow(checked=True)
def alone(card: Card, note: str = "a") -> str:
    return take(card, note)


WORKFLOWS: list[Workflow[..., Any]] = [guarded, with_more, after_assignments, alone]
CARD = {"number": "12"}
BAD: dict[str, Any] = {
    "no card": {"note": "a"},
    "an empty number": {"card": {"number": ""}},
    "a long number": {"card": {"number": "1234"}},
    "a number for a text": {"card": {"number": 12}},
    "more on the card": {"card": {**CARD, "surprise": 1}},
    "null": {"card": None},
    "a note that is no text": {"card": CARD, "note": 5},
    "a null note": {"card": CARD, "note": None},
    "more": {"card": CARD, "surprise": 1},
    "what the task takes besides": {"card": CARD, "at": "2030-01-01T00:00:00Z"},
}


def ran(workflow: Workflow[..., Any], given: Any) -> Any:
    return Machine(workflow.definition, name=workflow.name).run(given, tasks=workflow.tasks)


def named(value: Any) -> str | None:
    return value.name if isinstance(value, Workflow) else None


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=named)
def test_good_input_is_taken(workflow: Workflow[..., Any]) -> None:
    assert ran(workflow, {"card": CARD}).output.startswith("12a")
    assert_equivalent(workflow, raw_input={"card": CARD, "note": "b"})


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("workflow", WORKFLOWS, ids=named)
def test_what_does_not_fit_ends_the_execution_in_its_first_task(
    workflow: Workflow[..., Any], kind: str
) -> None:
    execution = ran(workflow, BAD[kind])

    assert execution.status == "FAILED"
    assert execution.error in ("InvalidInput", "States.QueryEvaluationError")
    assert "Give back" not in execution.path
    assert sum(event["type"] == "TaskScheduled" for event in execution.history) <= 1


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("workflow", [guarded, alone], ids=named)
def test_plain_python_refuses_the_same_by_the_same_name(workflow: Workflow[..., Any], kind: str) -> None:
    assert ran(workflow, BAD[kind]).error == "InvalidInput"
    with pytest.raises(InvalidInput):
        workflow.received(BAD[kind])


@pytest.mark.parametrize("given", [[], [{"card": CARD}], "text", 5, None, True])
@pytest.mark.parametrize("workflow", WORKFLOWS, ids=named)
def test_an_input_that_is_no_object_ends_the_execution(workflow: Workflow[..., Any], given: Any) -> None:
    execution = ran(workflow, given)

    assert execution.status == "FAILED"
    assert "Give back" not in execution.path


def test_the_first_task_gets_the_input_as_it_came() -> None:
    states = json.loads(guarded.definition.to_json())["States"]

    assert states["Take"]["Arguments"]["Payload"] == "{% $states.input %}"
    assert states["Take"]["Retry"][0] == {"ErrorEquals": ["InvalidInput"], "MaxAttempts": 0}
    assert states["Take"]["Catch"][0]["Next"] == "Refuse input"
    assert len(json.loads(alone.definition.to_json())["States"]) == 1


def test_other_errors_of_the_first_task_go_to_the_handler() -> None:
    execution = Machine(guarded.definition, name="guarded").run(
        {"card": CARD}, tasks={"take": fail, "give_back": lambda payload: None}
    )

    assert (execution.error, "Give back" in execution.path) == ("ValueError", True)


def fail(payload: Any) -> None:
    raise ValueError("broken")


@workflow(checked=True)
def partial(card: Card, note: str = "a") -> str:
    return take_some(card) + note


@workflow(checked=True)
def another_default(card: Card, note: str = "a") -> str:
    return take_otherwise(card, note)


@workflow(checked=True)
def changed(card: Card, note: str = "a") -> str:
    note = note + "!"
    return take(card, note)


@workflow(checked=True)
def exchanged(card: Card, note: str = "a", other: str = "a") -> str:
    return take_two(card, other, note)


@workflow(checked=True)
def sometimes(card: Card, note: str = "a") -> str:
    if note == "a":
        return take(card, note)
    return note


@workflow(checked=True)
def handled(card: Card, note: str = "a") -> str:
    try:
        return take(card, note)
    except InvalidInput:
        return "refused"


@workflow(checked=True)
def without_tasks(note: str = "a") -> str:
    return note


BY_EXPRESSIONS: list[Workflow[..., Any]] = [
    partial,
    another_default,
    changed,
    exchanged,
    sometimes,
    handled,
    without_tasks,
]


@pytest.mark.parametrize("workflow", BY_EXPRESSIONS, ids=named)
def test_expressions_check_what_the_first_task_does_not_get_as_it_came(workflow: Workflow[..., Any]) -> None:
    assert workflow.check == "by expressions"
    assert ran(workflow, {"card": CARD, "note": 5}).error == "States.QueryEvaluationError"


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=named)
def test_the_first_task_checks_what_it_gets_as_it_came(workflow: Workflow[..., Any]) -> None:
    assert workflow.check == "by task"
