"""The ARNs of Step Functions: which kind of resource a text names, and which one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from stepsmith.cloud.actions.refusals import invalid_arn, wrong_kind

_KINDS: Final = {
    "stateMachine": (1, 2), "execution": (2, 2), "express": (3, 3), "mapRun": (2, 2), "activity": (1, 1)
}  # fmt: skip
"""Kind of resource -> least and most parts that follow it."""
LONGEST: Final = 2000


@dataclass(frozen=True, slots=True)
class Arn:
    """An ARN that was read."""

    text: str
    kind: str
    """stateMachine, execution, express, mapRun or activity."""
    name: str
    """The name of the state machine or the activity, without a label."""
    label: str | None = None
    """The label of a distributed Map, where the ARN names a part of a machine."""
    rest: tuple[str, ...] = ()
    """The version or alias of a machine; the name, and for Express the number, of an execution."""
    prefix: str = ""
    """`arn:aws:states:REGION:ACCOUNT`."""

    @property
    def machine(self) -> str:
        """The ARN of the state machine, without label, version and alias."""
        return f"{self.prefix}:stateMachine:{self.name}"

    @property
    def qualifier(self) -> str | None:
        """The version or alias that the ARN of a state machine ends with."""
        return self.rest[0] if self.kind == "stateMachine" and self.rest else None

    @property
    def version(self) -> int | None:
        """The number of the version that the ARN of a state machine ends with."""
        found = self.qualifier
        return int(found) if found is not None and found.isascii() and found.isdecimal() else None

    @property
    def alias(self) -> str | None:
        """The name of the alias that the ARN of a state machine ends with."""
        return self.qualifier if self.version is None else None


def read_arn(text: str, *kinds: str) -> Arn:
    """Read the ARN of one of some kinds of resource; raises InvalidArn."""
    parts = text.split(":")
    if parts[0] != "arn":
        raise invalid_arn(f"Invalid ARN prefix: {text}")
    if len(parts) < 7 or parts[2] != "states" or parts[5] not in _KINDS or len(text) > LONGEST:
        raise invalid_arn(f"Invalid ARN: {text}")
    kind, (name, *rest) = parts[5], parts[6:]
    least, most = _KINDS[kind]
    if not least <= len(rest) + 1 <= most or not name or not all(rest):
        raise invalid_arn(f"Invalid ARN: {text}")
    if kind not in kinds:
        raise wrong_kind(kind)
    name, _, label = name.partition("/")
    return Arn(text, kind, name, label or None, tuple(rest), ":".join(parts[:5]))
