"""The calls of the vending pass one by one, each repeated, on moto and in memory. VP-03."""

from typing import Any

import pytest

from stepsmith import ClientRegistry
from tasks.errors import Throttled
from tasks.vending_pass.models import MachineRefused, NotYetThere, Swipe, SwipeStatus
from tasks.vending_pass.swipes import (
    count_points,
    issue_free_drink,
    read_points,
    record_swipe,
    register_swipe,
    tell_machine,
    update_participant,
    verify_participant,
    withdraw_free_drink,
)
from tasks.vending_pass.tables import PASS, create_tables
from tests.tasks.cart.memory_dynamodb import MemoryDynamoDB

SWIPE = Swipe(swipe_id="s1", participant="p1", machine="m1", product="cola")


@pytest.fixture(params=["memory", pytest.param("moto", marks=pytest.mark.slow)])
def dynamodb(request: pytest.FixtureRequest) -> Any:
    client: Any = MemoryDynamoDB() if request.param == "memory" else ClientRegistry.local().client("dynamodb")
    create_tables(client)
    return client


def item(dynamodb: Any, key: str) -> dict[str, Any]:
    return dynamodb.get_item(TableName=PASS, Key={"pk": {"S": key}}).get("Item", {})


def test_a_swipe_belongs_to_the_execution_that_notes_it_first(dynamodb: Any) -> None:
    assert register_swipe(SWIPE, "e1", dynamodb=dynamodb)
    assert register_swipe(SWIPE, "e1", dynamodb=dynamodb)
    assert not register_swipe(SWIPE, "e2", dynamodb=dynamodb)


def test_vp_03_a_swipe_counts_once_however_often_it_is_counted(dynamodb: Any) -> None:
    assert [count_points("s1", "p1", dynamodb=dynamodb) for _ in range(3)] == [10, 10, 10]
    assert count_points("s2", "p1", dynamodb=dynamodb) == 20
    assert count_points("s1", "p1", dynamodb=dynamodb) == 10


def test_two_swipes_that_are_counted_at_once_are_told_different_numbers(dynamodb: Any) -> None:
    class Overtaken:
        def __getattr__(self, name: str) -> Any:
            return getattr(dynamodb, name)

        def transact_write_items(self, **given: Any) -> None:
            assert count_points("s2", "p1", dynamodb=dynamodb) == 10
            dynamodb.transact_write_items(**given)

    overtaken: Any = Overtaken()
    with pytest.raises(Throttled, match="another swipe"):
        count_points("s1", "p1", dynamodb=overtaken)

    assert count_points("s1", "p1", dynamodb=dynamodb) == 20


def test_an_older_number_never_replaces_a_newer_one(dynamodb: Any) -> None:
    for points in (20, 10, 20):
        update_participant("p1", points, dynamodb=dynamodb)

    assert read_points("shown", "p1", dynamodb=dynamodb) == 20


def test_points_that_are_not_shown_yet_are_said_to_be_missing(dynamodb: Any) -> None:
    with pytest.raises(NotYetThere, match="0 points are shown, not 10"):
        verify_participant("p1", 10, dynamodb=dynamodb)
    update_participant("p1", 10, dynamodb=dynamodb)

    verify_participant("p1", 10, dynamodb=dynamodb)


def test_a_voucher_is_written_and_withdrawn(dynamodb: Any) -> None:
    issue_free_drink("s1", dynamodb=dynamodb)
    issued = item(dynamodb, "voucher#s1")["status"]
    withdraw_free_drink("s1", dynamodb=dynamodb)
    withdraw_free_drink("s1", dynamodb=dynamodb)

    assert (issued, item(dynamodb, "voucher#s1")["status"]) == ({"S": "VALID"}, {"S": "WITHDRAWN"})


def test_a_machine_that_works_is_told_and_one_that_does_not_refuses(dynamodb: Any) -> None:
    tell_machine("s1", "m1", dynamodb=dynamodb)
    dynamodb.put_item(TableName=PASS, Item={"pk": {"S": "machine#m2"}, "status": {"S": "OUT_OF_ORDER"}})

    with pytest.raises(MachineRefused, match="m2 is out of order"):
        tell_machine("s1", "m2", dynamodb=dynamodb)
    assert item(dynamodb, "told#m1#s1") != {}
    assert item(dynamodb, "told#m2#s1") == {}


def test_how_a_swipe_ended_is_written_by_the_execution_that_holds_it_and_no_other(dynamodb: Any) -> None:
    register_swipe(SWIPE, "e1", dynamodb=dynamodb)
    record_swipe("s1", "e1", SwipeStatus.COUNTED, dynamodb=dynamodb)

    record_swipe("s1", "e2", SwipeStatus.FAILED, dynamodb=dynamodb)

    assert item(dynamodb, "swipe#s1")["status"] == {"S": "COUNTED"}
    assert not register_swipe(SWIPE, "e1", dynamodb=dynamodb)
    assert not register_swipe(SWIPE, "e2", dynamodb=dynamodb)
