"""Event patterns: compiled once to closures, invalid ones refused in the words of AWS's rule compiler.

`compile_pattern` reads a pattern (`compiling`, `expressions`, `ranges` over `tokens`), `Matcher` holds events against
it (`matching`, `operators`, `wildcards`, `addresses`); `event_pattern` is EventBridge's door.
"""

from stepsmith.events.patterns.compiling import compile_pattern
from stepsmith.events.patterns.expressions import EVENTBRIDGE, Dialect
from stepsmith.events.patterns.matching import Matcher
from stepsmith.events.patterns.rules import check_event, event_pattern
from stepsmith.events.patterns.tokens import PatternError

__all__ = [
    "EVENTBRIDGE",
    "Dialect",
    "Matcher",
    "PatternError",
    "check_event",
    "compile_pattern",
    "event_pattern",
]
