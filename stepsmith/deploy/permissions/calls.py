"""What one state of a definition calls, and how much of it is known before it runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from stepsmith.deploy.errors import PermissionUnknown
from stepsmith.deploy.permissions.statements import Place, Statement
from stepsmith.expressions.types import Json

_WORD: Final = re.compile(r"[A-Za-z0-9_.:/@+=,#-]+", re.ASCII)
_PLACEHOLDER: Final = re.compile(r"\$\{([A-Za-z0-9_]+)\}", re.ASCII)
_HOLE: Final = re.compile(r"\{([A-Za-z]+)(\?|=[^}]*)?\}", re.ASCII)


class Unclear(Exception):
    """A resource that is not known before the state runs; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of a service, with the arguments as the definition has them."""

    state: str
    name: str
    """The action, such as `dynamodb:putItem`."""
    pattern: str
    """How it is waited for: "", sync, sync:2 or waitForTaskToken."""
    arguments: Json
    place: Place
    machine: str
    """The ARN of the state machine itself."""
    substitutions: Mapping[str, str]
    """Placeholder of the definition -> the ARN that is put there."""

    @property
    def waits(self) -> bool:
        """Whether it runs a job to its end."""
        return self.pattern.startswith("sync")

    def allow(
        self, actions: str, *resources: str, why: str = "", condition: Mapping[str, Json] | None = None
    ) -> Statement:
        """Allow actions, given in one text, on ARNs."""
        reason = why or f"state {self.state!r} calls {self.name}{'.' + self.pattern if self.pattern else ''}"
        return Statement(tuple(actions.split()), resources, reason, condition)

    def member(self, name: str) -> Json:
        """Give an argument as the definition has it, None where it is absent. Raises Unclear for a computed one."""
        if not isinstance(self.arguments, dict):
            raise Unclear("all of its arguments are made at run time")
        if f"{name}.$" in self.arguments:
            raise Unclear(f"{name} is made at run time")
        value = self.arguments.get(name)
        if isinstance(value, str) and value.startswith("{%"):
            raise Unclear(f"{name} is made at run time")
        return value

    def text(self, name: str) -> str | None:
        """Give a text argument that names one thing; placeholders are replaced by their ARNs.

        Raises Unclear for one that is made at run time, and PermissionUnknown for one that names more than one thing.
        """
        value = self.member(name)
        return None if value is None else self.checked(name, value)

    def checked(self, name: str, value: Json) -> str:
        """Give a text that names one thing. Raises PermissionUnknown otherwise."""
        if not isinstance(value, str) or not value:
            raise PermissionUnknown(f"state {self.state!r}: {name} is {value!r}, which names nothing")
        found = _PLACEHOLDER.fullmatch(value)
        if found is not None:
            if found[1] not in self.substitutions:
                raise Unclear(f"nothing is known about the placeholder {value}")
            return self.substitutions[found[1]]
        if not _WORD.fullmatch(value):
            raise PermissionUnknown(
                f"state {self.state!r}: {name} is {value!r}, which does not name one thing"
            )
        return value

    def arn(self, template: str) -> str:
        """Fill a template such as `dynamodb:table/{TableName}` from the arguments.

        `{Name=default}` has a default, `{Name?}` becomes `*` where the service gives the name at run time. An argument
        that is an ARN takes the place of the whole.
        """
        service, _, rest = template.partition(":")
        text = rest
        for hole in _HOLE.finditer(rest):
            value = self._filled(hole[1], hole[2] or "")
            if value.startswith(("arn:", "${")):
                return value
            text = text.replace(hole[0], value)
        return self.place.arn(service, text)

    def _filled(self, name: str, kind: str) -> str:
        try:
            value = self.text(name)
        except Unclear:
            if kind != "?":
                raise
            return "*"
        if value is not None:
            return value
        if not kind:
            raise Unclear(f"{name} is not given")
        return "*" if kind == "?" else kind[1:]


def member_of(value: Json, *names: str) -> Json:
    """Follow members into JSON; None where one is not there."""
    for name in names:
        if not isinstance(value, dict):
            return None
        value = cast("dict[str, Json]", value).get(name)
    return value
