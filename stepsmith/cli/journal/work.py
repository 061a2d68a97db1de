"""`stepsmith work`: drive the executions of a journal to their ends."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from stepsmith.cli.arguments.parsing import Arguments

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from stepsmith.service.durable.conductor import Conductor
    from stepsmith.service.durable.live import Resolver
    from stepsmith.store import Synchronous

DESCRIPTION: Final = (
    "Drive every unfinished execution of a journal to its end. It may be killed at any moment and started again, and "
    "several may work on one journal. Exit code 0 says that nothing is left, 1 that some cannot go on here."
)
EXAMPLES: Final = ("", "--journal jobs.db --tasks answers.py")


def parser() -> Arguments:
    """Return what the command takes."""
    from stepsmith.cli.journal.options import DEFAULT, add_journal, add_sync, add_tasks

    arguments = Arguments("work", DESCRIPTION, examples=EXAMPLES)
    add_journal(arguments, here=f"the journal; {DEFAULT} by default")
    add_tasks(arguments)
    add_sync(arguments)
    return arguments


def run(arguments: Namespace) -> int:
    """Drive them."""
    from stepsmith.cli.journal.means import ProjectResolver
    from stepsmith.cli.journal.options import journal_path, synchronous

    return drive(journal_path(arguments), ProjectResolver(arguments.tasks), synchronous(arguments))


def drive(path: Path, resolver: Resolver, synchronous: Synchronous = "FULL") -> int:
    """Drive a journal until nothing is left or a signal comes; return the exit code."""
    from stepsmith.cli.output.messages import say
    from stepsmith.service.durable.conductor import Conductor
    from stepsmith.store import Store

    conductor = Conductor(Store(path, synchronous=synchronous), resolver)
    number = conduct(conductor)
    for error in conductor.problems.values():
        say(f"stepsmith: {error}")
    if number is not None:
        say(f"stepsmith: interrupted; go on with: stepsmith work --journal {path}")
        return 128 + number
    return 1 if conductor.problems else 0


def conduct(conductor: Conductor) -> int | None:
    """Let a conductor work until it is done; give the number of the signal that ended it before that.

    The first signal stops it in good order, the second at once. Raises what the conductor raises.
    """
    signals = _Signals(conductor)
    problem: list[BaseException] = []

    def work() -> None:
        try:
            conductor.run()
        except BaseException as error:
            problem.append(error)

    thread = threading.Thread(target=work, name="stepsmith-conductor", daemon=True)
    with signals.listening():
        thread.start()
        while thread.is_alive() and signals.count < 2:
            thread.join(0.1)
    if not thread.is_alive():
        conductor.store.close()
    if problem:
        raise problem[0]
    return signals.number if signals.count > 1 or not conductor.is_done else None


class _Signals:
    """Lets the first signal stop the work in good order, and the second at once."""

    def __init__(self, conductor: Conductor) -> None:
        self.number: int | None = None
        self.count = 0
        self._conductor = conductor

    @contextmanager
    def listening(self) -> Generator[None]:
        """Listen inside, where this is the main thread of the process."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._take) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _take(self, number: int, frame: object) -> None:
        self.number = number
        self.count += 1
        self._conductor.stop()
