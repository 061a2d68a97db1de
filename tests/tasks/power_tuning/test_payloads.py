import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.errors import Forbidden, InvalidInput, NotFound, Unavailable
from tasks.power_tuning.aws.service_errors import ServiceError
from tasks.power_tuning.payloads import (
    invocation_payload,
    is_weighted,
    payload_from_s3,
    payloads_by_floor,
    payloads_for,
    s3_location,
    shares,
)
from tests.tasks.power_tuning.worlds import Objects


def weighted(*weights: float) -> list[Any]:
    return [{"payload": {"id": index}, "weight": weight} for index, weight in enumerate(weights)]


def counted(payloads: list[str]) -> list[int]:
    return list(Counter(json.loads(text)["id"] for text in payloads).values())


@pytest.mark.parametrize("text", ["{}", " [1] ", '"quoted"', "true", "null", "1e5"])
def test_a_text_that_is_json_passes_unchanged(text: str) -> None:
    assert invocation_payload(text) == text


@pytest.mark.parametrize("value", ["plain", "", "{broken", "undefined", "NaN", None, 5, {"a": [1]}])
def test_anything_else_is_written_as_json(value: Any) -> None:
    assert json.loads(invocation_payload(value)) == value


@pytest.mark.parametrize(
    "value",
    [
        None,
        "x",
        {},
        [],
        [1],
        [None],
        [{"payload": 1}],
        [{"weight": 1}],
        [{"payload": {}, "weight": 0}],
        [{"payload": 0, "weight": 1}],
    ],
)
def test_a_list_is_weighted_only_if_every_item_has_payload_and_weight(value: Any) -> None:
    assert is_weighted(value) is False
    assert payloads_for(2, value) == payloads_by_floor(2, value) == [invocation_payload(value)] * 2


def test_a_list_of_payloads_with_weights_is_weighted() -> None:
    assert is_weighted(weighted(1, 0.5)) is True


def test_a_rare_payload_gets_one_run() -> None:
    sent = payloads_for(50, weighted(1, 99))

    assert counted(sent) == [1, 49]


def test_the_reference_refuses_a_rare_payload() -> None:
    with pytest.raises(InvalidInput, match="weight is too small"):
        payloads_by_floor(50, weighted(1, 99))


def test_the_reference_gives_the_rest_to_the_last_payload() -> None:
    sent = payloads_by_floor(10, weighted(1, 1, 1))

    assert counted(sent) == [3, 3, 4]


def test_weighted_payloads_keep_their_order() -> None:
    sent = payloads_for(6, weighted(1, 2, 3))

    assert [json.loads(text)["id"] for text in sent] == [0, 1, 1, 2, 2, 2]


@pytest.mark.parametrize("share_out", [payloads_for, payloads_by_floor])
def test_more_payloads_than_runs_are_refused(share_out: Any) -> None:
    with pytest.raises(
        InvalidInput, match=r"3 (weighted )?payloads (need num of at least 3|and num is only 2)"
    ):
        share_out(2, weighted(1, 1, 1))


@pytest.mark.parametrize("share_out", [payloads_for, payloads_by_floor])
def test_as_many_payloads_as_runs_are_sent_once_each(share_out: Any) -> None:
    assert counted(share_out(3, weighted(1, 1, 1))) == [1, 1, 1]


@pytest.mark.parametrize("weight", [-1, True, "5", float("inf"), 1e300])
def test_a_weight_that_is_no_positive_number_is_refused(weight: Any) -> None:
    with pytest.raises(InvalidInput, match=r"payload\[0\].weight"):
        payloads_for(5, [{"payload": 1, "weight": weight}])


@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=20), st.integers(0, 200))
def test_shares_add_up_and_none_is_empty(weights: list[float], more: int) -> None:
    count = len(weights) + more

    counts = shares(count, weights)

    assert sum(counts) == count
    assert min(counts) >= 1


@given(st.lists(st.integers(1, 50), min_size=1, max_size=8), st.integers(1, 5))
def test_weights_that_divide_evenly_are_met_exactly(weights: list[int], times: int) -> None:
    assert shares(sum(weights) * times, weights) == [weight * times for weight in weights]


@given(st.lists(st.integers(1, 100), min_size=2, max_size=10), st.integers(200, 2000))
def test_no_share_is_off_by_a_whole_run_when_there_are_enough(weights: list[int], count: int) -> None:
    quotas = [count * weight / sum(weights) for weight in weights]

    counts = shares(count, weights)

    if min(quotas) >= 1:
        assert all(abs(ours - quota) < 1 for ours, quota in zip(counts, quotas, strict=True))


def test_what_rare_payloads_get_is_taken_from_the_one_furthest_above_its_share() -> None:
    assert shares(6, [60, 1, 70, 1]) == [2, 1, 2, 1]  # their shares are 2.73, 0.05, 3.18 and 0.05


def test_what_is_left_goes_to_the_largest_remainder_although_others_are_above_one() -> None:
    assert shares(5, [1.1, 2.9, 1.0]) == [1, 3, 1]


def test_nothing_is_taken_from_one_that_has_a_single_run_left() -> None:
    # shares of 2, 3.9 and four of 0.025: taking goes on with the second when the first has one run left
    assert shares(6, [80, 156, 1, 1, 1, 1]) == [1] * 6


def test_weights_may_be_as_large_as_they_like() -> None:
    assert shares(4, [1e299, 3e299]) == [1, 3]


def one_by_one(count: int, weights: list[int]) -> list[int]:
    """Shared out step by step, in the words of the rule."""
    quotas = [count * weight / sum(weights) for weight in weights]
    have = [max(1, math.floor(quota)) for quota in quotas]
    given = set[int]()
    while sum(have) < count:
        index = max(set(range(len(have))) - given, key=lambda at: (quotas[at] - have[at], -at))
        given.add(index)
        have[index] += 1
    while sum(have) > count:
        index = max(
            (at for at in range(len(have)) if have[at] > 1), key=lambda at: (have[at] - quotas[at], -at)
        )
        have[index] -= 1
    return have


@given(st.lists(st.sampled_from([1, 2, 512, 1024, 4096]), min_size=1, max_size=12), st.integers(0, 20))
def test_shares_are_those_of_one_step_after_the_other(weights: list[int], more: int) -> None:
    weights.append(2 ** (sum(weights) - 1).bit_length() - sum(weights) or 1)  # so that quotas are exact
    count = len(weights) + more

    assert shares(count, weights) == one_by_one(count, weights)


def test_ten_thousand_payloads_are_shared_out_at_once() -> None:
    weights = [1e-9] * 9_999 + [1e9]

    assert shares(20_000, weights) == [1] * 9_999 + [10_001]


def test_a_json_object_in_s3_is_parsed_and_its_key_decoded() -> None:
    s3 = Objects(**{"dir/with space.json": b'{"a": 1}'})

    payload = payload_from_s3("s3://my-bucket/dir/with%20space.json", s3)

    assert payload == {"a": 1}
    assert s3.asked == [("my-bucket", "dir/with space.json")]


def test_a_text_in_s3_stays_a_text() -> None:
    assert payload_from_s3("s3://b/k", Objects(k=b"{broken")) == "{broken"


@pytest.mark.parametrize(
    "location",
    [
        *(None, 7, {}, "", "bucket/key", "s3:/b/k", "s3://", "s3://b", "s3://b/", "s3:///k"),
        *("s3://b%2Fk", "s3://b/100%.json", "s3://b/%ff.json", "s3://b/%zz"),
    ],
)
def test_another_form_of_location_is_refused_before_s3_is_asked(location: Any) -> None:
    s3 = Objects()

    with pytest.raises(InvalidInput, match="payloadS3"):
        payload_from_s3(location, s3)
    assert s3.asked == []


def test_an_object_that_is_missing_is_named() -> None:
    with pytest.raises(NotFound, match="s3://b/k does not exist"):
        payload_from_s3("s3://b/k", Objects())


def test_an_object_that_may_not_be_read_is_named() -> None:
    with pytest.raises(Forbidden, match="s3://b/k is not allowed"):
        payload_from_s3("s3://b/k", Objects(k=None))


def test_an_outage_of_s3_is_named() -> None:
    class Down:
        def get_object(self, *, Bucket: str, Key: str) -> Any:
            raise ServiceError("ServiceUnavailable", "try later")

    with pytest.raises(Unavailable, match="try later"):
        payload_from_s3("s3://b/k", Down())


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(InvalidInput, match="not UTF-8"):
        payload_from_s3("s3://b/k", Objects(k=b"\xff\xfe"))


def test_a_plus_in_a_key_stays_a_plus() -> None:
    assert s3_location("s3://b/a+b.json") == ("b", "a+b.json")


def test_keys_are_decoded_as_node_decodes_them() -> None:
    answers = json.loads((Path(__file__).parent / "ecmascript_answers.json").read_text(encoding="utf-8"))

    ours: dict[str, str | None] = {}
    for key, _ in answers["keys"]:
        try:
            ours[key] = s3_location(f"s3://b/{key}")[1]
        except InvalidInput:
            ours[key] = None

    assert ours == dict(answers["keys"])


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_key_with_its_percent_signs_written_25_is_that_key(key: str) -> None:
    assert s3_location("s3://b/" + key.replace("%", "%25")) == ("b", key)
