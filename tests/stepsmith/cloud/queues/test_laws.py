"""Laws of queues that hold for any order of calls."""

from __future__ import annotations

from itertools import count

from hypothesis import example, given
from hypothesis import strategies as st

from stepsmith.cloud.queues.message import Message
from stepsmith.cloud.queues.queue import Queue
from stepsmith.cloud.queues.settings import Settings

ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["send", "receive", "look", "delete", "show", "wait"]),
        st.sampled_from("abc"),
        st.integers(1, 10),
    ),
    max_size=60,
)


def queue(*, is_fifo: bool = False, **given: str) -> Queue:
    attributes = {"VisibilityTimeout": "5", **given}
    return Queue("q", "arn:q", "url", Settings(is_fifo, attributes), 0)


def send(to: Queue, body: str, now: float, group: str | None = None) -> None:
    to.send(Message(id=body, body=body, sent=now, group=group, deduplication=body), now)


@given(ACTIONS)
def test_what_is_received_of_a_group_is_the_beginning_of_what_is_there(
    actions: list[tuple[str, str, int]],
) -> None:
    q = queue(is_fifo=True, MessageRetentionPeriod="1209600")
    now, numbers, held, deleted = 0.0, count(), dict[str, Message](), set[str]()
    sent: dict[str, list[str]] = {group: [] for group in "abc"}

    for action, group, amount in actions:
        match action:
            case "send":
                body = f"{group}{next(numbers)}"
                send(q, body, now, group)
                sent[group].append(body)
            case "receive" | "look":
                hidden = {body for body, message in held.items() if message.visible_at > now}
                got = q.receive(amount, now, 0 if action == "look" else None)
                for name in "abc":
                    mine = [message.body for message in got if message.group == name]
                    there = [body for body in sent[name] if body not in deleted]
                    assert mine == there[: len(mine)]
                    assert not hidden & set(mine)
                held |= {message.body: message for message in got}
            case "delete" | "show" if held:
                body = next(iter(held))
                message = held.pop(body)
                if action == "delete":
                    q.delete(message)
                    deleted.add(body)
                else:
                    q.change_visibility(message, 0, now)
            case _:
                now += amount

    rest = [message.body for message in q.receive(10_000, now + 1000)]
    assert sorted(rest) == sorted(b for bodies in sent.values() for b in bodies if b not in deleted)


@given(ACTIONS)
@example([("send", "a", 1), ("receive", "a", 1), ("show", "a", 1), ("look", "a", 5)])
def test_a_message_is_handed_out_once_at_a_time_and_never_lost(actions: list[tuple[str, str, int]]) -> None:
    q = queue(MessageRetentionPeriod="1209600")
    now, numbers, held, there = 0.0, count(), dict[str, Message](), set[str]()

    for action, _, amount in actions:
        match action:
            case "send":
                body = str(next(numbers))
                send(q, body, now)
                there.add(body)
            case "receive" | "look":
                hidden = {body for body, message in held.items() if message.visible_at > now}
                got = [message.body for message in q.receive(amount, now, 0 if action == "look" else None)]
                assert len(set(got)) == len(got)
                assert not hidden & set(got)
                held |= {message.body: message for message in q.waiting() if message.body in got}
            case "show" if held:
                # Twice, as a worker does that lets go of what it has let go of.
                for _ in range(2):
                    q.change_visibility(next(iter(held.values())), 0, now)
            case "delete" if held:
                body = next(iter(held))
                q.delete(held.pop(body))
                there.remove(body)
            case _:
                now += amount

    assert {message.body for message in q.receive(10_000, now + 1000)} == there


def test_a_dead_letter_is_kept_from_its_sending_on() -> None:
    dead, q = queue(MessageRetentionPeriod="100"), queue(MessageRetentionPeriod="1000")
    send(q, "old", 0)
    send(dead, "new", 50)
    (old,) = q.receive(1, 60)
    q.delete(old)

    dead.take_over(old, 60)

    assert [message.body for message in dead.receive(10, 101, 0)] == ["new"]
