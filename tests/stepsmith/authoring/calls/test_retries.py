"""Retry policies, as values and as retriers."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith import Retry, TaskTimeout, WorkflowError
from stepsmith.asl.model import Retrier
from stepsmith.authoring.calls.retries import check_policies, matches, names_of


class Shaky(WorkflowError): ...


class VeryShaky(Shaky): ...


def test_a_policy_without_errors_is_for_every_error() -> None:
    assert Retry(max_attempts=2).retrier() == Retrier(error_equals=("States.ALL",), max_attempts=2)


def test_a_class_stands_for_itself_and_its_subclasses() -> None:
    assert Retry.on(Shaky).names() == ("Shaky", "VeryShaky")


def test_never_means_no_attempt() -> None:
    policy = Retry.never(Shaky)

    assert policy.retrier().max_attempts == 0
    assert policy.delay(0) is None


def test_everything_that_is_said_becomes_a_field() -> None:
    policy = Retry.on(
        "Lambda.Unknown",
        interval=timedelta(seconds=3),
        max_attempts=5,
        backoff_rate=1.5,
        max_delay=timedelta(minutes=1),
        jitter=True,
    )

    assert policy.retrier() == Retrier(
        error_equals=("Lambda.Unknown",),
        interval_seconds=3,
        max_attempts=5,
        backoff_rate=1.5,
        max_delay_seconds=60,
        jitter_strategy="FULL",
    )


def test_delays_without_numbers_are_those_of_the_states_language() -> None:
    assert [Retry().delay(count) for count in range(4)] == [
        timedelta(seconds=1),
        timedelta(seconds=2),
        timedelta(seconds=4),
        None,
    ]


@given(st.integers(0, 9), st.floats(1, 4), st.integers(1, 30))
def test_no_delay_is_longer_than_the_longest(count: int, rate: float, longest: int) -> None:
    policy = Retry(max_attempts=10, backoff_rate=rate, max_delay=timedelta(seconds=longest))

    delay = policy.delay(count)

    assert delay is not None
    assert timedelta(0) < delay <= timedelta(seconds=longest)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Retry(interval=timedelta(seconds=0.5)), "interval is 0:00:00.500000"),
        (lambda: Retry(max_attempts=-1), "max_attempts is -1"),
        (lambda: Retry(backoff_rate=0.5), "backoff_rate is 0.5"),
        (lambda: Retry(max_delay=timedelta(days=400)), "max_delay is 400 days"),
        (lambda: Retry.on(), "names no error"),
        (lambda: Retry.never(), "names no error"),
        (lambda: check_policies([Retry(), Retry.on(Shaky)]), "must be the last"),
    ],
)
def test_what_asl_does_not_allow_is_refused(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator] # a lambda


def test_a_timeout_is_not_a_failure_of_the_task() -> None:
    assert matches(TaskTimeout(), ("States.Timeout",))
    assert not matches(TaskTimeout(), ("States.TaskFailed",))
    assert matches(Shaky(), ("States.TaskFailed",))
    assert matches(KeyError("x"), ("States.ALL",))
    assert not matches(VeryShaky(), ("Shaky",))


def test_every_error_makes_other_names_needless() -> None:
    assert names_of([Shaky, Exception]) == ("States.ALL",)
    assert names_of([VeryShaky, Shaky]) == ("VeryShaky", "Shaky")
