"""The options of `run`, `start` and `local`: who answers the tasks of an execution here, and by which clock."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, Final, TypedDict

from stepsmith.asl.checks.values import is_resource_name
from stepsmith.errors import InvalidInput, nearest

if TYPE_CHECKING:
    from stepsmith.integrations import ClientRegistry, HttpAccess
    from stepsmith.integrations.dispatch import Mocked
    from stepsmith.service.clock import Clock
    from stepsmith.service.driving.live import Responder, Watcher
    from stepsmith.service.executions.started import Startable


class RunOptions(TypedDict, total=False):
    """How an execution is run; what is left out, or None, is decided here."""

    tasks: Mapping[str, object] | None
    """Functions by ARN, state name or function name; a task or any function of one argument."""
    responders: Mapping[str, Responder] | None
    """Who answers callbacks, by state name or function name."""
    delays: Mapping[str, float] | None
    """Seconds that tasks take on the run's clock before they are carried out, by state name or function name."""
    clients: ClientRegistry | Mapping[str, object] | None
    """The clients to use; local ones of its own by default, with single services replaced where a mapping is given."""
    machines: Mapping[str, Startable] | None
    """Machines that tasks may start and ask for by `states:*` and `aws-sdk:sfn:*`, by name or ARN."""
    mocked: Mocked | None
    """Answers instead of tasks, state by state."""
    http: HttpAccess | None
    """What HTTP tasks may reach, and what their connections add."""
    clock: Clock | None
    """The clock of the execution; a virtual one of its own by default."""
    real_time: bool
    """Whether time is the wall's where no clock is given."""
    seed: int | None
    """Decides identifiers and task tokens; by default 0, and in the background something that nobody can guess."""
    name: str | None
    """The name of the execution; by default `execution`, and in the background a unique one."""
    watcher: Watcher | None
    """Is told what the execution does, as it does it."""
    journal: str | PathLike[str] | None
    """The file that the execution is recorded in, so that it survives the end of this process."""


KNOWN: Final = frozenset(RunOptions.__annotations__)

_SHOWN: Final = 100
_REFUSED: Final = '< > { } [ ] ? * " # % \\ ^ | ~ ` $ & , ; : /'


def check_options(options: Mapping[str, Any] | RunOptions) -> None:
    """Raise TypeError for an option that no run has, as Python does for an argument; type checkers find it, too.

    Raises InvalidInput for a name that no execution can have.
    """
    if not options.keys() <= KNOWN:
        name = next(each for each in options if each not in KNOWN)
        raise TypeError(f"no option {name!r} of a run{nearest(name, KNOWN, otherwise='they are')}")
    given = options.get("name")
    if given is not None:
        check_name(given)


def check_name(name: str) -> None:
    """Raise InvalidInput for a text that AWS takes for no name of an execution."""
    if not is_resource_name(name):
        shown = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
        raise InvalidInput(
            f"{shown!r} cannot be the name of an execution (InvalidName): write 1 to 80 characters, with no white "
            "space, no control characters, and none of " + _REFUSED
        )
