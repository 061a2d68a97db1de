import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.engine import events
from stepsmith.engine.values.payload import LIMIT, Large, Sizes, depth_of, payload_text, size_of, text_of
from tests.stepsmith.engine.playing import Failing, details, kinds, one, play, start, task

NUMBERS = st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def test_a_payload_of_exactly_the_limit_passes() -> None:
    run = play(one({"Type": "Pass", "Result": "x" * (LIMIT - 2)}), {})
    over = play(one({"Type": "Pass", "Result": "x" * (LIMIT - 1)}), {})

    assert run.status == "SUCCEEDED"
    assert over.error == "States.DataLimitExceeded"
    assert over.cause == (
        "The state/task 'S' returned a result with a size exceeding the maximum number of bytes service limit."
    )
    assert kinds(over) == ["ExecutionStarted", "PassStateEntered", "ExecutionFailed"]


def test_bytes_count_and_not_characters() -> None:
    assert play(one({"Type": "Pass", "Result": "é" * (LIMIT // 2)}), {}).error == "States.DataLimitExceeded"


def test_a_task_result_that_is_too_large_fails_the_task_and_can_be_caught() -> None:
    state = task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "T"}], Next="T")

    run = play(one(state, T={"Type": "Succeed"}), {}, lambda payload: "x" * LIMIT)

    assert run.status == "SUCCEEDED"
    assert details(run, "LambdaFunctionFailed")[0]["error"] == "States.DataLimitExceeded"


@pytest.mark.parametrize(
    "field",
    [
        {"Parameters": {"a.$": "$", "b.$": "$"}},
        {"Parameters": {"x": {"y": {"z": {"a.$": "$", "b.$": "$"}}}}},
        {"Parameters": {"v.$": "States.Array($, $)"}},
    ],
)
def test_data_that_doubles_is_stopped_before_it_is_built(field: dict[str, Any]) -> None:
    machine: dict[str, Any] = {"StartAt": "S0", "States": {}}
    for number in range(30):
        machine["States"][f"S{number}"] = {"Type": "Pass", **field, "Next": f"S{number + 1}"}
    machine["States"]["S30"] = {"Type": "Succeed"}

    run = play(machine, "seed")

    assert run.error == "States.DataLimitExceeded"
    assert len(run.history) < 100


@pytest.mark.slow
def test_a_wide_template_is_measured_before_its_text_is_made() -> None:
    state = {"Type": "Pass", "Parameters": {f"k{key}.$": "$" for key in range(20_000)}}
    tracemalloc.start()

    run = play(one(state), "x" * 4000)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert run.error == "States.DataLimitExceeded"
    assert peak < 60_000_000  # the text would have 80 million characters


def test_nesting_that_grows_is_stopped() -> None:
    machine: dict[str, Any] = {
        "StartAt": "A",
        "States": {
            "A": {"Type": "Pass", "Parameters": {"a.$": "$"}, "Next": "B"},
            "B": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.stop", "IsPresent": True, "Next": "C"}],
                "Default": "A",
            },
            "C": {"Type": "Succeed"},
        },
    }

    small, large = play(machine, {}), play(machine, {"note": "x" * 5000})

    assert (small.error, large.error) == ("States.Runtime", "States.Runtime")
    assert "nested too deeply" in (small.cause or "")
    assert "nested too deeply" in (large.cause or "")
    assert events(large.history)


def test_a_history_ends_at_25000_events() -> None:
    machine = {
        "StartAt": "A",
        "States": {
            "A": {"Type": "Pass", "Next": "B"},
            "B": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.stop", "IsPresent": True, "Next": "C"}],
                "Default": "A",
            },
            "C": {"Type": "Succeed"},
        },
    }

    run = play(machine, {})

    assert (run.status, run.error) == ("FAILED", "States.Runtime")
    assert run.cause == "The execution reached the maximum number of history events (25000)."
    assert len(run.history) == 25_000
    assert kinds(run)[-1] == "ExecutionFailed"


def test_a_loop_of_caught_failures_ends_at_the_limit_too() -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "S"}]
    state = task(Arguments="{% $nothing %}", Catch=catch, Next="T")

    run = play(one(state, language="JSONata", T={"Type": "Succeed"}), {})

    assert run.error == "States.Runtime"
    assert len(run.history) == 25_000


@pytest.mark.slow
def test_an_express_loop_that_never_waits_times_out() -> None:
    states = {
        "A": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.stop", "IsPresent": True, "Next": "C"}],
            "Default": "B",
        },
        "B": {"Type": "Pass", "Next": "A"},
        "C": {"Type": "Succeed"},
    }

    run = start({"StartAt": "A", "States": states}, {}, type="EXPRESS")
    turns = 0
    while run.status == "RUNNING":
        run.advance(0.0)
        turns += 1

    assert run.status == "TIMED_OUT"
    assert turns == 5


def test_one_assign_holds_no_more_than_a_payload() -> None:
    half = "x" * (LIMIT // 2)
    state = {"Type": "Pass", "Assign": {"a": half, "b": half}}

    assert play(one(state), {}).error == "States.DataLimitExceeded"


def test_all_variables_together_are_limited() -> None:
    states: dict[str, Any] = {
        f"S{n}": {"Type": "Pass", "Assign": {f"v{n}.$": "$"}, "Next": f"S{n + 1}"} for n in range(60)
    }
    machine = {"StartAt": "S0", "States": {**states, "S60": {"Type": "Succeed"}}}

    run = play(machine, "x" * 200_000)

    assert run.error == "States.DataLimitExceeded"


@given(JSON)
def test_a_size_is_the_length_of_the_text(value: Any) -> None:
    assert Sizes().measure(value, 10**9)[0] == len(text_of(value).encode("utf-8", "surrogatepass"))


@given(JSON, JSON)
def test_known_parts_do_not_change_a_size(part: Any, other: Any) -> None:
    sizes = Sizes()
    sizes.learn(part, text_of(part))
    whole = {"a": part, "b": [part, other], "c": {"d": part}}

    assert sizes.measure(whole, 10**9)[0] == size_of(text_of(whole))


@given(JSON)
def test_the_depth_is_told_from_the_text_and_from_the_value_alike(value: Any) -> None:
    shallow = Sizes().measure([value], 10**9)[1] - 1

    assert depth_of(value, text_of(value)) >= shallow


@given(JSON)
def test_a_large_payload_has_the_text_of_its_value(value: Any) -> None:
    text = text_of(value)

    assert payload_text(Large(value, size_of(text))) == text


@pytest.mark.parametrize(
    ("value", "held"),
    [
        ("\ud800", "half of a surrogate pair, which is no character"),
        ({"\udfff": ["a"] * 70}, "half of a surrogate pair, which is no character"),
        (10**309, "a number that no double holds"),
        ([10**5000], "a number that no double holds"),
        ([1.5, -(10**400)], "a number that no double holds"),
        (float("inf"), "a number that no double holds"),
    ],
)
def test_a_payload_that_no_reader_of_json_would_take_fails_the_state(value: Any, held: str) -> None:
    run = play(one(task()), {}, lambda payload: value)

    assert run.error == "States.Runtime"
    assert (run.cause or "").endswith(f"The payload holds {held}")


def test_an_error_with_half_a_surrogate_pair_is_recorded_as_an_escape() -> None:
    def fail(payload: Any) -> Any:
        raise Failing("E\ud800", "no file '\udc80'")

    run = play(one(task()), {}, fail)

    assert (run.error, run.cause) == ("E\\ud800", "no file '\\udc80'")


def test_a_timeout_beyond_an_int_is_no_integer() -> None:
    run = play(one(task(TimeoutSecondsPath="$.t")), {"t": 2**31}, lambda payload: 1)
    query = {**task(), "QueryLanguage": "JSONata", "TimeoutSeconds": "{% 1e300 %}"}

    assert (run.cause or "").endswith(
        'The TimeoutSecondsPath field refers to value "2147483648" which is not a valid integer: $.t'
    )
    cause = play(one(query), {}).cause or ""
    assert cause.endswith("The TimeoutSeconds field cannot be parsed as an integer: 1e+300")
