"""What the commands take that look for executions: since when, how they ended, what they were given."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from stepsmith.cli.arguments.parsing import Arguments, WrongCall

if TYPE_CHECKING:
    from argparse import Namespace

    from stepsmith.service.executions.search import Search

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_LONGEST: Final = 12
WHEN: Final = "such as 90m, 12h, 7d, 2026-01-31 or 2026-01-31T08:00+01:00; UTC where no zone is given"


def add_search(arguments: Arguments, *, since: bool = True) -> None:
    """Take what says which executions are meant; since when may be said otherwise."""
    from stepsmith.service.executions.search import STATUSES

    if since:
        arguments.option("since", metavar="WHEN", help=f"only those started since, {WHEN}")
    arguments.option("until", metavar="WHEN", help="only those started before")
    arguments.repeated("status", metavar="STATUS", help=f"only those that are {', '.join(STATUSES)}")
    arguments.option("name", metavar="TEXT", help="only those of this name; * stands for anything")
    arguments.option(
        "error", metavar="TEXT", help="only those that ended with this error; * stands for anything"
    )
    arguments.repeated(
        "where", metavar="CONDITION", help="only those whose input is so, such as 'order.total >= 100'"
    )


def search_of(arguments: Namespace, *, since: str = "since", statuses: tuple[str, ...] = ()) -> Search:
    """Return the search that a call means; `since` is the option that says since when, `statuses` hold by default.

    Raises WrongCall for what can find nothing.
    """
    from stepsmith.errors import InvalidInput
    from stepsmith.service.executions.search import STATUSES, Search, read_condition

    given = tuple(arguments.status or statuses)
    for each in given:
        if each not in STATUSES:
            raise WrongCall(f"--status {each!r} is none of {', '.join(STATUSES)}")
    now = datetime.now(UTC)
    text = getattr(arguments, since)
    begin, end = instant(text, since, now), instant(arguments.until, "until", now)
    if begin is not None and end is not None and begin >= end:
        raise WrongCall(f"--{since} {text} is not before --until {arguments.until}")
    try:
        conditions = tuple(read_condition(each) for each in arguments.where)
    except InvalidInput as error:
        raise WrongCall(f"--where {error}") from None
    return Search(
        statuses=given, since=begin, until=end, name=arguments.name, error=arguments.error, where=conditions
    )


def instant(text: str | None, option: str, now: datetime) -> float | None:
    """Return when a text means, in seconds since 1970: so long ago, a day or an instant. Raises WrongCall."""
    if text is None:
        return None
    number, unit = text[:-1], text[-1:]
    if unit in _UNITS and number.isascii() and number.isdecimal() and len(number) < _LONGEST:
        ago = int(number) * _UNITS[unit]
        return max(0.0, now.timestamp() - ago)
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise WrongCall(f"--{option} {text[:60]!r} is no time; write it {WHEN}") from None
