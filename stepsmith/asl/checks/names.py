"""Names: of machines, executions, states, labels and variables."""

from __future__ import annotations

import re
from typing import Final

LONGEST_STATE: Final = 80
LONGEST_LABEL: Final = 40
LONGEST_VARIABLE: Final = 80
LONGEST_MACHINE: Final = 80

_NOT_IN_LABELS: Final = re.compile(r"[\s?*<>{}\[\]:;,\\|^~$#%&`\"\x00-\x1f\x7f-\x9f]")
_NOT_IN_NAMES: Final = re.compile(
    r"[\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]"
)


def is_label(text: str) -> bool:
    """True for a text that a Map Run may be labelled with."""
    return 1 <= len(text) <= LONGEST_LABEL and _NOT_IN_LABELS.search(text) is None


def is_resource_name(text: str) -> bool:
    """True for a text that a state machine, an execution or an activity may be named."""
    return 1 <= len(text) <= LONGEST_MACHINE and _NOT_IN_NAMES.search(text) is None


def is_variable(text: str) -> bool:
    """True for a text that a workflow variable may be named."""
    return len(text) <= LONGEST_VARIABLE and text.isidentifier()
