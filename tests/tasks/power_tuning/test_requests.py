"""PT-08: bad input is refused, naming the field, before anything is called."""

import contextlib
import itertools
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tasks.errors import InvalidInput, TooLarge
from tasks.power_tuning.models import Strategy
from tasks.power_tuning.requests import checked_request, powers_of, runs_of
from tasks.power_tuning.tasks import planned
from tests.tasks.power_tuning.worlds import ARN, RUN, FaultyLambda, Objects, anywhere

GOOD: dict[str, Any] = {"lambdaARN": ARN, "num": 10}

BAD: list[tuple[str, list[Any]]] = [
    ("lambdaARN", [None, "", 5, "my-function", ARN + ":live", ARN + "\0", ARN.replace("lambda", "s3"), "a" * 10_000]),
    ("lambdaARN", [ARN.replace("eu-west-1", "moon"), ARN.replace("eu-", "cn-")]),
    ("num", [None, 4, 0, -10, "abc", "7.9x", "", 7.5, True, 10_001, 10**30, [], {}, "9" * 500]),
    ("powerValues", ["all", 128, [127], [10_241], [128, 128], [128.5], ["x"], [None], [True], [128] * 200, {}]),
    ("payloadS3", ["bucket/key", "s3://", "s3://bucket", "https://b/k", "", 7, {}, "s3://" + "b" * 2000]),
    ("parallelInvocation", ["true", 1, 0, []]),
    ("strategy", ["fast", "COST", "", 5, []]),
    ("balancedWeight", ["0.5", None, [], True]),
    ("autoOptimize", ["yes", 1]),
    ("autoOptimizeAlias", ["", "a b", "1", "a" * 129, 5, "né", "a\n"]),
    ("dryRun", ["true", 1]),
    ("preProcessorARN", ["before", "", 5, ARN.replace("function", "layer"), ARN + ":", ARN + ":a b"]),
    ("postProcessorARN", ["after", "", 5, "a" * 5000]),
    ("discardTopBottom", ["0.2", None, [], True]),
    ("sleepBetweenRunsMs", [-1, 60_001, "abc", 33.7, True, None]),
    ("disablePayloadLogs", ["no", 1]),
    ("includeOutputResults", ["no", 1]),
    ("onlyColdStarts", ["no", 1]),
    ("allowedExceptions", ["E", [5], ["x" * 201], ["E"] * 101, {}]),
    ("unknownField", [1, None]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param(field, value, id=f"{field}={str(value)[:20]}")
        for field, values in BAD
        for value in values
    ],
)
def test_a_bad_field_is_named_before_anything_is_called(field: str, value: Any) -> None:
    lambda_, s3 = FaultyLambda(), Objects()
    given = (
        {**GOOD, "autoOptimize": True, field: value}
        if field == "autoOptimizeAlias"
        else {**GOOD, field: value}
    )

    with pytest.raises(InvalidInput, match=field):
        planned(RUN, given, anywhere(lambda_), s3)

    assert (lambda_.calls, s3.asked) == ([], [])


@pytest.mark.parametrize("field", ["lambdaARN", "num"])
def test_a_missing_field_is_named(field: str) -> None:
    with pytest.raises(InvalidInput, match=f"{field}: Field required"):
        checked_request({key: value for key, value in GOOD.items() if key != field})


def test_an_alias_that_would_have_no_effect_is_refused() -> None:
    with pytest.raises(InvalidInput, match="autoOptimizeAlias: has no effect"):
        checked_request({**GOOD, "autoOptimizeAlias": "live"})


def test_more_weighted_payloads_than_runs_are_refused() -> None:
    payload: Any = [{"payload": {"id": index}, "weight": 1} for index in range(11)]

    with pytest.raises(InvalidInput, match="num of at least 11"):
        checked_request({**GOOD, "payload": payload})


@pytest.mark.parametrize("weight", [-1, "1", 1e301])
def test_a_bad_weight_is_refused(weight: Any) -> None:
    with pytest.raises(InvalidInput, match=r"payload\[0\].weight"):
        checked_request({**GOOD, "payload": [{"payload": {"a": 1}, "weight": weight}]})


def test_a_large_payload_belongs_in_s3() -> None:
    with pytest.raises(TooLarge, match="give payloadS3"):
        checked_request({**GOOD, "payload": "x" * 100_000})


def test_pauses_longer_than_a_step_are_refused() -> None:
    with pytest.raises(InvalidInput, match="sleepBetweenRunsMs: the pauses take 1000 s"):
        checked_request({**GOOD, "num": 50, "sleepBetweenRunsMs": 20_000})


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        ({"payload": "x" * 98_302}, {"payload": "x" * 98_303}, "payload: 98305 bytes are more than 98304"),
        (
            {"num": 5000, "onlyColdStarts": True},
            {"num": 5001, "onlyColdStarts": True},
            "num: 5001 cold starts are more than 5000",
        ),
        (
            {"num": 14, "sleepBetweenRunsMs": 60_000},
            {"num": 30, "sleepBetweenRunsMs": 28_001},
            "sleepBetweenRunsMs: the pauses take 840 s, and a step may take 840 s",
        ),
        ({"num": 10_000}, {"num": 10_001}, "num: Input should be less than or equal to 10000"),
        (
            {"powerValues": [*range(128, 256)]},
            {"powerValues": [*range(128, 257)]},
            "powerValues: List should have at most 128 items",
        ),
        (
            {"sleepBetweenRunsMs": 60_000},
            {"sleepBetweenRunsMs": 60_001},
            "sleepBetweenRunsMs: Input should be",
        ),
        ({"powerValues": [10_240]}, {"powerValues": [10_241]}, "powerValues.0: Input should be"),
        ({"powerValues": [128]}, {"powerValues": [127]}, "powerValues.0: Input should be"),
        ({"num": 5}, {"num": 4}, "num: Input should be greater than or equal to 5"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_limit_itself_is_within_and_the_next_is_not(
    good: dict[str, Any], bad: dict[str, Any], told: str
) -> None:
    usual = {"lambdaARN": ARN, "num": 14, "powerValues": [128]}

    checked_request({**usual, **good})
    with pytest.raises((InvalidInput, TooLarge), match=re.escape(told)):
        checked_request({**usual, **bad})


def test_warm_runs_and_pauses_of_runs_at_once_are_not_limited_like_that() -> None:
    checked_request({"lambdaARN": ARN, "num": 5001, "powerValues": [128]})
    checked_request({**GOOD, "num": 50, "sleepBetweenRunsMs": 60_000, "parallelInvocation": True})


@pytest.mark.parametrize(
    ("field", "value"), [("lambdaARN", ARN + ":live"), ("payloadS3", "bucket/key"), ("preProcessorARN", "x")]
)
def test_arns_and_places_are_checked_with_the_rest_of_the_input(field: str, value: str) -> None:
    with pytest.raises(InvalidInput, match=field):
        checked_request({**GOOD, field: value})


def test_no_more_than_ten_problems_are_told_each_once() -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_request({**GOOD, **{f"field{number}": 1 for number in range(20)}})

    assert str(refused.value).count("Extra inputs are not permitted") == 10
    assert str(refused.value).startswith("field0: Extra inputs are not permitted; field1: ")


def test_too_many_cold_starts_are_refused() -> None:
    with pytest.raises(InvalidInput, match="num: 9200 cold starts"):
        checked_request({**GOOD, "num": 200, "powerValues": "ALL", "onlyColdStarts": True})


def test_a_payload_in_s3_is_read_before_anything_is_changed() -> None:
    lambda_ = FaultyLambda()

    with pytest.raises(InvalidInput, match="num of at least 11"):
        planned(
            RUN,
            {**GOOD, "payloadS3": "s3://b/k"},
            anywhere(lambda_),
            Objects(k=json.dumps([{"payload": 1, "weight": 1}] * 11).encode()),
        )
    assert lambda_.calls == []


def test_a_request_has_the_defaults_of_the_reference() -> None:
    request = checked_request(GOOD)

    assert powers_of(request) == [128, 256, 512, 1024, 1536, 3008]
    assert (request.strategy, request.balanced_weight, request.discard_top_bottom) == (
        Strategy.COST,
        0.5,
        0.2,
    )
    assert runs_of(request) == 10


@pytest.mark.parametrize(("given", "kept"), [(-1, 0), (0.25, 0.25), (0.9, 0.4)])
def test_the_share_to_discard_is_clamped(given: float, kept: float) -> None:
    assert checked_request({**GOOD, "discardTopBottom": given}).discard_top_bottom == kept


@pytest.mark.parametrize(("given", "kept"), [(-1, 0), (0.25, 0.25), (9, 1)])
def test_the_weight_of_cost_is_clamped(given: float, kept: float) -> None:
    assert checked_request({**GOOD, "balancedWeight": given}).balanced_weight == kept


def test_digits_in_a_text_are_a_number_and_all_is_46_sizes() -> None:
    request = checked_request({**GOOD, "num": "10", "powerValues": "ALL"})

    assert (request.num, len(powers_of(request))) == (10, 46)


def test_all_are_the_sizes_from_128_to_3008_in_steps_of_64() -> None:
    powers = powers_of(checked_request({**GOOD, "powerValues": "ALL"}))

    assert (powers[0], powers[1], powers[-1]) == (128, 192, 3008)
    assert {later - earlier for earlier, later in itertools.pairwise(powers)} == {64}


def test_a_text_of_nine_digits_is_a_number_and_a_longer_one_is_none() -> None:
    assert checked_request({**GOOD, "num": "000000005"}).num == 5
    with pytest.raises(InvalidInput, match="num"):
        checked_request({**GOOD, "num": "0000000005"})


@pytest.mark.parametrize("field", ["balancedWeight", "discardTopBottom"])
@pytest.mark.parametrize("value", [float("nan"), True, "0.3"])
def test_what_is_no_number_is_not_clamped(field: str, value: Any) -> None:
    with pytest.raises(InvalidInput, match=field):
        checked_request({**GOOD, field: value})


def test_a_text_for_sizes_that_is_not_all_is_told_shortened() -> None:
    with pytest.raises(InvalidInput, match=f"powerValues: '{'x' * 50}' is neither a list of memory sizes"):
        checked_request({**GOOD, "powerValues": "x" * 60})


@pytest.mark.parametrize(
    ("field", "longest"),
    [("payloadS3", 1200), ("preProcessorARN", 300), ("postProcessorARN", 300), ("lambdaARN", 200)],
)
def test_a_text_that_is_too_long_is_refused_for_its_length(field: str, longest: int) -> None:
    with pytest.raises(InvalidInput, match=f"{field}: String should have at most {longest} characters"):
        checked_request({**GOOD, field: "s3://b/" + "k" * (longest - 6)})


def test_names_of_errors_and_aliases_have_limits() -> None:
    request: dict[str, Any] = {**GOOD, "autoOptimize": True, "autoOptimizeAlias": "a" * 128}
    errors: Any = ["E" * 200] * 100

    checked_request({**request, "allowedExceptions": errors})
    checked_request({**GOOD, "payloadS3": "s3://b/" + "k" * 1193})
    refused: list[dict[str, Any]] = [{"autoOptimizeAlias": "a" * 129}, {"allowedExceptions": ["E" * 201]}]
    for more in refused:
        with pytest.raises(InvalidInput, match=next(iter(more))):
            checked_request({**request, **more})


def test_a_dry_run_runs_once() -> None:
    assert runs_of(checked_request({**GOOD, "dryRun": True})) == 1


def test_a_processor_may_be_a_version_or_an_alias() -> None:
    request = checked_request({**GOOD, "preProcessorARN": ARN + ":live", "postProcessorARN": ARN})

    assert request.pre_processor_arn == ARN + ":live"


@pytest.mark.slow
@given(
    st.recursive(
        st.none() | st.integers() | st.text() | st.booleans() | st.floats(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
    st.sampled_from([field for field, _ in BAD]),
)
def test_any_value_in_any_field_is_taken_or_refused(value: Any, field: str) -> None:
    with contextlib.suppress(InvalidInput, TooLarge):
        checked_request({**GOOD, field: value})


def test_a_request_does_not_change() -> None:
    request = checked_request(GOOD)

    with pytest.raises(ValidationError, match="frozen"):
        request.num = 7  # type: ignore[misc]  # that is what is tried


def test_an_alias_may_be_one_letter() -> None:
    asked: dict[str, Any] = {**GOOD, "autoOptimize": True, "autoOptimizeAlias": "a"}

    assert checked_request(asked).auto_optimize_alias == "a"


def test_what_is_left_out_is_as_the_guide_says() -> None:
    request = checked_request(GOOD)

    left_out = {name: value for name, value in request.model_dump(by_alias=True).items() if name not in GOOD}
    assert left_out == {
        "powerValues": None,
        "payload": None,
        "payloadS3": None,
        "parallelInvocation": False,
        "strategy": "cost",
        "balancedWeight": 0.5,
        "autoOptimize": False,
        "autoOptimizeAlias": None,
        "dryRun": False,
        "preProcessorARN": None,
        "postProcessorARN": None,
        "discardTopBottom": 0.2,
        "sleepBetweenRunsMs": 0,
        "disablePayloadLogs": False,
        "includeOutputResults": False,
        "onlyColdStarts": False,
        "allowedExceptions": [],
    }
