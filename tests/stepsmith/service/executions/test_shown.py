"""What notebooks are given of workflows, machines and executions."""

from typing import Any

import pytest
from pydantic import BaseModel

from stepsmith import Personal, WorkflowError, task, unmasked, workflow
from stepsmith.service import load
from stepsmith.views.graphs import layout

HOSTILE: dict[str, Any] = {
    "StartAt": "<script>x</script>",
    "States": {"<script>x</script>": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:f"}},
}
HOSTILE["States"]["<script>x</script>"]["End"] = True


@task
def break_down(number: int) -> int:
    """Fail."""
    raise ValueError(f"<b>{number}</b>")


@task
def tidy(number: int) -> None:
    """Put something right."""


@workflow
def tidying(number: int) -> int:
    """Fail, tidy, and fail again."""
    try:
        result = break_down(number)
    except Exception:
        tidy(number)
        raise
    return result


def test_a_workflow_and_its_machine_are_pictures_with_a_text() -> None:
    shown, loaded = tidying._repr_mimebundle_(), load(HOSTILE, name="m")._repr_mimebundle_()

    assert set(shown) == set(loaded) == {"image/svg+xml", "text/plain"}
    assert shown["text/plain"].startswith("tidying\nstart: ")


def test_a_state_called_script_stays_text() -> None:
    machine = load(HOSTILE, name="<script>")
    execution = machine.run({"<script>": "<script>"}, tasks={"f": lambda payload: payload})

    assert "<script" not in machine._repr_mimebundle_()["image/svg+xml"]
    assert "<script" not in execution._repr_mimebundle_()["text/html"]


def test_without_graphviz_there_is_mermaid_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise layout.LayoutUnavailable("no Graphviz")

    layout.place.cache_clear()
    monkeypatch.setattr(layout, "_graphviz_layout", missing)

    machine = load(HOSTILE, name="m")
    execution = machine.run({}, tasks={"f": lambda payload: payload})

    assert set(machine._repr_mimebundle_()) == {"text/vnd.mermaid", "text/plain"}
    assert "[Task f] succeeded" in execution._repr_mimebundle_()["text/html"]


def test_a_failure_that_was_raised_again_is_shown_where_it_began() -> None:
    execution = tidying.run(5)

    bundle = execution._repr_mimebundle_()  # type: ignore[attr-defined]  # the protocol says nothing of notebooks
    assert "in state <strong>Break down</strong>" in bundle["text/html"]
    assert "result = break_down(number)" in bundle["text/html"]
    assert "ValueError in state Break down: <b>5</b>" in bundle["text/plain"]
    assert "<b>5" not in bundle["text/html"]


def test_an_execution_that_waits_is_shown_as_running() -> None:
    live = load(HOSTILE, name="m").start({}, tasks={"f": lambda payload: payload})

    assert "text/html" in live._repr_mimebundle_()
    live.wait(10)


def test_a_failure_without_source_has_no_line() -> None:
    def refuse(payload: Any) -> None:
        raise WorkflowError("never")

    execution = load(HOSTILE, name="m").run({}, tasks={"f": refuse})

    assert "WorkflowError" in execution._repr_mimebundle_()["text/plain"]
    assert ".py:" not in execution._repr_mimebundle_()["text/plain"]


def test_personal_fields_are_masked_even_where_a_state_makes_an_error_of_them() -> None:
    class Person(BaseModel):
        name: Personal[str]

    @task
    def find(id: str) -> Person:
        """Find a person."""
        return Person(name="Xanthippe")

    definition = {
        "QueryLanguage": "JSONata",
        "StartAt": "Find",
        "States": {
            "Find": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Arguments": {"FunctionName": "find", "Payload": {"id": "1"}},
                "Output": "{% $states.result.Payload %}",
                "Next": "Give up",
            },
            "Give up": {
                "Type": "Fail",
                "Error": "{% 'No' & $states.input.name %}",
                "Cause": "{% $states.input.name & ' is away' %}",
            },
        },
    }
    execution = load(definition, name="m").run({}, tasks={"find": find})

    masked = execution._repr_mimebundle_()
    with unmasked():
        shown = execution._repr_mimebundle_()

    assert execution.error == "NoXanthippe"
    assert "Xanthippe" not in masked["text/html"] + masked["text/plain"]
    assert "No••• in state Give up: ••• is away" in masked["text/plain"]
    assert "NoXanthippe in state Give up: Xanthippe is away" in shown["text/plain"]
