"""Variables across scopes: an inner scope may read those of the scopes around it and may not assign them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple, TypeAlias

from stepsmith.asl.checks import maps
from stepsmith.asl.checks.flow import targets
from stepsmith.asl.checks.report import Report
from stepsmith.asl.checks.scopes import inner_scopes, read_language, states_of
from stepsmith.asl.checks.variables import assignments, references
from stepsmith.asl.model import QueryLanguage
from stepsmith.expressions.json_scan import Place
from stepsmith.expressions.types import Json

_Object: TypeAlias = Mapping[str, Json]
_Names: TypeAlias = frozenset[str]

_NONE: Final[_Names] = frozenset()
MOST_FOLLOWED: Final = 100
"""How many variables of one scope are followed through its states; AWS gives no more diagnostics than that."""


class _Member(NamedTuple):
    """A state of the scope at hand."""

    name: str
    place: Place
    state: _Object
    language: str


def check_visibility(report: Report, definition: _Object) -> None:
    """Check what every scope of a machine reads and assigns."""
    _check_scope(report, definition, (), outer=_NONE, readable=_NONE)


def _check_scope(report: Report, scope: _Object, place: Place, *, outer: _Names, readable: _Names) -> None:
    """Check one scope: `outer` is what scopes around it have assigned before, `readable` all that they assign."""
    members = [
        _Member(name, where, state, read_language(state, report.machine_language))
        for name, where, state in states_of(scope, place)
    ]
    own = _Followed(members)
    visible = readable | own.all
    for member in members:
        if outer:
            _check_assignments(report, member, outer)
        _check_references(report, member, visible)
        for inner_place, inner in inner_scopes(member.state, member.place):
            if maps.is_distributed(member.state):
                _check_scope(report, inner, inner_place, outer=_NONE, readable=_NONE)
            else:
                inside = _assigned_inside(inner, report.machine_language)
                before = outer | own.before(member.name, inside)
                _check_scope(report, inner, inner_place, outer=before, readable=visible)


def _check_assignments(report: Report, member: _Member, outer: _Names) -> None:
    for assigned in assignments(member.state, member.language):
        if assigned.name in outer:
            message = f"Cannot assign to the variable '${assigned.name}' of an outer scope."
            place = (*member.place, *assigned.place)
            report.add(place, message, rule="variable-shadows", code="DUPLICATE_VARIABLE_NAME")


def _check_references(report: Report, member: _Member, visible: _Names) -> None:
    for where, name in references(member.state, member.language):
        if name not in visible:
            report.add(
                (*member.place, *where),
                f"The variable '${name}' is never assigned.",
                rule="undefined-variable",
                code="POSSIBLY_UNDEFINED_VARIABLE",
                severity="WARNING",
            )


def _assigned_inside(scope: _Object, machine_language: QueryLanguage) -> _Names:
    names: set[str] = set()
    for _, _, state in states_of(scope, ()):
        names.update(each.name for each in assignments(state, read_language(state, machine_language)))
        if not maps.is_distributed(state):
            for _, inner in inner_scopes(state, ()):
                names |= _assigned_inside(inner, machine_language)
    return frozenset(names)


class _Followed:
    """The variables that the states of one scope assign, followed through its transitions on demand.

    What a rule or a catcher assigns is followed through its own transition only, as AWS does
    (validation/sfnx/accepted-catcher-assign-elsewhere).
    """

    def __init__(self, members: list[_Member]) -> None:
        self.states = {member.name: member.state for member in members}
        self.assigning: dict[str, set[str]] = {}
        """The states that follow where each variable is assigned."""
        for member in members:
            for assigned in assignments(member.state, member.language):
                following = self.assigning.setdefault(assigned.name, set())
                if assigned.target is not None:
                    following.add(assigned.target)
        self.all = frozenset(self.assigning)
        self.after: dict[str, set[str]] = {}

    def before(self, state: str, names: _Names) -> _Names:
        """Give those of the names that some state on the way to a state has assigned."""
        return frozenset(name for name in sorted(names & self.all) if state in self._after(name))

    def _after(self, name: str) -> set[str]:
        """Give the states that may be entered after a variable was assigned."""
        if name not in self.after:
            if len(self.after) == MOST_FOLLOWED:
                return set()
            self.after[name] = self._reached(self.assigning[name])
        return self.after[name]

    def _reached(self, sources: set[str]) -> set[str]:
        reached = set(sources)
        waiting = sorted(sources)
        while waiting:
            for _, target in targets(self.states.get(waiting.pop(), {})):
                if target not in reached:
                    reached.add(target)
                    waiting.append(target)
        return reached
