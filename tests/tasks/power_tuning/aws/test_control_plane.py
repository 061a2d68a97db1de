import io
import time
from types import SimpleNamespace
from typing import Any

import pytest

from tasks.errors import Conflict, Corrupt, NotFound, Throttled
from tasks.power_tuning.aws import control_plane
from tasks.power_tuning.aws.control_plane import Configuration, Invocation, Version
from tasks.power_tuning.aws.service_errors import ServiceError
from tasks.power_tuning.local.model_plane import ModelFunction, ModelOutcome, ModelVersion
from tests.tasks.power_tuning.worlds import ARN, FaultyLambda, throttled, used_function


def answering(**answers: Any) -> Any:
    """A client whose methods always give the same answer."""
    return SimpleNamespace(**{name: lambda answer=answer, **_: answer for name, answer in answers.items()})


def test_a_configuration_is_read() -> None:
    configuration = control_plane.read_configuration(FaultyLambda(), ARN)

    assert configuration == Configuration(512, "the user's", "x86_64", False, "a performance model")


def test_aws_itself_measures_where_nothing_else_is_said() -> None:
    client = answering(
        get_function_configuration={"MemorySize": 128, "Architectures": ["arm64"], "State": "Pending"}
    )

    configuration = control_plane.read_configuration(client, ARN)

    assert configuration == Configuration(128, None, "arm64", True, "AWS Lambda")


def test_an_answer_without_a_memory_size_is_corrupt() -> None:
    with pytest.raises(Corrupt, match="without MemorySize"):
        control_plane.read_configuration(answering(get_function_configuration={}), ARN)


def test_all_pages_of_versions_are_read() -> None:
    versions = {str(number): ModelVersion(128, f"v{number}") for number in range(1, 121)}

    found = control_plane.versions(FaultyLambda(function=ModelFunction(versions=versions)), ARN)

    assert found == [Version(str(number), f"v{number}") for number in range(1, 121)]


def test_the_unpublished_function_is_no_version() -> None:
    client = answering(list_versions_by_function={"Versions": [{"Version": "$LATEST"}, {"Version": "3"}]})

    assert control_plane.versions(client, ARN) == [Version("3", "")]


def test_an_alias_is_created_then_moved() -> None:
    lambda_ = FaultyLambda(function=used_function(aliases={}))
    lambda_.function.versions["8"] = ModelVersion(128)

    control_plane.point_alias(lambda_, ARN, "live", "7")
    control_plane.point_alias(lambda_, ARN, "live", "8")

    assert lambda_.function.aliases == {"live": "8"}


def test_an_alias_that_somebody_else_creates_at_the_same_time_is_left() -> None:
    exists = ServiceError("ResourceConflictException", "Alias already exists: live")
    lambda_ = FaultyLambda(
        function=used_function(aliases={}),
        fault=lambda _, method: exists if method == "create_alias" else None,
    )

    control_plane.point_alias(lambda_, ARN, "live", "7")

    assert lambda_.function.aliases == {}


def test_another_conflict_over_an_alias_is_raised() -> None:
    conflict = ServiceError("ResourceConflictException", "something else")
    lambda_ = FaultyLambda(
        function=used_function(aliases={}),
        fault=lambda _, method: conflict if method == "create_alias" else None,
    )

    with pytest.raises(Conflict):
        control_plane.point_alias(lambda_, ARN, "live", "7")


def test_an_alias_that_is_not_there_names_no_version() -> None:
    assert control_plane.alias_version(FaultyLambda(), ARN, "other") is None
    assert control_plane.alias_version(FaultyLambda(), ARN, "live") == "7"


def test_failed_calls_raise_named_errors() -> None:
    lambda_ = FaultyLambda(fault=lambda number, method: throttled())

    for call in (
        lambda: control_plane.read_configuration(lambda_, ARN),
        lambda: control_plane.set_memory(lambda_, ARN, 128),
        lambda: control_plane.wait_until_updated(lambda_, ARN),
        lambda: control_plane.wait_until_active(lambda_, ARN, "7"),
        lambda: control_plane.publish(lambda_, ARN),
        lambda: control_plane.versions(lambda_, ARN),
        lambda: control_plane.delete_version(lambda_, ARN, "7"),
        lambda: control_plane.alias_version(lambda_, ARN, "live"),
        lambda: control_plane.delete_alias(lambda_, ARN, "live"),
        lambda: control_plane.invoke(lambda_, ARN, "null"),
    ):
        with pytest.raises(Throttled, match="Rate exceeded"):
            call()


def test_a_missing_function_is_not_found() -> None:
    with pytest.raises(NotFound, match="Function not found"):
        control_plane.read_configuration(FaultyLambda(), ARN + "2")


def test_the_payload_of_a_boto3_answer_is_a_stream() -> None:
    client = answering(
        invoke={"Payload": io.BytesIO(b'{"a": 1}'), "LogResult": "bG9n", "FunctionError": "Unhandled"}
    )

    answer = control_plane.invoke(client, ARN, "null", "7")

    assert answer == Invocation('{"a": 1}', "bG9n", has_failed=True)


@pytest.mark.parametrize(
    ("payload", "failure"), [('{"errorType": "E"}', {"errorType": "E"}), ("[]", {}), ("{", {})]
)
def test_the_failure_is_the_object_in_the_payload(payload: str, failure: dict[str, Any]) -> None:
    assert Invocation(payload, None, has_failed=True).failure == failure


def test_a_function_that_fails_is_an_answer() -> None:
    lambda_ = FaultyLambda(run=lambda call: ModelOutcome('{"errorType": "E"}', "", "Unhandled"))

    assert control_plane.invoke(lambda_, ARN, "null").has_failed


def test_a_model_waits_in_its_own_time() -> None:
    lambda_ = FaultyLambda()

    control_plane.sleep_of(lambda_)(3600)

    assert lambda_.model.slept == 3600


class Noting:
    """A client that notes its calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, method: str) -> Any:
        def call(*names: str, **parameters: Any) -> Any:
            self.calls.append((method, {**parameters, **({"waiter": names[0]} if names else {})}))
            return self if names else {"Version": "8", "FunctionVersion": "7", "Payload": "null"}

        return call


def test_each_question_is_one_call_with_what_it_names_and_nothing_else() -> None:
    client: Any = Noting()

    control_plane.set_memory(client, ARN, 256)
    control_plane.set_memory(client, ARN, 512, "")
    assert control_plane.publish(client, ARN) == "8"
    assert control_plane.publish(client, ARN, "") == "8"
    control_plane.wait_until_updated(client, ARN)
    control_plane.wait_until_active(client, ARN, "8")
    control_plane.delete_version(client, ARN, "8")
    control_plane.delete_alias(client, ARN, "live")
    control_plane.invoke(client, ARN, "1")
    control_plane.invoke(client, ARN, "2", "8")
    control_plane.point_alias(client, ARN, "live", "8")

    of = {"FunctionName": ARN}
    assert client.calls == [
        ("update_function_configuration", {**of, "MemorySize": 256}),
        ("update_function_configuration", {**of, "MemorySize": 512, "Description": ""}),
        ("publish_version", of),
        ("publish_version", {**of, "Description": ""}),
        ("get_waiter", {"waiter": "function_updated_v2"}),
        ("wait", of),
        ("get_waiter", {"waiter": "function_active_v2"}),
        ("wait", {**of, "Qualifier": "8"}),
        ("delete_function", {**of, "Qualifier": "8"}),
        ("delete_alias", {**of, "Name": "live"}),
        ("invoke", {**of, "Payload": "1", "LogType": "Tail"}),
        ("invoke", {**of, "Qualifier": "8", "Payload": "2", "LogType": "Tail"}),
        ("get_alias", {**of, "Name": "live"}),
        ("update_alias", {**of, "Name": "live", "FunctionVersion": "8"}),
    ]


@pytest.mark.parametrize("architectures", [None, [], "arm64"])
def test_a_function_that_names_no_architecture_has_the_first_one_there_was(architectures: Any) -> None:
    answer = {"MemorySize": 128, "Architectures": architectures}

    read = control_plane.read_configuration(answering(get_function_configuration=answer), ARN)

    assert (read.architecture, read.is_pending) == ("x86_64", False)


@pytest.mark.parametrize("payload", [b'"\xff"', bytearray(b'"\xff"'), io.BytesIO(b'"\xff"')])
def test_bytes_that_are_no_text_are_replaced(payload: Any) -> None:
    assert control_plane.invoke(answering(invoke={"Payload": payload}), ARN, "null").payload == '"\ufffd"'


@pytest.mark.parametrize("answer", [{}, {"Payload": None}, {"Payload": 5}])
def test_an_answer_without_a_payload_has_an_empty_one(answer: Any) -> None:
    assert control_plane.invoke(answering(invoke=answer), ARN, "null") == Invocation(
        "", None, has_failed=False
    )


def test_an_answer_without_a_version_is_corrupt() -> None:
    with pytest.raises(Corrupt, match="without Version"):
        control_plane.publish(answering(publish_version={"Version": 8}), ARN)


def test_the_wall_clock_is_waited_on_where_the_client_has_none() -> None:
    assert control_plane.sleep_of(answering()) is time.sleep


@pytest.mark.parametrize("marker", ["", None, 5])
def test_a_page_without_a_marker_is_the_last(marker: Any) -> None:
    def once(*, FunctionName: str) -> Any:
        return {"Versions": [{"Version": "1"}], "NextMarker": marker}

    client: Any = SimpleNamespace(list_versions_by_function=once)

    assert control_plane.versions(client, ARN) == [Version("1", "")]


@pytest.mark.parametrize(("method", "aliases"), [("update_alias", {"live": "7"}), ("create_alias", {})])
def test_moving_and_making_an_alias_fail_by_name(method: str, aliases: dict[str, str]) -> None:
    lambda_ = FaultyLambda(
        function=used_function(aliases=aliases),
        fault=lambda number, called: throttled() if called == method else None,
    )

    with pytest.raises(Throttled):
        control_plane.point_alias(lambda_, ARN, "live", "7")
