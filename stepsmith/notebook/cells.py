"""What makes a notebook show executions: asked for when stepsmith is imported into a running IPython kernel."""

from __future__ import annotations

import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from threading import current_thread, main_thread
from typing import Any
from weakref import WeakKeyDictionary, ref

from stepsmith.authoring.source.places import namers
from stepsmith.notebook.live import Display, Live, Watching
from stepsmith.service import AwsExecution, Execution, JournalExecution, Machine
from stepsmith.service.durable import execution as recorded
from stepsmith.service.executions.shown import execution_bundle, machine_bundle
from stepsmith.service.machines.machine import listeners, observers
from stepsmith.service.remote import execution as remote

MOST_IN_A_CELL = 4
"""So many executions of one cell show themselves; a loop over a hundred inputs draws no hundred figures."""
_quiet: ContextVar[bool] = ContextVar("quiet", default=False)
_lives: WeakKeyDictionary[Execution[Any], ref[Live]] = WeakKeyDictionary()
# an execution holds its watcher, and a watcher its execution: neither may be held here
_drawn_in: WeakKeyDictionary[Execution[Any], int] = WeakKeyDictionary()
_cell: list[int] = [-1, 0]
_aside: list[Live] = []
"""What ended on a thread of its own, perhaps between two cells, when nobody who executes a notebook file listens."""


def install() -> None:
    """Let executions show themselves from now on; a second call changes nothing."""
    if _observe in observers:
        return
    observers.append(_observe)
    listeners.append(_end)
    remote.observers.append(_observe_elsewhere)
    recorded.observers.append(_observe_elsewhere)
    shell = _shell()
    if shell is not None:
        namers.append(_cell_name)
        shell.events.register("post_run_cell", _draw_what_ended_aside)
        formatter = shell.display_formatter.mimebundle_formatter
        formatter.for_type_by_name("stepsmith.asl.model", "StateMachine", _show_definition)
        formatter.for_type_by_name("stepsmith.service.executions.execution", "Execution", _show_execution)


def _cell_name(file: str) -> str | None:
    """Call a cell what IPython's own tracebacks call it: `Cell In[3]`; its file has a number for a name."""
    found = _shell().compile.format_code_name(file)
    return " ".join(found) if found else None


@contextmanager
def quiet() -> Generator[None]:
    """Run workflows inside the `with` block without figures."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


def _observe(machine: Machine, execution: Execution[Any]) -> Live | None:
    shell = _shell()
    if not _shows_one_more(shell):
        return None
    live = Live(execution, _show)
    _lives[execution] = ref(live)
    _drawn_in[execution] = int(shell.execution_count)
    return live


def _observe_elsewhere(execution: AwsExecution[Any] | JournalExecution[Any]) -> Watching | None:
    return Watching(execution, _show) if _shows_one_more(_shell()) else None


def _end(machine: Machine, execution: Execution[Any]) -> None:
    found = _lives.get(execution)
    live = found() if found is not None else None
    if live is None:
        return
    live.end()
    if current_thread() is not main_thread():
        _aside.append(live)


def _draw_what_ended_aside(result: object) -> None:
    while _aside:
        _aside.pop().end()


def _shell() -> Any:
    """Return the shell of a kernel; None in a terminal, in a script, and where IPython is not even imported."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell if getattr(shell, "kernel", None) is not None else None


def _shows_one_more(shell: Any) -> bool:
    if shell is None or _quiet.get():
        return False
    count = int(shell.execution_count)
    _cell[:] = [count, _cell[1] + 1] if _cell[0] == count else [count, 1]
    return _cell[1] <= MOST_IN_A_CELL


class _Output:
    """An output of a cell, known by its display id."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle

    def update(self, bundle: Mapping[str, str]) -> None:
        self._handle.update(dict(bundle), raw=True)


def _show(bundle: Mapping[str, str]) -> Display:
    from IPython import display

    module: Any = display  # the package's annotations are partly unknown
    return _Output(module.display(dict(bundle), raw=True, display_id=True))


def _show_definition(definition: Any, include: object = None, exclude: object = None) -> dict[str, str]:
    return machine_bundle(definition, "machine")


def _show_execution(
    execution: Execution[Any], include: object = None, exclude: object = None
) -> dict[str, str]:
    """Show the report; the graph is folded away in the cell that holds the live figure."""
    drawn_here = _drawn_in.get(execution) == getattr(_shell(), "execution_count", None)
    return execution_bundle(execution, unfolded=not drawn_here)
