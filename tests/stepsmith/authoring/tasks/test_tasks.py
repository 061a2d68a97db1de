"""Tasks: called plainly, called with JSON, and configured."""

from datetime import timedelta
from typing import Any, cast

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from stepsmith import (
    DefinitionError,
    InvalidInput,
    Retry,
    StepsmithError,
    TaskToken,
    callback_task,
    client,
    integration,
    task,
    using_clients,
)


class Picture(BaseModel):
    key: str
    width: int = 1


@task
def enlarge(picture: Picture, by: int = 2, *, s3: Any = client("s3")) -> Picture:
    """Make a picture larger."""
    return Picture(key=f"{picture.key}/{s3}", width=picture.width * by)


@task(name="Look at it", retry=[Retry(max_attempts=1)], timeout=timedelta(seconds=30))
def look(picture: Picture) -> str:
    return picture.key


TOKENS: list[tuple[str, str]] = []


@callback_task(Picture, timeout=timedelta(hours=1), heartbeat=timedelta(minutes=1))
def ask(token: TaskToken, question: str) -> None:
    TOKENS.append((token, question))


@integration("dynamodb:getItem")
def get_item(TableName: str, *, dynamodb: Any = client("dynamodb")) -> dict[str, Any]:
    return dynamodb.get_item(TableName=TableName)


def test_a_task_called_directly_is_the_function_with_its_objects() -> None:
    assert enlarge(Picture(key="a", width=3), s3="here") == Picture(key="a/here", width=6)


def test_a_task_keeps_its_name_and_documentation() -> None:
    assert enlarge.__name__ == "enlarge"
    assert enlarge.__doc__ == "Make a picture larger."
    assert repr(enlarge) == "<task enlarge>"


def test_handle_takes_and_gives_json_and_fills_in_defaults_and_clients() -> None:
    with using_clients(lambda service: f"the {service}"):
        result = enlarge.handle({"picture": {"key": "a", "width": 3}})

    assert result == {"key": "a/the s3", "width": 6}


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"picture": {"key": 1}}, r"picture\.key: Input should be a valid string"),
        ({}, "picture is missing"),
        ({"picture": {"key": "a"}, "bye": 3}, r"there is no input 'bye'; did you mean 'by'\?"),
        ([1], "the input is a list; it has to be an object with picture, by"),
        (None, "the input is null; it has to be an object with picture, by"),
        (True, "the input is true; it has to be an object with"),
        (5, "the input is a number; it has to be an object with"),
        ("a", "the input is a text; it has to be an object with"),
        (b"a", "the input is of type bytes; it has to be an object with"),
    ],
)
def test_a_payload_that_does_not_fit_is_answered_with_the_name_of_the_field(
    payload: Any, message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        enlarge.handle(payload, s3=None)


def test_a_result_of_another_type_than_declared_is_an_error() -> None:
    @task
    def wrong() -> int:
        return "no"  # pyright: ignore[reportReturnType] - what is tested

    with pytest.raises(ValidationError):
        wrong.handle({})


def test_states_are_named_after_the_function_unless_the_task_says_otherwise() -> None:
    assert enlarge.name == "Enlarge"
    assert look.name == "Look at it"
    assert look.with_options(name="Look again").name == "Look again"


def test_options_make_another_task_and_leave_the_first_alone() -> None:
    patient = look.with_options(retry=[Retry(max_attempts=9)], timeout=timedelta(seconds=60))

    assert patient.retry[0].max_attempts == 9
    assert patient.timeout == timedelta(seconds=60)
    assert look.retry[0].max_attempts == 1
    assert look.timeout == timedelta(seconds=30)
    assert patient.function is look.function


def test_a_callback_task_hands_its_token_to_the_function() -> None:
    ask.handle({"token": "t-1", "question": "well?"})

    assert TOKENS == [("t-1", "well?")]
    assert isinstance(TOKENS[0][0], TaskToken)


def test_a_callback_task_without_token_is_refused() -> None:
    with pytest.raises(InvalidInput, match="token is missing: ask is called with a task token"):
        ask.handle({"question": "well?"})


def test_a_callback_task_outside_a_workflow_says_what_to_call() -> None:
    with pytest.raises(
        StepsmithError, match="ask waits for an answer; outside a workflow call its `function`"
    ):
        ask("well?")


def test_resources_say_how_the_state_machine_calls() -> None:
    assert enlarge.resource == "arn:aws:states:::lambda:invoke"
    assert ask.resource == "arn:aws:states:::lambda:invoke.waitForTaskToken"
    assert get_item.resource == "arn:aws:states:::dynamodb:getItem"


@pytest.mark.parametrize(
    "timeout", [timedelta(0), timedelta(seconds=1.5), timedelta(days=-1), timedelta(days=9999)]
)
def test_a_timeout_that_asl_does_not_allow_is_refused(timeout: timedelta) -> None:
    with pytest.raises(ValueError, match=r"timeout is .*, and must be 1 to 99999999 whole seconds"):
        task(timeout=timeout)(lambda: None)


def test_parameters_that_json_cannot_name_are_refused() -> None:
    def many(*numbers: int) -> int:
        return sum(numbers)

    with pytest.raises(
        DefinitionError, match=r"W108 many\(\) has parameter \*numbers, which JSON cannot name"
    ):
        task(many)


def test_a_value_that_pydantic_refuses_is_not_quoted_in_the_error() -> None:
    @task
    def parse(text: str) -> int:
        return cast("int", text)

    @task
    def check(text: str) -> None:
        TypeAdapter(int).validate_python(text)

    for each in (parse, check):
        with pytest.raises(ValidationError) as refused:
            each.handle({"text": "ada@example.ie"})

        assert "ada@example.ie" not in str(refused.value)
        assert "unable to parse string as an integer" in str(refused.value)
        assert refused.value.__cause__ is None
