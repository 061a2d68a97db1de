"""The agenda: actions at their instants, in their order, on a clock that stands still until it is moved."""

from hypothesis import given
from hypothesis import strategies as st

from stepsmith.cloud.agenda import Agenda, Reminder
from stepsmith.service.clock import VirtualClock


def agenda() -> Agenda:
    return Agenda(VirtualClock())


@given(st.lists(st.integers(0, 5)))
def test_actions_happen_in_the_order_of_their_instants_and_then_of_their_noting(delays: list[int]) -> None:
    plan, done = agenda(), list[tuple[int, int]]()
    for number, delay in enumerate(delays):
        plan.after(delay, lambda place=(delay, number): done.append(place))

    while (due := plan.next_due) is not None:
        plan.clock.move_to(due)
        plan.turn()

    assert done == sorted((delay, number) for number, delay in enumerate(delays))


def test_what_is_not_due_does_not_happen() -> None:
    plan, done = agenda(), list[str]()
    plan.after(10, lambda: done.append("late"))

    assert not plan.turn()
    assert done == []
    assert plan.next_due == plan.now() + 10


def test_what_follows_at_the_same_instant_happens_in_the_same_turn() -> None:
    plan, done = agenda(), list[str]()

    def first() -> None:
        done.append("first")
        plan.soon(lambda: done.append("third"))

    plan.soon(first)
    plan.soon(lambda: done.append("second"))

    assert plan.turn()
    assert done == ["first", "second", "third"]


def test_a_cancelled_action_does_not_happen_and_nobody_waits_for_it() -> None:
    plan, done = agenda(), list[str]()
    entry = plan.after(10, lambda: done.append("no"))
    plan.after(20, lambda: done.append("yes"))

    entry.cancel()

    assert plan.next_due == plan.now() + 20
    plan.clock.move_to(plan.now() + 20)
    assert plan.turn()
    assert done == ["yes"]


def test_whoever_waits_is_woken_by_what_is_noted() -> None:
    plan, woken = agenda(), list[int]()
    plan.wake = lambda: woken.append(1)

    plan.after(10, lambda: None)

    assert woken == [1]


def test_the_present_instant_is_told_as_seconds_and_as_a_time_in_utc() -> None:
    plan = agenda()

    assert plan.today().timestamp() == plan.now()
    assert plan.today().isoformat() == "2026-01-01T00:00:00+00:00"


def test_a_reminder_comes_at_the_soonest_of_the_instants_it_was_asked_for() -> None:
    plan, done = agenda(), list[float]()
    reminder = Reminder(plan, lambda: done.append(plan.now()))
    begin = plan.now()
    for seconds in (30.0, 10.0, 20.0, None):
        reminder.at(None if seconds is None else begin + seconds)

    while (due := plan.next_due) is not None:
        plan.clock.move_to(due)
        plan.turn()

    assert done == [begin + 10.0]
    reminder.at(plan.now() + 5.0)
    assert plan.next_due == plan.now() + 5.0
