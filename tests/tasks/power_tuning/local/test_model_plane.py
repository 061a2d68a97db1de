import base64

import pytest

from tasks.power_tuning.aws.service_errors import ServiceError
from tasks.power_tuning.local.model_plane import (
    InMemoryLambda,
    ModelCall,
    ModelFunction,
    ModelOutcome,
    ModelVersion,
)
from tests.tasks.power_tuning.worlds import ARN, used_function


def service(function: ModelFunction | None = None) -> InMemoryLambda:
    return InMemoryLambda(
        {ARN: function or used_function()}, lambda call: ModelOutcome(payload=str(call.memory), log="log")
    )


def test_publishing_an_unchanged_function_gives_the_last_version_again() -> None:
    lambda_ = service()

    assert lambda_.publish_version(FunctionName=ARN)["Version"] == "7"
    assert list(lambda_.functions[ARN].versions) == ["7"]


@pytest.mark.parametrize("change", [{"MemorySize": 1024}, {"Description": "other"}])
def test_publishing_a_changed_function_gives_the_next_version(change: dict[str, object]) -> None:
    lambda_ = service()
    lambda_.update_function_configuration(FunctionName=ARN, **change)  # pyright: ignore[reportArgumentType] - either

    assert lambda_.publish_version(FunctionName=ARN)["Version"] == "8"


def test_a_version_can_have_a_description_of_its_own() -> None:
    lambda_ = service()
    lambda_.update_function_configuration(FunctionName=ARN, MemorySize=640)

    lambda_.publish_version(FunctionName=ARN, Description="release")

    assert lambda_.functions[ARN].versions["8"] == ModelVersion(640, "release")
    assert lambda_.publish_version(FunctionName=ARN)["Version"] == "8"


def test_version_numbers_are_never_given_twice() -> None:
    lambda_ = service(ModelFunction())
    lambda_.publish_version(FunctionName=ARN)
    lambda_.delete_function(FunctionName=ARN, Qualifier="1")

    assert lambda_.publish_version(FunctionName=ARN)["Version"] == "2"


def test_an_update_without_a_description_keeps_it() -> None:
    lambda_ = service()

    lambda_.update_function_configuration(FunctionName=ARN, MemorySize=640)

    assert lambda_.get_function_configuration(FunctionName=ARN)["Description"] == "the user's"


def test_a_version_that_an_alias_refers_to_cannot_be_deleted() -> None:
    with pytest.raises(ServiceError, match=r"aliases reference it: \[live\]"):
        service().delete_function(FunctionName=ARN, Qualifier="7")


def test_an_alias_is_created_once_moved_and_deleted() -> None:
    lambda_ = service()
    lambda_.functions[ARN].versions["8"] = ModelVersion(128)

    lambda_.create_alias(FunctionName=ARN, Name="next", FunctionVersion="7")
    lambda_.update_alias(FunctionName=ARN, Name="next", FunctionVersion="8")
    with pytest.raises(ServiceError, match="Alias already exists"):
        lambda_.create_alias(FunctionName=ARN, Name="next", FunctionVersion="7")

    assert lambda_.get_alias(FunctionName=ARN, Name="next")["FunctionVersion"] == "8"
    lambda_.delete_alias(FunctionName=ARN, Name="next")
    with pytest.raises(ServiceError, match="Cannot find alias"):
        lambda_.delete_alias(FunctionName=ARN, Name="next")
    with pytest.raises(ServiceError, match="Cannot find alias"):
        lambda_.get_alias(FunctionName=ARN, Name="next")


def test_what_is_not_there_is_not_found() -> None:
    lambda_ = service()

    for call in (
        lambda: lambda_.get_function_configuration(FunctionName="other"),
        lambda: lambda_.get_function_configuration(FunctionName=ARN, Qualifier="9"),
        lambda: lambda_.delete_function(FunctionName=ARN, Qualifier="9"),
        lambda: lambda_.create_alias(FunctionName=ARN, Name="a", FunctionVersion="9"),
        lambda: lambda_.invoke(FunctionName=ARN, Qualifier="gone", Payload="null"),
        lambda: lambda_.get_waiter("function_active_v2").wait(FunctionName=ARN, Qualifier="9"),
    ):
        with pytest.raises(ServiceError) as caught:
            call()
        assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_an_alias_is_invoked_with_the_memory_of_its_version() -> None:
    lambda_ = service(used_function(memory=512))
    lambda_.update_function_configuration(FunctionName=ARN, MemorySize=2048)

    answer = lambda_.invoke(FunctionName=ARN, Qualifier="live", Payload="null", LogType="Tail")

    assert answer["Payload"] == "512"
    assert base64.b64decode(str(answer["LogResult"])) == b"log"


def test_the_first_invocation_of_a_version_is_known_to_be_the_first() -> None:
    seen: list[ModelCall] = []
    lambda_ = InMemoryLambda({ARN: used_function()}, lambda call: seen.append(call) or ModelOutcome())

    for qualifier in ("7", "7", "live"):
        lambda_.invoke(FunctionName=ARN, Qualifier=qualifier, Payload="null")

    assert [call.is_first for call in seen] == [True, False, True]


def test_versions_are_listed_in_pages() -> None:
    versions = {str(number): ModelVersion(128) for number in range(1, 121)}
    lambda_ = service(ModelFunction(versions=versions))

    first = lambda_.list_versions_by_function(FunctionName=ARN)
    second = lambda_.list_versions_by_function(FunctionName=ARN, Marker="50")
    third = lambda_.list_versions_by_function(FunctionName=ARN, Marker="100")

    assert (first["NextMarker"], second["NextMarker"], third.get("NextMarker")) == ("50", "100", None)


def test_every_arn_is_a_function_where_the_model_makes_them() -> None:
    lambda_ = InMemoryLambda({}, lambda call: ModelOutcome(), unknown=ModelFunction)

    lambda_.update_function_configuration(FunctionName=ARN, MemorySize=256)

    assert lambda_.get_function_configuration(FunctionName=ARN)["MemorySize"] == 256


def test_its_configurations_say_that_it_is_a_model() -> None:
    assert service().get_function_configuration(FunctionName=ARN)["MeasuredBy"] == "a performance model"


def test_its_sleep_takes_no_time_and_is_added_up() -> None:
    lambda_ = service()

    lambda_.sleep(3600)
    lambda_.sleep(1)

    assert lambda_.slept == 3601


def test_changes_answer_with_what_is_there_then() -> None:
    lambda_ = service(used_function(aliases={}))

    assert lambda_.update_function_configuration(FunctionName=ARN, MemorySize=640) == {"MemorySize": 640}
    assert lambda_.create_alias(FunctionName=ARN, Name="a", FunctionVersion="7") == {
        "Name": "a",
        "FunctionVersion": "7",
    }
    assert lambda_.update_alias(FunctionName=ARN, Name="a", FunctionVersion="7") == {
        "Name": "a",
        "FunctionVersion": "7",
    }
    assert lambda_.delete_alias(FunctionName=ARN, Name="a") == {}
    assert lambda_.delete_function(FunctionName=ARN, Qualifier="7") == {}


def test_an_alias_moves_only_to_a_version_that_is_there() -> None:
    lambda_ = service()

    with pytest.raises(ServiceError, match="Function not found: 9"):
        lambda_.update_alias(FunctionName=ARN, Name="live", FunctionVersion="9")
    assert lambda_.functions[ARN].aliases == {"live": "7"}


@pytest.mark.parametrize(("count", "pages"), [(50, [50]), (51, [50, 1]), (100, [50, 50])])
def test_a_page_has_fifty_versions_and_a_marker_where_there_are_more(count: int, pages: list[int]) -> None:
    versions = {str(number): ModelVersion(128, f"v{number}") for number in range(1, count + 1)}
    lambda_ = service(ModelFunction(versions=versions))
    marker, seen = "0", list[int]()

    while marker:
        page = lambda_.list_versions_by_function(FunctionName=ARN, Marker=marker)
        seen.append(len(page["Versions"]))  # type: ignore[arg-type]  # a list
        marker = str(page.get("NextMarker", ""))

    assert seen == pages


@pytest.mark.parametrize(("architecture", "told"), [("arm64", ["arm64"]), (None, None)])
def test_the_architecture_is_told_where_there_is_one(architecture: str | None, told: object) -> None:
    lambda_ = service(ModelFunction(architecture=architecture))

    assert lambda_.get_function_configuration(FunctionName=ARN).get("Architectures") == told


def test_what_a_model_is_not_told_is_as_it_is_at_lambda() -> None:
    function = ModelFunction()

    assert (function.memory, function.description, function.architecture) == (128, "", "x86_64")
    assert (function.state, function.aliases, function.versions, function.counter) == ("Active", {}, {}, 0)
    assert ModelOutcome() == ModelOutcome(payload="null", log="", function_error=None)
