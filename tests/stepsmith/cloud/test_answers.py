"""Pages of a list: one after the other they give every item once, whatever the size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.cloud.answers import carry_out, listed_tags, page, tags_of
from stepsmith.cloud.services import UNKNOWN, Caller, ServiceError


@given(st.lists(st.integers(), max_size=30), st.integers(1, 7))
def test_pages_give_every_item_once_and_in_order(items: list[int], size: int) -> None:
    found: list[int] = []
    token: str | None = None
    for _ in range(len(items) + 1):
        answer = page(items, "Items", {"Limit": size, "NextToken": token})
        assert len(answer["Items"]) <= size
        found += answer["Items"]
        token = answer.get("NextToken")
        if token is None:
            break

    assert found == items


def test_a_token_that_nobody_gave_out_begins_anew() -> None:
    assert page([1, 2], "Items", {"NextToken": "junk"}) == {"Items": [1, 2]}
    assert page([1, 2], "Items", {"NextToken": "9" * 30}) == {"Items": [1, 2]}


@given(st.dictionaries(st.text(), st.text()))
def test_tags_are_read_as_they_are_written(tags: dict[str, str]) -> None:
    assert tags_of({"Tags": listed_tags(tags)}) == tags


def test_an_operation_that_a_service_does_not_answer_is_left_to_moto() -> None:
    with pytest.raises(ServiceError, match="Fly is not answered by the local cloud") as caught:
        carry_out({"Walk": lambda given, caller: {}}, "Fly", {}, Caller())

    assert caught.value.code == UNKNOWN
