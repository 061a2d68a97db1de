"""The calls of the vending pass one by one, each repeated, on moto and in memory. VP-03."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from stepsmith import ClientRegistry
from tasks.errors import Conflict, Throttled
from tasks.vending_pass.drinks import issue_free_drink, status_of_voucher, tell_machine, withdraw_free_drink
from tasks.vending_pass.models import (
    Counted,
    DrinkTaken,
    ExecutionId,
    Identifier,
    MachineRefused,
    NotYetThere,
    Swipe,
    SwipeStatus,
)
from tasks.vending_pass.swipes import (
    count_points,
    find_open_swipe,
    holder_of_drink,
    read,
    read_points,
    record_swipe,
    register_swipe,
    update_participant,
    verify_participant,
)
from tasks.vending_pass.tables import PASS, create_tables
from tests.tasks.cart.memory_dynamodb import ClientError, MemoryDynamoDB
from tests.tasks.ended_executions import ended

SWIPE = Swipe(swipe_id="s1", participant="p1", machine="m1", product="cola")


@pytest.fixture(params=["memory", pytest.param("moto", marks=pytest.mark.slow)])
def dynamodb(request: pytest.FixtureRequest) -> Any:
    client: Any = MemoryDynamoDB() if request.param == "memory" else ClientRegistry.local().client("dynamodb")
    create_tables(client)
    return client


def item(dynamodb: Any, key: str) -> dict[str, Any]:
    return dynamodb.get_item(TableName=PASS, Key={"pk": {"S": key}}, ConsistentRead=True).get("Item", {})


def test_a_swipe_belongs_to_the_execution_that_notes_it_first(dynamodb: Any) -> None:
    assert register_swipe(SWIPE, "e1", dynamodb=dynamodb)
    assert register_swipe(SWIPE, "e1", dynamodb=dynamodb)
    assert not register_swipe(SWIPE, "e2", dynamodb=dynamodb)


def test_vp_03_a_swipe_counts_once_however_often_it_is_counted(dynamodb: Any) -> None:
    assert [count_points("s1", "p1", dynamodb=dynamodb).points for _ in range(3)] == [10, 10, 10]
    assert count_points("s2", "p1", dynamodb=dynamodb).points == 20
    assert count_points("s1", "p1", dynamodb=dynamodb).points == 10


def test_two_swipes_that_are_counted_at_once_are_told_different_numbers(dynamodb: Any) -> None:
    class Overtaken:
        def __getattr__(self, name: str) -> Any:
            return getattr(dynamodb, name)

        def transact_write_items(self, **given: Any) -> None:
            assert count_points("s2", "p1", dynamodb=dynamodb).points == 10
            dynamodb.transact_write_items(**given)

    overtaken: Any = Overtaken()
    with pytest.raises(Throttled, match="another swipe"):
        count_points("s1", "p1", dynamodb=overtaken)

    assert count_points("s1", "p1", dynamodb=dynamodb).points == 20


def test_an_older_number_never_replaces_a_newer_one(dynamodb: Any) -> None:
    for points in (20, 10, 20):
        update_participant("p1", points, dynamodb=dynamodb)

    assert read_points("shown", "p1", dynamodb=dynamodb) == 20


def test_points_that_are_not_shown_yet_are_said_to_be_missing(dynamodb: Any) -> None:
    with pytest.raises(NotYetThere, match="0 points are shown, not 10"):
        verify_participant("p1", 10, dynamodb=dynamodb)
    update_participant("p1", 10, dynamodb=dynamodb)

    verify_participant("p1", 10, dynamodb=dynamodb)


def status(dynamodb: Any, swipe_id: str) -> str | None:
    return status_of_voucher(swipe_id, dynamodb=dynamodb)


def test_a_free_drink_is_issued_once_and_belongs_to_one_swipe(dynamodb: Any) -> None:
    for _ in range(2):
        issue_free_drink("s1", "p1", dynamodb=dynamodb)
    with pytest.raises(DrinkTaken):
        issue_free_drink("s2", "p1", dynamodb=dynamodb)
    issue_free_drink("s3", "p2", dynamodb=dynamodb)

    assert [status(dynamodb, swipe) for swipe in ("s1", "s2", "s3")] == ["VALID", None, "VALID"]


def test_a_drink_that_is_withdrawn_is_for_the_next_swipe_and_never_for_the_same(dynamodb: Any) -> None:
    issue_free_drink("s1", "p1", dynamodb=dynamodb)

    assert [withdraw_free_drink("s1", "p1", dynamodb=dynamodb) for _ in range(2)] == [True, True]

    assert holder_of_drink("p1", dynamodb=dynamodb) is None
    with pytest.raises(Conflict, match="withdrawn before it was issued"):
        issue_free_drink("s1", "p1", dynamodb=dynamodb)
    issue_free_drink("s2", "p1", dynamodb=dynamodb)
    assert (status(dynamodb, "s1"), status(dynamodb, "s2")) == ("WITHDRAWN", "VALID")


def test_withdrawing_takes_the_drink_of_no_other_swipe(dynamodb: Any) -> None:
    issue_free_drink("s1", "p1", dynamodb=dynamodb)

    withdraw_free_drink("s2", "p1", dynamodb=dynamodb)

    assert (status(dynamodb, "s1"), holder_of_drink("p1", dynamodb=dynamodb)) == ("VALID", "s1")


def test_a_machine_that_works_is_told_and_one_that_does_not_refuses(dynamodb: Any) -> None:
    issue_free_drink("s1", "p1", dynamodb=dynamodb)
    dynamodb.put_item(TableName=PASS, Item={"pk": {"S": "machine#m2"}, "status": {"S": "OUT_OF_ORDER"}})

    with pytest.raises(MachineRefused, match="m2 is out of order"):
        tell_machine("s1", "m2", dynamodb=dynamodb)
    assert status(dynamodb, "s1") == "VALID"
    for _ in range(2):
        tell_machine("s1", "m1", dynamodb=dynamodb)
    assert item(dynamodb, "told#m1#s1") != {}
    assert item(dynamodb, "told#m2#s1") == {}


def test_a_drink_that_the_machine_was_told_of_is_not_withdrawn(dynamodb: Any) -> None:
    issue_free_drink("s1", "p1", dynamodb=dynamodb)
    tell_machine("s1", "m1", dynamodb=dynamodb)

    assert not withdraw_free_drink("s1", "p1", dynamodb=dynamodb)

    assert (status(dynamodb, "s1"), holder_of_drink("p1", dynamodb=dynamodb)) == ("GIVEN", "s1")


@pytest.mark.parametrize("is_withdrawn", [True, False])
def test_a_machine_is_told_of_no_drink_that_is_not_valid(dynamodb: Any, is_withdrawn: bool) -> None:
    if is_withdrawn:
        withdraw_free_drink("s1", "p1", dynamodb=dynamodb)

    with pytest.raises(Conflict, match="no free drink to give"):
        tell_machine("s1", "m1", dynamodb=dynamodb)
    assert item(dynamodb, "told#m1#s1") == {}


@pytest.mark.parametrize(
    ("before", "holder", "is_due"),
    [(30, None, False), (40, None, True), (90, None, True), (90, "s0", False), (40, "s1", True)],
)
def test_a_drink_is_due_from_fifty_points_on_until_a_swipe_has_it(
    dynamodb: Any, before: int, holder: str | None, is_due: bool
) -> None:
    dynamodb.put_item(TableName=PASS, Item={"pk": {"S": "pending#p1"}, "points": {"N": str(before)}})
    if holder is not None:
        issue_free_drink(holder, "p1", dynamodb=dynamodb)

    counted = count_points("s1", "p1", dynamodb=dynamodb)

    assert counted == Counted(points=before + 10, free_drink=is_due)


def test_how_a_swipe_ended_is_written_by_the_execution_that_holds_it_and_no_other(dynamodb: Any) -> None:
    register_swipe(SWIPE, "e1", dynamodb=dynamodb)
    record_swipe("s1", "e1", SwipeStatus.COUNTED, dynamodb=dynamodb)

    record_swipe("s1", "e2", SwipeStatus.FAILED, dynamodb=dynamodb)

    assert item(dynamodb, "swipe#s1")["status"] == {"S": "COUNTED"}
    assert not register_swipe(SWIPE, "e1", dynamodb=dynamodb)
    assert not register_swipe(SWIPE, "e2", dynamodb=dynamodb)


@pytest.mark.parametrize(
    ("execution", "status"),
    [
        ("e1", SwipeStatus.FLAGGED),
        ("e2", SwipeStatus.COUNTED),
        ("e2", SwipeStatus.FLAGGED),
    ],
)
def test_the_end_of_a_swipe_may_be_written_again_and_no_other_is_said_to_stand(
    dynamodb: Any, execution: str, status: SwipeStatus
) -> None:
    register_swipe(SWIPE, "e1", dynamodb=dynamodb)
    for _ in range(2):
        record_swipe("s1", "e1", SwipeStatus.COUNTED, dynamodb=dynamodb)

    with pytest.raises(Conflict):
        record_swipe("s1", execution, status, dynamodb=dynamodb)

    assert item(dynamodb, "swipe#s1")["status"] == {"S": "COUNTED"}


def test_a_table_that_is_asked_too_often_while_it_is_read_is_asked_again_later() -> None:
    class Busy:
        def get_item(self, **_: Any) -> Any:
            raise ClientError("ProvisionedThroughputExceededException")

    busy: Any = Busy()
    with pytest.raises(Throttled):
        read("swipe#s1", busy)


def aborted(execution_id: str) -> dict[str, Any]:
    return ended("ABORTED", {"swipe": SWIPE.model_dump(), "execution_id": execution_id})


def test_a_swipe_of_an_aborted_execution_is_open_until_it_is_recorded(dynamodb: Any) -> None:
    register_swipe(SWIPE, "e1", dynamodb=dynamodb)

    found = find_open_swipe(aborted("e1"), dynamodb=dynamodb)
    record_swipe("s1", "e1", SwipeStatus.FAILED, dynamodb=dynamodb)

    assert found is not None
    assert (found.swipe_id, found.participant, found.execution_id) == ("s1", "p1", "e1")
    assert find_open_swipe(aborted("e1"), dynamodb=dynamodb) is None


def test_a_swipe_that_another_execution_holds_is_not_open(dynamodb: Any) -> None:
    register_swipe(SWIPE, "e1", dynamodb=dynamodb)

    assert find_open_swipe(aborted("e2"), dynamodb=dynamodb) is None


def test_no_swipe_is_open_after_a_success_or_an_input_that_is_none(dynamodb: Any) -> None:
    register_swipe(SWIPE, "e1", dynamodb=dynamodb)
    given = {"swipe": SWIPE.model_dump(), "execution_id": "e1"}

    assert find_open_swipe(ended("SUCCEEDED", given), dynamodb=dynamodb) is None
    assert find_open_swipe(ended("ABORTED", {"swipe": {}}), dynamodb=dynamodb) is None


def test_a_swipe_that_ended_is_open_only_while_its_drink_is_promised(dynamodb: Any) -> None:
    detail = ended("ABORTED", {"swipe": SWIPE.model_dump(), "execution_id": "e1"})
    register_swipe(SWIPE, "e1", dynamodb=dynamodb)
    record_swipe("s1", "e1", SwipeStatus.FAILED, dynamodb=dynamodb)

    assert find_open_swipe(detail, dynamodb=dynamodb) is None
    dynamodb.put_item(TableName=PASS, Item={"pk": {"S": "voucher#s1"}, "status": {"S": "VALID"}})
    assert find_open_swipe(detail, dynamodb=dynamodb) is not None


def test_a_free_drink_that_changes_while_it_is_withdrawn_is_asked_for_again_later(dynamodb: Any) -> None:
    class Failing:
        def __init__(self, code: str, **more: Any) -> None:
            self.error = ClientError(code, **more)

        def __getattr__(self, name: str) -> Any:
            return getattr(dynamodb, name)

        def transact_write_items(self, **_: Any) -> None:
            raise self.error

    overtaken: Any = Failing("TransactionCanceledException", CancellationReasons=[{"Code": "None"}])
    throttled: Any = Failing("ThrottlingException")

    with pytest.raises(Throttled, match="the free drink changed meanwhile"):
        withdraw_free_drink("s1", "p1", dynamodb=overtaken)
    with pytest.raises(Throttled):
        withdraw_free_drink("s1", "p1", dynamodb=throttled)


@pytest.mark.parametrize(("model", "longest"), [(Identifier, 64), (ExecutionId, 80)])
def test_an_identifier_is_of_a_length_that_machines_and_executions_have(model: Any, longest: int) -> None:
    identifier = TypeAdapter[str](model)

    assert [identifier.validate_python(text) for text in ("a", "a" * longest)] == ["a", "a" * longest]
    for text in ("", "a" * (longest + 1), "a/b"):
        with pytest.raises(ValidationError):
            identifier.validate_python(text)
