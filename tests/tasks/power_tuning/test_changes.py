"""PT-03, PT-04: whatever happens, the function, its versions and its aliases are afterwards as they were."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepsmith import WorkflowError
from tasks.errors import Conflict, Forbidden, Throttled
from tasks.power_tuning import changes
from tasks.power_tuning.aws.control_plane import read_configuration
from tasks.power_tuning.aws.service_errors import ServiceError
from tasks.power_tuning.local.model_plane import ModelFunction, ModelVersion
from tasks.power_tuning.models import TuningPlan
from tests.tasks.power_tuning.worlds import ARN, FaultyLambda, plan_for, throttled, used_function


def published(plan: TuningPlan, lambda_: FaultyLambda) -> list[str]:
    return [number for power in plan.powers for number in changes.publish(plan, power, lambda_).versions]


def test_each_memory_size_gets_a_version_of_its_own() -> None:
    lambda_ = FaultyLambda()
    plan = plan_for(lambda_)

    numbers = published(plan, lambda_)

    assert numbers == ["8", "9", "10"]
    assert [lambda_.function.versions[number].memory for number in numbers] == [128, 512, 1024]


def test_a_version_tells_which_run_made_it_and_why() -> None:
    lambda_ = FaultyLambda()

    changes.publish(plan_for(lambda_, onlyColdStarts=True), 128, lambda_)

    assert lambda_.function.versions["12"].description == "stepsmith power tuning run-1: 128 MB, 5 of 5"
    assert lambda_.function.description == "stepsmith power tuning run-1: 128 MB, 5 of 5"


def test_every_change_waits_for_the_one_before_and_is_waited_for() -> None:
    """Lambda refuses a change while another one is under way, and publishes what is there."""
    lambda_ = FaultyLambda()
    plan = plan_for(lambda_, autoOptimize=True, autoOptimizeAlias="live")
    wait, change = "get_waiter", "update_function_configuration"
    steps: list[list[str]] = []

    for act in (
        lambda: changes.publish(plan, 128, lambda_),
        lambda: changes.restore(plan, lambda_),
        lambda: changes.optimise(plan, 128, lambda_),
    ):
        lambda_.calls.clear()
        act()
        steps.append([method for method, _ in lambda_.calls])

    assert steps == [
        ["list_versions_by_function", wait, change, wait, "publish_version"],
        ["get_function_configuration", wait, change, wait],
        [change, wait, "publish_version", "get_alias", "update_alias", change, wait],
    ]


def test_pt_05_a_size_above_the_limit_is_told_with_the_versions_made_so_far() -> None:
    refused = ServiceError("InvalidParameterValueException", "less than or equal to 3008")

    def fault(number: int, method: str) -> Exception | None:
        is_third = method == "update_function_configuration" and len(lambda_.made(method)) == 3
        return refused if is_third else None

    lambda_ = FaultyLambda(fault=fault)

    made = changes.publish(plan_for(lambda_, onlyColdStarts=True), 10_240, lambda_)

    assert (made.power, made.versions) == (10_240, ["8", "9"])
    assert made.failure == "InvalidParameterValueException: less than or equal to 3008"


def test_the_function_is_left_as_it_was_although_the_alias_cannot_be_moved() -> None:
    refused = ServiceError("AccessDeniedException", "no")
    lambda_ = FaultyLambda(fault=lambda number, method: refused if method == "update_alias" else None)
    plan = plan_for(lambda_, autoOptimize=True, autoOptimizeAlias="live")

    with pytest.raises(Forbidden):
        changes.optimise(plan, 1024, lambda_)
    assert lambda_.function.memory == 512


def test_each_cold_start_gets_a_version_of_its_own() -> None:
    lambda_ = FaultyLambda()
    plan = plan_for(lambda_, onlyColdStarts=True)

    numbers = changes.publish(plan, 128, lambda_).versions

    assert numbers == ["8", "9", "10", "11", "12"]


@pytest.mark.parametrize("aliases", [{"live": "7"}, {}])
def test_a_power_that_the_function_has_already_touches_nothing_of_the_user(aliases: dict[str, str]) -> None:
    """PT-04: there, publishing an unchanged function gives out the user's own version."""
    lambda_ = FaultyLambda(function=used_function(memory=128, aliases=aliases))
    before = lambda_.state()
    plan = plan_for(lambda_)

    numbers = published(plan, lambda_)
    changes.clean_up(plan, lambda_)

    assert "7" not in numbers
    assert lambda_.state() == before


def test_a_publication_that_was_cut_off_goes_on_where_it_stopped() -> None:
    lambda_ = FaultyLambda(fault=lambda number, method: throttled() if number == 15 else None)
    plan = plan_for(lambda_, onlyColdStarts=True)

    with pytest.raises(Throttled):
        changes.publish(plan, 128, lambda_)
    started = len(lambda_.function.versions)
    numbers = changes.publish(plan, 128, lambda_).versions

    assert started > 1
    assert numbers == ["8", "9", "10", "11", "12"]


@pytest.mark.parametrize("last", [8, 100])
def test_a_version_from_before_is_never_taken_for_ours(last: int) -> None:
    lambda_ = FaultyLambda()
    plan = plan_for(lambda_).model_copy(update={"last_version": last})

    with pytest.raises(Conflict, match="version 8 was there before"):
        changes.publish(plan, 128, lambda_)


def test_cleaning_restores_the_function_and_deletes_our_versions() -> None:
    lambda_ = FaultyLambda()
    before = lambda_.state()
    plan = plan_for(lambda_)
    published(plan, lambda_)

    done = changes.clean_up(plan, lambda_)

    assert lambda_.state() == before
    assert (done.deleted, done.kept, done.is_restored) == (["8", "9", "10"], [], True)


def test_cleaning_again_does_nothing() -> None:
    lambda_ = FaultyLambda()
    plan = plan_for(lambda_)
    published(plan, lambda_)
    changes.clean_up(plan, lambda_)
    before = lambda_.state()

    done = changes.clean_up(plan, lambda_)

    assert lambda_.state() == before
    assert (done.deleted, done.is_restored) == ([], False)


def test_a_version_that_somebody_published_meanwhile_stays() -> None:
    lambda_ = FaultyLambda()
    plan = plan_for(lambda_)
    published(plan, lambda_)
    lambda_.function.versions["11"] = ModelVersion(2048, "a release")

    changes.clean_up(plan, lambda_)

    assert list(lambda_.function.versions) == ["7", "11"]


def test_a_version_of_ours_that_somebody_points_an_alias_at_stays_and_is_named() -> None:
    lambda_ = FaultyLambda()
    plan = plan_for(lambda_)
    published(plan, lambda_)
    lambda_.function.aliases["canary"] = "9"

    done = changes.clean_up(plan, lambda_)

    assert (done.deleted, done.kept) == (["8", "10"], ["9"])


def test_leftovers_of_an_earlier_run_are_not_this_run_s_to_delete() -> None:
    lambda_ = FaultyLambda()
    lambda_.function.versions["8"] = ModelVersion(128, f"{changes.MARK}run-0: 128 MB, 1 of 1")
    plan = plan_for(lambda_)
    published(plan, lambda_)

    changes.clean_up(plan, lambda_)

    assert list(lambda_.function.versions) == ["7", "8"]


def test_a_version_from_before_the_plan_is_not_this_run_s_to_delete_whatever_it_says() -> None:
    lambda_ = FaultyLambda(function=used_function(aliases={}))
    plan = plan_for(lambda_)
    lambda_.function.versions["7"] = ModelVersion(128, f"{changes.MARK}run-1: 128 MB, 1 of 1")

    assert changes.clean_up(plan, lambda_).deleted == []
    assert list(lambda_.function.versions) == ["7"]


def test_versions_of_another_run_at_the_same_time_are_not_this_run_s_to_delete() -> None:
    lambda_ = FaultyLambda()
    first, second = plan_for(lambda_, "run-1"), plan_for(lambda_, "run-2")
    changes.publish(first, 128, lambda_)
    changes.restore(first, lambda_)
    changes.publish(second, 128, lambda_)

    done = changes.clean_up(first, lambda_)

    assert (done.deleted, done.is_restored) == (["8"], False)
    assert changes.clean_up(second, lambda_).deleted == ["9"]


def test_a_function_that_somebody_changed_meanwhile_is_not_set_back() -> None:
    lambda_ = FaultyLambda()
    plan = plan_for(lambda_)
    published(plan, lambda_)
    lambda_.function.memory, lambda_.function.description = 2048, "a new release"

    assert not changes.restore(plan, lambda_)
    assert (lambda_.function.memory, lambda_.function.description) == (2048, "a new release")


def test_cleaning_goes_on_after_a_failure_and_raises_it() -> None:
    def refused(number: int, method: str) -> Exception | None:
        is_first = method == "delete_function" and len(lambda_.made(method)) == 1
        return throttled() if is_first else None

    lambda_ = FaultyLambda(fault=refused)
    plan = plan_for(lambda_)
    published(plan, lambda_)

    with pytest.raises(Throttled):
        changes.clean_up(plan, lambda_)
    assert list(lambda_.function.versions) == ["7", "8"]


def test_a_function_in_the_middle_of_a_run_is_not_tuned_again() -> None:
    lambda_ = FaultyLambda()
    plan = plan_for(lambda_)
    changes.publish(plan, 128, lambda_)

    with pytest.raises(Conflict, match="is being tuned"):
        plan_for(lambda_)


def test_a_function_without_description_gets_none_back() -> None:
    lambda_ = FaultyLambda(function=ModelFunction(memory=256, description=""))
    plan = plan_for(lambda_)
    published(plan, lambda_)

    changes.clean_up(plan, lambda_)

    assert (lambda_.function.memory, lambda_.function.description, lambda_.function.versions) == (256, "", {})


def test_the_best_size_is_set_on_the_function() -> None:
    lambda_ = FaultyLambda()

    number = changes.optimise(plan_for(lambda_, autoOptimize=True), 1024, lambda_)

    assert number is None
    assert read_configuration(lambda_, ARN).memory == 1024


def test_the_best_size_is_published_under_the_alias_and_the_function_left_as_it_was() -> None:
    lambda_ = FaultyLambda()
    plan = plan_for(lambda_, autoOptimize=True, autoOptimizeAlias="live")

    number = changes.optimise(plan, 1024, lambda_)

    assert number == "8"
    assert lambda_.function.aliases == {"live": "8"}
    assert lambda_.function.versions["8"] == ModelVersion(1024, "the user's")
    assert (lambda_.function.memory, lambda_.function.description) == (512, "the user's")


@settings(max_examples=60, deadline=None)
@given(failing=st.integers(1, 60), is_cold=st.booleans(), memory=st.sampled_from([128, 512, 640]))
def test_after_a_failure_anywhere_cleaning_leaves_everything_as_it_was(
    failing: int, is_cold: bool, memory: int
) -> None:
    """PT-03: the call that fails, and an abort at that place, are the same to the function."""
    lambda_ = FaultyLambda(
        function=used_function(memory=memory),
        fault=lambda number, method: throttled() if number == failing + 2 else None,
    )
    before = lambda_.state()
    plan = plan_for(lambda_, onlyColdStarts=is_cold)
    try:
        published(plan, lambda_)
        changes.restore(plan, lambda_)
        changes.clean_up(plan, lambda_)
    except WorkflowError:
        changes.clean_up(plan, lambda_)

    assert lambda_.state() == before
