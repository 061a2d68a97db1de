"""JSON texts as `$parse` reads them: as Jackson does, with single quotes, and without a key that comes twice.

Measured on AWS by iwamot/sfnx (`docs/design.md`): `NaN`, `1e400` and `{"a":1,"a":2}` fail, `{'a': 1}` does not.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, NoReturn

from stepsmith.expressions.jsonata.errors import JsonataError, stack_overflow
from stepsmith.expressions.jsonata.runtime.limits import Run
from stepsmith.expressions.jsonata.runtime.values import Value

_PARSING_WORK: Final = 4
_MARK_WORK: Final = 10
_MARKS: Final = '[{,"'
_DEEPEST_TEXT: Final = 250
_STRING: Final = re.compile(r"""("(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+')""", re.DOTALL)
_BRACKET: Final = re.compile(r"[\[\]{}]")
_MANY_DIGITS: Final = re.compile(r"[0-9]{19}")
_EXPONENT: Final = re.compile(r"[0-9][eE]")
_LONG: Final = 2**63


def read_json(run: Run, text: str) -> Value:
    """The value of a text; raises D3137 where it is no JSON."""
    run.string(len(text))
    run.charge(_PARSING_WORK * len(text) + _MARK_WORK * sum(map(text.count, _MARKS)))
    _check_nesting(text)
    if "\\u" in text:
        run.soil()
    if "'" in text:
        text = _STRING.sub(lambda found: _with_double_quotes(found[0]), text)
    # most texts have no number that needs a closer look, and are read faster without it
    as_int = _integer if _MANY_DIGITS.search(text) else None
    as_float = _float if as_int or _EXPONENT.search(text) else None
    try:
        return json.loads(
            text,
            parse_constant=_no_constant,
            parse_int=as_int,
            parse_float=as_float,
            object_pairs_hook=_object,
        )
    except ValueError:
        raise JsonataError("D3137", message="Invalid JSON") from None


def _with_double_quotes(text: str) -> str:
    """A string in JSON's own quotes; an apostrophe may be escaped in both kinds."""
    inner = text[1:-1].replace("\\\\", "\0").replace("\\'", "'")
    if text[0] == "'":
        inner = inner.replace('\\"', '"').replace('"', '\\"')
    return '"' + inner.replace("\0", "\\\\") + '"'


def _check_nesting(text: str) -> None:
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        if bracket in "[{":
            depth += 1
            if depth > _DEEPEST_TEXT:
                raise stack_overflow(depth, _DEEPEST_TEXT)
        else:
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key comes twice")
    return made


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _integer(digits: str) -> float:
    value = int(digits) if len(digits) < 21 else _float(digits)
    return value if -_LONG <= value < _LONG else float(value)


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(digits)
    return value
