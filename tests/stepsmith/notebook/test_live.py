import signal
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree

import pytest

from stepsmith.errors import WorkflowError
from stepsmith.notebook import Live
from stepsmith.notebook.frames import Moment, frame
from stepsmith.service import Execution, Machine, load
from stepsmith.service.machines.machine import listeners, observers
from stepsmith.views.graphs import layout
from tests.stepsmith.views.machines import COUNTED, HOSTILE, ORDER, REFUSED, RETRIED

MAPPED: dict[str, Any] = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "MaxConcurrency": 1,
            "ItemProcessor": {
                "StartAt": "Work",
                "States": {"Work": {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:1:function:work"}},
            },
            "End": True,
        }
    },
}
MAPPED["States"]["Each"]["ItemProcessor"]["States"]["Work"]["End"] = True


class Screen:
    """A display that keeps what it was given, and when."""

    def __init__(self, bundle: Mapping[str, str]) -> None:
        self.frames = [bundle]
        self.times = [time.monotonic()]

    def update(self, bundle: Mapping[str, str]) -> None:
        self.frames.append(bundle)
        self.times.append(time.monotonic())


class Watching:
    """Shows every execution on a screen of its own, as a notebook does."""

    def __init__(self) -> None:
        self.screens: list[Screen] = []
        self.lives: dict[Execution[Any], Live] = {}

    def begin(self, machine: Machine, execution: Execution[Any]) -> Live:
        live = self.lives[execution] = Live(execution, self.show)
        return live

    def show(self, bundle: Mapping[str, str]) -> Screen:
        self.screens.append(Screen(bundle))
        return self.screens[-1]

    def end(self, machine: Machine, execution: Execution[Any]) -> None:
        self.lives.pop(execution).end()


@pytest.fixture
def watching() -> Iterator[Watching]:
    watching = Watching()
    observers.append(watching.begin)
    listeners.append(watching.end)
    yield watching
    observers.remove(watching.begin)
    listeners.remove(watching.end)


def moment(**changes: Any) -> Moment:
    plain: dict[str, Any] = {
        "machine": ORDER,
        "machine_name": "order",
        "status": "SUCCEEDED",
        "error": None,
        "message": "",
        "events": RETRIED,
        "map_runs": {},
        "waiting": (),
        "real_seconds": 0.25,
    }
    return Moment(**{**plain, **changes})


def test_a_frame_has_status_virtual_and_real_time_and_retries() -> None:
    text = frame(moment())["text/plain"]

    assert text.startswith(
        "✓ order SUCCEEDED · 94 s on its clock, 250 ms here\n2 states, 2 visits, 12 events · 1 retry\n"
    )


def test_a_frame_is_a_picture_and_text_so_that_it_stays_in_the_file() -> None:
    bundle = frame(moment())

    assert set(bundle) == {"image/svg+xml", "text/plain"}
    ElementTree.fromstring(bundle["image/svg+xml"])
    assert "94 s on its clock" in bundle["image/svg+xml"]


def test_a_frame_counts_iterations_and_names_what_runs() -> None:
    text = frame(moment(status="RUNNING", events=COUNTED))["text/plain"]

    assert "running: Each line" in text
    assert "Each line [Map] running (1/2)" in text


def test_a_frame_names_who_has_to_answer() -> None:
    text = frame(moment(status="RUNNING", waiting=("A", "B", "C", "D")))["text/plain"]

    assert "waiting for an answer: A, B, C and 1 more" in text


def test_a_frame_of_a_failure_says_why_and_stays_text() -> None:
    bundle = frame(moment(machine=HOSTILE, status="FAILED", error="<E>", message="<script>", events=REFUSED))

    ElementTree.fromstring(bundle["image/svg+xml"])
    assert "<script" not in bundle["image/svg+xml"]
    assert "<E>: <script>" in bundle["text/plain"]


def test_without_graphviz_a_frame_is_mermaid(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise layout.LayoutUnavailable("no Graphviz")

    layout.place.cache_clear()
    monkeypatch.setattr(layout, "_graphviz_layout", missing)

    bundle = frame(moment())

    assert set(bundle) == {"text/vnd.mermaid", "text/plain"}


def test_the_last_frame_shows_how_it_ended(watching: Watching) -> None:
    load(MAPPED, name="m").run([1, 2, 3], tasks={"work": lambda payload: payload})

    (screen,) = watching.screens
    assert screen.frames[0]["text/plain"].startswith("▶ m RUNNING")
    assert screen.frames[-1]["text/plain"].startswith("✓ m SUCCEEDED")
    assert "Each [Map] succeeded (3/3)" in screen.frames[-1]["text/plain"]


def test_a_failed_run_leaves_a_true_picture(watching: Watching) -> None:
    def refuse(payload: Any) -> None:
        raise WorkflowError("never")

    load(MAPPED, name="m").run([1], tasks={"work": refuse})

    assert "WorkflowError: never" in watching.screens[0].frames[-1]["text/plain"]


def test_an_interrupted_run_leaves_a_true_picture(watching: Watching) -> None:
    def interrupt(payload: Any) -> None:
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        load(MAPPED, name="m").run([1], tasks={"work": interrupt})

    last = watching.screens[0].frames[-1]["text/plain"]
    assert last.startswith("■ m ABORTED")
    assert "Work [Task work] aborted" in last


@pytest.mark.slow
def test_a_slow_run_is_drawn_while_it_goes_on_but_not_too_often(watching: Watching) -> None:
    reached = threading.Semaphore(0)

    def work(payload: Any) -> Any:
        reached.acquire(timeout=0.05)
        return payload

    load(MAPPED, name="m").run(list(range(12)), tasks={"work": work})

    screen = watching.screens[0]
    middle = [shown["text/plain"] for shown in screen.frames[1:-1]]
    assert any("Each [Map] running" in text for text in middle)
    assert len(screen.frames) <= 2 + (screen.times[-1] - screen.times[0]) / 0.1 + 1


def test_an_execution_that_waits_for_somebody_is_drawn_in_the_background(watching: Watching) -> None:
    asked: dict[str, Any] = {
        "StartAt": "Ask",
        "States": {
            "Ask": {
                "Type": "Task",
                "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"},
                "End": True,
            }
        },
    }
    sent = threading.Event()

    def send(payload: Any) -> dict[str, str]:
        sent.set()
        return {"MessageId": "1"}

    live = load(asked, name="m").start(tasks={"Ask": send})
    assert sent.wait(10)
    while not live.waiting:
        threading.Event().wait(0.001)
    live.send_task_success(live.waiting[0].token, 1)
    live.wait(10)
    watching_ended = watching.screens[0].frames[-1]["text/plain"]

    assert watching_ended.startswith("✓ m SUCCEEDED")
