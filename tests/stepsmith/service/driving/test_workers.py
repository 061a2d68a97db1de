"""Threads of tasks are lent from one pool to the next, and nothing of a job is left on them."""

import gc
import threading
import weakref
from contextvars import ContextVar
from queue import SimpleQueue

from stepsmith.service.driving.workers import Job, Threads, Workers

LEFT: ContextVar[str] = ContextVar("left", default="nothing")
PATIENCE = 30.0


class Seen:
    """What jobs tell of the threads they run on."""

    def __init__(self, threads: Threads) -> None:
        self.threads = threads
        self.told: SimpleQueue[tuple[threading.Thread, str]] = SimpleQueue()

    def ask(self) -> tuple[threading.Thread, str]:
        self.threads.do(self.tell)
        return self.told.get(timeout=PATIENCE)

    def tell(self) -> None:
        before = LEFT.get()
        LEFT.set("something")
        self.told.put((threading.current_thread(), before))


def wait_until_idle(threads: Threads, count: int = 1) -> None:
    patience = threading.Event()
    while len(threads._idle) < count:  # pyright: ignore[reportPrivateUsage]
        patience.wait(0.0001)


def test_a_thread_without_work_takes_the_next_job() -> None:
    seen = Seen(Threads(linger=PATIENCE))

    first, _ = seen.ask()
    wait_until_idle(seen.threads)
    second, _ = seen.ask()

    assert first is second
    assert first.daemon
    assert first.name == "stepsmith-task"


def test_a_thread_at_work_takes_no_job() -> None:
    threads = Threads(linger=PATIENCE)
    release, begun = threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        release.wait(PATIENCE)

    threads.do(hold)
    begun.wait(PATIENCE)
    other, _ = Seen(threads).ask()
    release.set()

    wait_until_idle(threads, 2)
    assert other is not threading.current_thread()


def test_what_a_job_leaves_in_its_context_is_not_seen_by_the_next() -> None:
    seen = Seen(Threads(linger=PATIENCE))

    first, before = seen.ask()
    wait_until_idle(seen.threads)
    second, after = seen.ask()

    assert first is second
    assert (before, after) == ("nothing", "nothing")


def test_a_thread_that_waits_keeps_nothing_of_its_last_job() -> None:
    threads = Threads(linger=PATIENCE)

    class Held:
        def job(self) -> None:
            return

    held = Held()
    found = weakref.ref(held)
    threads.do(held.job)
    wait_until_idle(threads)
    del held
    gc.collect()

    assert found() is None


def test_a_thread_that_nobody_needs_ends() -> None:
    seen = Seen(Threads(linger=0.001))

    thread, _ = seen.ask()
    thread.join(PATIENCE)

    assert not thread.is_alive()
    assert seen.ask()[0] is not thread


def test_a_forked_process_waits_for_no_thread_of_its_parent() -> None:
    seen = Seen(Threads(linger=PATIENCE))
    parents, _ = seen.ask()
    wait_until_idle(seen.threads)

    seen.threads.forget()  # as `os.register_at_fork` has it done in the child

    assert seen.ask()[0] is not parents


def test_jobs_wait_for_a_thread_where_there_are_as_many_as_may_be() -> None:
    workers = Workers(most=1)
    release, done = threading.Event(), SimpleQueue[str]()

    def first() -> None:
        release.wait(PATIENCE)
        done.put("first")

    second: Job = lambda: done.put("second")  # noqa: E731
    workers.do(first)
    workers.do(second)
    assert workers.has_waiting
    release.set()

    assert [done.get(timeout=PATIENCE), done.get(timeout=PATIENCE)] == ["first", "second"]
    workers.close()
