from __future__ import annotations

import json
from typing import Any

import pytest

from stepsmith import idempotency_token
from stepsmith.authoring.calls.clients import using_clients
from stepsmith.engine.ports import TaskFailed, TaskSubmitted, TaskSucceeded
from stepsmith.errors import InvalidInput, WorkflowError
from stepsmith.expressions.types import Json
from stepsmith.integrations import ClientRegistry, Dispatcher
from stepsmith.integrations.dispatch import refusal
from tests.stepsmith.integrations.calls import answers, failure, output, start_task

INVOKE = "arn:aws:states:::lambda:invoke"
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:work"


class Jammed(WorkflowError):
    """A named error."""


class Slow(WorkflowError):
    """An error with another name."""

    error_name = "States.Timeout"


def echo(payload: Json) -> Json:
    return {"got": payload}


@pytest.fixture
def clients() -> ClientRegistry:
    return ClientRegistry.local()


@pytest.mark.parametrize("name", [ARN, "work", "Work", "${work}"])
def test_a_function_is_found_by_arn_name_state_or_placeholder(clients: ClientRegistry, name: str) -> None:
    assert output(clients, ARN, {"a": 1}, {name: echo}) == {"got": {"a": 1}}


@pytest.mark.parametrize("named", [ARN, f"{ARN}:7", "work", "${work}", "work:PROD"])
def test_the_function_of_an_invoke_is_found_however_it_is_named(clients: ClientRegistry, named: str) -> None:
    result = output(clients, INVOKE, {"FunctionName": named, "Payload": 5}, {"work": echo})

    assert isinstance(result, dict)
    assert result["Payload"] == {"got": 5}


@pytest.mark.parametrize("named", [ARN, f"{ARN}:7", "work", "work:PROD"])
def test_a_function_given_by_arn_answers_to_its_name(clients: ClientRegistry, named: str) -> None:
    result = output(clients, INVOKE, {"FunctionName": named, "Payload": 5}, {ARN: echo})

    assert isinstance(result, dict)
    assert result["Payload"] == {"got": 5}


def test_a_function_given_by_arn_does_not_answer_for_another(clients: ClientRegistry) -> None:
    other = ARN.replace("eu-west-1", "eu-west-2")

    assert (
        failure(clients, INVOKE, {"FunctionName": other}, {ARN: echo})[0]
        == "Lambda.ResourceNotFoundException"
    )


def test_an_invoke_is_answered_as_the_service_does(clients: ClientRegistry) -> None:
    result = output(
        clients, INVOKE, {"FunctionName": "work", "Payload": [1]}, {"work": lambda payload: payload}
    )

    assert isinstance(result, dict)
    assert list(result) == [
        "ExecutedVersion",
        "Payload",
        "SdkHttpMetadata",
        "SdkResponseMetadata",
        "StatusCode",
    ]
    assert (result["ExecutedVersion"], result["StatusCode"]) == ("$LATEST", 200)


@pytest.mark.parametrize("qualifier", [None, "7", "PROD", "٧"])
@pytest.mark.parametrize(
    "result", [None, 1e25, "é\n", "😀", {"%s": ["%", "%%"]}, {"a": {}, "b": []}, "x" * 5000]
)
def test_the_text_of_an_answer_is_that_of_its_output(
    clients: ClientRegistry, result: Json, qualifier: str | None
) -> None:
    given: dict[str, Json] = {} if qualifier is None else {"Qualifier": qualifier}
    dispatcher = Dispatcher(clients, {"work": lambda payload: payload})
    task = start_task(INVOKE, {"FunctionName": "work", "Payload": result, **given})

    for _ in range(2):  # the second time it is known who answers
        answer = answers(dispatcher, task)[-1]

        assert isinstance(answer, TaskSucceeded)
        assert answer.text == json.dumps(answer.output, ensure_ascii=False, separators=(",", ":"))


def test_the_executed_version_is_that_of_the_qualifier(clients: ClientRegistry) -> None:
    parameters: Json = {"FunctionName": "work", "Qualifier": "12"}

    result = output(clients, INVOKE, parameters, {"work": echo})

    assert isinstance(result, dict)
    assert result["ExecutedVersion"] == "12"
    assert result["Payload"] == {"got": {}}


def test_an_event_is_answered_before_there_is_a_payload(clients: ClientRegistry) -> None:
    parameters: Json = {"FunctionName": "work", "InvocationType": "Event"}

    result = output(clients, INVOKE, parameters, {"work": echo})

    assert isinstance(result, dict)
    assert result["StatusCode"] == 202
    assert "Payload" not in result


def test_an_exception_is_the_error_object_of_lambda(clients: ClientRegistry) -> None:
    def work(payload: Json) -> Json:
        raise Jammed("stuck at 4")

    error, cause = failure(clients, ARN, {}, {"work": work})

    detail = json.loads(cause)
    assert error == "Jammed"
    assert list(detail) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert (detail["errorMessage"], detail["errorType"]) == ("stuck at 4", "Jammed")
    assert "raise Jammed" in detail["stackTrace"][-1]
    assert '": "' not in cause


def test_the_class_attribute_names_the_error(clients: ClientRegistry) -> None:
    def work(payload: Json) -> Json:
        raise Slow

    assert failure(clients, ARN, {}, {"work": work})[0] == "States.Timeout"


def test_a_missing_function_is_not_found(clients: ClientRegistry) -> None:
    error, cause = failure(clients, ARN, {})

    assert error == "Lambda.ResourceNotFoundException"
    assert cause.startswith(f"Function not found: {ARN}:$LATEST (Service: AWSLambda; Status Code: 404; ")
    assert cause.endswith("; Proxy: null)")


@pytest.mark.parametrize("value", [object(), {1, 2}, float("nan"), b"x"])
def test_a_result_that_is_no_json_is_a_marshalling_error(clients: ClientRegistry, value: object) -> None:
    error, _ = failure(clients, ARN, {}, {"work": lambda payload: value})

    assert error == "Runtime.MarshalError"


def test_a_result_is_what_json_makes_of_it(clients: ClientRegistry) -> None:
    assert output(clients, ARN, {}, {"work": lambda payload: {1: (2, 3)}}) == {"1": [2, 3]}


def test_a_result_does_not_change_with_the_functions_own_object(clients: ClientRegistry) -> None:
    kept: list[Json] = [1]

    result = output(clients, ARN, {}, {"work": lambda payload: kept})
    kept.append(2)

    assert result == [1]


def test_unknown_parameters_are_refused_in_the_words_of_aws(clients: ClientRegistry) -> None:
    found = refusal(INVOKE, {"FunctionName": "f", "Payloud": 1})

    assert found == (
        'The Parameters \'{"FunctionName":"f","Payloud":1}\' could not be used to start the Task: '
        '[The field "Payloud" is not supported by Step Functions]'
    )


@pytest.mark.parametrize("payload", [{}, {"FunctionName": 5}, {"FunctionName": ""}, [1], None])
def test_an_invoke_without_a_function_cannot_start(clients: ClientRegistry, payload: Json) -> None:
    assert "could not be used to start the Task" in (refusal(INVOKE, payload) or "")


def test_an_invoke_that_waits_for_a_token_is_only_submitted(clients: ClientRegistry) -> None:
    dispatcher = Dispatcher(clients, {"ask": lambda payload: None})
    task = start_task(f"{INVOKE}.waitForTaskToken", {"FunctionName": "ask", "Payload": {}}, token="t")

    found = answers(dispatcher, task)

    assert [type(each) for each in found] == [TaskSubmitted]


def test_a_function_plays_a_service_for_its_state(clients: ClientRegistry) -> None:
    assert output(clients, "arn:aws:states:::eks:call", {"Path": "/"}, {"Work": echo}) == {
        "got": {"Path": "/"}
    }


def test_a_function_plays_the_worker_of_an_activity(clients: ClientRegistry) -> None:
    dispatcher = Dispatcher(clients, {"Work": echo})

    found = answers(dispatcher, start_task("arn:aws:states:us-east-1:123456789012:activity:a", 1))

    assert isinstance(found[-1], TaskSucceeded)
    assert len(found) == 2


def test_an_activity_without_a_worker_gets_no_answer(clients: ClientRegistry) -> None:
    assert (
        answers(Dispatcher(clients), start_task("arn:aws:states:us-east-1:123456789012:activity:a", 1)) == []
    )


def test_a_task_that_cannot_be_called_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match="task 'work' is int, which cannot be called"):
        Dispatcher(ClientRegistry.local(), {"work": 5})


def test_the_same_attempt_has_the_same_request_id(clients: ClientRegistry) -> None:
    parameters: Json = {"FunctionName": "work"}

    assert output(clients, INVOKE, parameters, {"work": echo}) == output(
        clients, INVOKE, parameters, {"work": echo}
    )


def test_an_unexpected_exception_is_a_failure_of_the_task(clients: ClientRegistry) -> None:
    class Broken:
        def knows(self, state: str) -> bool:
            raise RuntimeError("no")

        def answer(self, state: str, payload: Json) -> Json:
            return None

    found = answers(Dispatcher(clients, mocked=Broken()), start_task(ARN, {}))

    assert found == [TaskFailed(id=1, error="States.Runtime", cause="RuntimeError('no')")]


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ("\ud800", "it holds half of a surrogate pair, which is no character"),
        ({"a": ["\udfff"]}, "it holds half of a surrogate pair, which is no character"),
        ({"\ud83d": 1}, "it holds half of a surrogate pair, which is no character"),
        (10**400, "it holds a number that no double holds"),
        ([-(10**309)], "it holds a number that no double holds"),
        ([10**5000], "it holds a number that no double holds"),
        (float("nan"), "it holds a number that no double holds"),
        ({1, 2}, "Object of type set is not JSON serializable"),
    ],
)
def test_a_result_that_no_json_text_holds_fails_the_task(
    clients: ClientRegistry, result: Any, reason: str
) -> None:
    error, cause = failure(clients, ARN, {}, {"work": lambda _: result})

    assert error == "Runtime.MarshalError"
    assert json.loads(cause or "")["errorMessage"] == f"Unable to marshal response: {reason}"


@pytest.mark.parametrize("result", ["\U0001f600é", 10**300, 2**1000 + 1, -(2**1023), {"\U0001f600": 1.5}])
def test_a_result_that_a_json_text_holds_comes_back_as_it_is(clients: ClientRegistry, result: Json) -> None:
    assert output(clients, ARN, {}, {"work": lambda _: result}) == result


def test_a_function_that_is_known_by_then_asks_for_its_token_like_the_first_time(
    clients: ClientRegistry,
) -> None:
    def tell(payload: Json) -> Json:
        return idempotency_token()

    dispatcher = Dispatcher(clients, {"tell": tell})
    told: list[Json] = []
    with using_clients(clients):
        for id in (1, 2):
            (answer,) = answers(dispatcher, start_task(ARN, {}, id=id, state="tell"))
            assert isinstance(answer, TaskSucceeded), answer
            told.append(answer.output)

    assert told == ["execution/tell:1", "execution/tell:2"]
