"""What is wrong with a definition, and where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from stepsmith.errors import StepsmithError
from stepsmith.frozen import frozen

MOST_SHOWN: Final = 100
"""How many findings a message lists, which is as many as AWS gives."""
Severity: TypeAlias = Literal["ERROR", "WARNING"]
"""ERROR where AWS refuses the definition, WARNING where it only remarks on it."""


@frozen
class Finding:
    """One remark on a definition, with the code and the words of AWS where they are known."""

    code: str
    """AWS's diagnostic code, such as SCHEMA_VALIDATION_FAILED."""
    message: str
    """What was found."""
    pointer: str
    """The place as AWS writes it: `/States/A/Choices[0]/Next`; `/` is the machine, empty is nowhere."""
    line: int | None = None
    """Line in the text, from 1; None when the definition came without a text."""
    column: int | None = None
    """Column in the text, in characters from 1; None when the definition came without a text."""
    severity: Severity = "ERROR"
    """How bad it is."""
    rule: str = ""
    """The name of the rule that is broken, such as `transition-target`."""

    def __str__(self) -> str:
        text = f"{self.code}: {self.message}"
        if not self.pointer:
            return f"{text} at null"  # AWS's words for nowhere
        return text if text.endswith(self.pointer) else f"{text} at {self.pointer}"


class InvalidDefinition(StepsmithError):
    """A definition that AWS would refuse; the message is the one of AWS's exception of this name."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        """The errors, in the order of the definition."""
        shown = ", ".join(map(str, self.findings[:MOST_SHOWN]))
        super().__init__(f"Invalid State Machine Definition: '{shown}'")
