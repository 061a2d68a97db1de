"""Options of workflows: time limits, Express, and those of a child."""

from datetime import timedelta
from typing import Any

import pytest

from stepsmith import DefinitionError, Retry, TaskTimeout, WorkflowError, csv_rows, map_items, task, workflow
from stepsmith.deploy.application import Application
from stepsmith.deploy.template.assembly import render_template
from tests.stepsmith.authoring.compiler.equivalence.options import Bad, limited, quick, slow


class Named(WorkflowError):
    name = "of its own"


@task
def echo(text: str) -> str:
    return text


def test_a_time_limit_is_that_of_the_state_machine() -> None:
    assert limited.definition.timeout_seconds == 60
    assert limited.run(number=26).status == "TIMED_OUT"
    with pytest.raises(TaskTimeout):
        limited(26)


def test_a_time_limit_has_whole_seconds() -> None:
    def late(text: str) -> str:
        return text

    with pytest.raises(ValueError, match="timeout"):
        workflow(timeout=timedelta(milliseconds=1500))(late)


def test_a_child_is_not_retried_on_errors_that_no_state_sees() -> None:
    with pytest.raises(ValueError, match=r"States\.TaskFailed, never with Bad"):
        slow.with_options(retry=[Retry.on(Bad)])


def test_options_of_a_child_leave_the_workflow_as_it_is() -> None:
    made = slow.with_options(name="Slowly")

    assert (made.as_child.name, slow.as_child.name) == ("Slowly", "Slow")
    assert made.definition is slow.definition


def test_an_express_workflow_is_no_child() -> None:
    def asking(number: int) -> str:
        return quick(number)

    with pytest.raises(DefinitionError, match="W234 quick is an Express workflow"):
        workflow(asking)


def test_a_distributed_map_is_not_express() -> None:
    def spread(texts: list[str]) -> list[str]:
        return map_items(texts, echo, distributed=True)

    with pytest.raises(DefinitionError, match="W234 state 'Each text' is a distributed Map"):
        workflow(express=True)(spread)


def test_an_error_name_that_python_does_not_have_is_refused() -> None:
    def naming(text: str) -> str:
        try:
            return echo(text)
        except Exception as error:
            return error.name  # type: ignore[attr-defined, no-any-return]  # the mistake

    with pytest.raises(DefinitionError, match="W131 Exception has errors without a name"):
        workflow(naming)


def test_an_error_says_its_name() -> None:
    class Other(Bad):
        error_name = "Other.Name"

    class Below(Other): ...

    assert [Bad().name, Other().name, Below().name, TaskTimeout().name] == [
        "Bad",
        "Other.Name",
        "Below",
        "States.Timeout",
    ]
    assert Named().name == "of its own"


def test_an_express_workflow_is_deployed_as_one() -> None:
    template: Any = render_template(Application((quick,)), lambda task: "package")

    kinds = [
        each["Properties"]["StateMachineType"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::StepFunctions::StateMachine"
    ]
    assert kinds == ["EXPRESS"]


def test_a_workflow_refuses_with_what_it_names_and_all_below_that() -> None:
    class Declined(WorkflowError): ...

    class CardDeclined(Declined): ...

    @workflow(refusals=(Declined,))
    def charging(text: str) -> str:
        return echo(text)

    assert charging.refusals == ("CardDeclined", "Declined")
    assert charging.with_options(timeout=timedelta(seconds=5)).refusals == ("CardDeclined", "Declined")


def test_an_error_of_the_states_language_is_no_refusal() -> None:
    with pytest.raises(ValueError, match=r"cannot be a refusal: it tells of a fault"):
        workflow(refusals=(TaskTimeout,))


def test_the_headers_of_a_csv_file_may_be_given() -> None:
    def reading(bucket: str) -> list[str]:
        return map_items(csv_rows(bucket, "k", dict[str, str], headers=["a", "b"]), first, distributed=True)

    config = workflow(reading).definition.states["Each row"].item_reader.reader_config  # type: ignore[union-attr]

    assert (config.csv_header_location, config.csv_headers) == ("GIVEN", ("a", "b"))  # type: ignore[union-attr]


@task
def first(row: dict[str, str]) -> str:
    return row["a"]
