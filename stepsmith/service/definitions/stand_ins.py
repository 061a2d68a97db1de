"""What stands for the placeholders of a definition when it is run: values, or the functions and machines of the run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from stepsmith.asl.checks.report import pointer
from stepsmith.asl.unfilled import how_to_fill
from stepsmith.errors import InvalidInput
from stepsmith.integrations.resources import function_name

if TYPE_CHECKING:
    from stepsmith.asl.placeholders import Placeholder
    from stepsmith.expressions.json_scan import Place
    from stepsmith.integrations.dispatch import Mocked

MOST_NAMED: Final = 10
_CALLS: Final = ("Resource", "Parameters", "Arguments")
_CALLED: Final = ("FunctionName", "StateMachineArn")
"""The parameters that name what a task calls."""
_SCOPES: Final = {"Branches": 4, "ItemProcessor": 3, "Iterator": 3}
"""The fields that hold states, and how many steps of a place lead through them."""


def refuse_unfilled(found: Sequence[Placeholder], known: Iterable[str], mocked: Mocked | None) -> None:
    """Raise InvalidInput where nothing stands for a placeholder that a run would read.

    `known` are the functions and machines of the run. With mocked answers, what else would be called may be unknown.
    """
    names = set(map(_plain, known))
    missing = [each for each in found if not _is_known(each, names, mocked)]
    if not missing:
        return
    first, *others = missing
    rest = sorted({each.name for each in others} - {first.name})
    shown = ", ".join(f"${{{name}}}" for name in rest[:MOST_NAMED])
    dots = ", ..." if len(rest) > MOST_NAMED else ""
    more = f" (and so have {shown}{dots})" if rest else ""
    function = ", or give a function of this name" if _names_a_call(first) else ""
    raise InvalidInput(
        f"${{{first.name}}} at {pointer(first.place)} has no value{more}: {how_to_fill(first.name)}{function}"
    )


def _is_known(found: Placeholder, names: set[str], mocked: Mocked | None) -> bool:
    state, rest = _state_of(found.place)
    if state is None or not rest or rest[0] not in _CALLS:
        return False
    if state in names or (mocked is not None and mocked.knows(state)):
        return True
    return _names_a_call(found) and (mocked is not None or _plain(found.text) in names)


def _names_a_call(found: Placeholder) -> bool:
    return found.place[-1] == "Resource" or found.place[-1] in _CALLED


def _plain(name: str) -> str:
    return function_name(name) if name.startswith(("arn:", "${")) else name


def _state_of(place: Place) -> tuple[str | None, Place]:
    """Give the innermost state that a place is in, and where in it."""
    start = 0
    while len(place) > start + 2 and place[start] == "States":
        steps = _SCOPES.get(str(place[start + 2]))
        if steps is None:
            return str(place[start + 1]), place[start + 2 :]
        start += steps
    return None, ()
