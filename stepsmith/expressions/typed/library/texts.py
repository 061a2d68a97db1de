"""Methods of texts.

`$substring` is only asked for the first so many characters of a text that has as many: on AWS it counts some places in
code units, gives halves of characters outside the basic plane, and fails where it would read behind the end. What
follows them is `$substringAfter` of the beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.jsonata_text import (
    AND,
    COMPARISON,
    SUM,
    Operand,
    Rendered,
    Renderer,
    literal,
)

BLANKS: Final = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+"
"""What Python takes for white space, each line terminator of Java's among it."""
_LINE_ENDS: Final = "\\r\\n|[\\n-\\r\\x1c-\\x1e\\x85\\u2028\\u2029]"
_CASED: Final = "[\\p{Lu}\\p{Ll}\\p{Lt}\\xaa\\xba]+"
_DIGITS: Final = (
    "\\xb2\\xb3\\xb9\\u1369-\\u1371\\u19da\\u2070\\u2074-\\u2079\\u2080-\\u2089\\u2460-\\u2468\\u2474-\\u247c"
    "\\u2488-\\u2490\\u24ea\\u24f5-\\u24fd\\u24ff\\u2776-\\u277e\\u2780-\\u2788\\u278a-\\u2792"
)
"""Digits that are no decimal ones."""
_KINDS: Final = {
    "str.isdecimal": "\\p{Nd}",
    "str.isdigit": f"[\\p{{Nd}}{_DIGITS}]",
    "str.isalpha": "\\p{L}",
    "str.isspace": BLANKS.removesuffix("+"),
    "str.isascii": "[\\x00-\\x7f]",
}
"""What all the characters are -> the pattern of one."""


def first(text: str, count: str) -> str:
    """Give the first so many characters of a text that has as many."""
    return f"$substring({text}, 0, {count})"


def without(text: str, count: str) -> str:
    """Give a text without so many characters at its beginning, which it has."""
    return f"$substringAfter({text}, {first(text, count)})"


def at_most(count: str, text: str) -> str:
    """Give a number, or the length of a text where that is less."""
    return f"$min([{count}, $length({text})])"


def text_slice(value: Rendered, start: int | None, stop: int | None) -> Rendered:
    """Give the part of a text between constant places."""
    if start in (None, 0) and stop is None:
        return value
    if start in (None, 0) and stop is not None and value.path:
        return Rendered(_beginning(value.text, stop))
    name = value.text if value.path else "$__s"
    steps = [] if value.path else [f"$__s := {value.text}"]
    if stop is not None:
        if start is not None and start < 0:
            return _between(value, f"$__n - {-start}", str(stop) if stop >= 0 else f"$__n - {-stop}")
        steps.append(f"$__h := {_beginning(name, stop)}")
        name = "$__h"
    if not start:
        return Rendered(f"({'; '.join([*steps, name])})")
    count = at_most(str(start), name) if start > 0 else f"$max([0, $length({name}) - {-start}])"
    found = without(name, count)
    return Rendered(f"({'; '.join([*steps, found])})" if steps else found)


def _beginning(name: str, stop: int) -> str:
    return first(name, at_most(str(stop), name) if stop >= 0 else f"$max([0, $length({name}) - {-stop}])")


def _between(value: Rendered, start: str, stop: str) -> Rendered:
    """Give the part between two places, which may be outside of the text."""
    steps = [f"$__s := {value.text}", "$__n := $length($__s)"]
    steps += [f"$__h := {first('$__s', f'$max([0, $min([{stop}, $__n])])')}"]
    steps += [f"$__b := $max([0, $min([{start}, $length($__h)])])"]
    return Rendered(f"({'; '.join(steps)}; {without('$__h', '$__b')})")


def text_between(value: str, start: str, stop: str | None) -> Rendered:
    """Give the part of a text between places that are computed, which count from its end below zero."""
    steps = [f"$__s := {value}", "$__n := $length($__s)"]
    if start == "0" and stop is not None:
        steps += [f"$__b := {stop}", "$__to := $__b < 0 ? $max([0, $__n + $__b]) : $min([$__b, $__n])"]
        return Rendered(f"({'; '.join(steps)}; {first('$__s', '$__to')})")
    steps += [f"$__b := {start}", "$__from := $__b < 0 ? $max([0, $__n + $__b]) : $min([$__b, $__n])"]
    if stop is None:
        return Rendered(f"({'; '.join(steps)}; {without('$__s', '$__from')})")
    steps += [f"$__b := {stop}", "$__to := $__b < 0 ? $max([0, $__n + $__b]) : $min([$__b, $__n])"]
    steps += [f"$__h := {first('$__s', '$__to')}"]
    return Rendered(f"({'; '.join(steps)}; {without('$__h', '$min([$__from, $__to])')})")


def character(value: str, index: str) -> str:
    """Give the character at a place, which counts from the end below zero; fails where there is none."""
    steps = f"$__s := {value}; $__n := $length($__s); $__i := {index}; $__i := $__i < 0 ? $__n + $__i : $__i"
    one = f"($__h := {first('$__s', '$__i + 1')}; {without('$__h', '$__i')})"
    return f"({steps}; $__i < 0 or $__i >= $__n ? $error('IndexError') : {one})"


def _at(node: tree.Call, operand: Operand) -> Rendered:
    return Rendered(character(*(operand(argument).text for argument in node.arguments)))


def _startswith(node: tree.Call, operand: Operand) -> Rendered:
    value, part = (operand(argument) for argument in node.arguments)
    if value.path and isinstance(node.arguments[1], tree.Constant):
        return Rendered(_begins(value.text, part.text), AND)
    return Rendered(f"($__s := {value.text}; $__p := {part.text}; {_begins('$__s', '$__p')})")


def _begins(text: str, part: str) -> str:
    return f"$contains({text}, {part}) and $substringBefore({text}, {part}) = ''"


def _endswith(node: tree.Call, operand: Operand) -> Rendered:
    value, part = node.arguments
    if isinstance(part, tree.Constant) and isinstance(part.value, str) and part.value:
        last = text_slice(operand(value), -len(part.value), None)
        return Rendered(f"{last.text} = {literal(part.value)}", COMPARISON)
    return Rendered(f"({_ending(node, operand)}; {_ENDS})")


def _ending(node: tree.Call, operand: Operand) -> str:
    value, part = (operand(argument).text for argument in node.arguments)
    return f"$__s := {value}; $__p := {part}; $__n := $length($__s) - $length($__p)"


_ENDS: Final = f"$__n >= 0 and {without('$__s', '$__n')} = $__p"


def _without_prefix(node: tree.Call, operand: Operand) -> Rendered:
    value, part = (operand(argument).text for argument in node.arguments)
    steps = f"$__s := {value}; $__p := {part}"
    return Rendered(f"({steps}; {_begins('$__s', '$__p')} ? $substringAfter($__s, $__p) : $__s)")


def _without_suffix(node: tree.Call, operand: Operand) -> Rendered:
    return Rendered(f"({_ending(node, operand)}; {_ENDS} ? {first('$__s', '$__n')} : $__s)")


def _join(node: tree.Call, operand: Operand) -> Rendered:
    separator, items = node.arguments
    return Rendered(f"$join({operand(items).text}, {operand(separator).text})")


def _strip(node: tree.Call, operand: Operand) -> Rendered:
    ends = {"str.lstrip": (f"^{BLANKS}",), "str.rstrip": (f"{BLANKS}$",)}
    pattern = "|".join(ends.get(node.function, (f"^{BLANKS}", f"{BLANKS}$")))
    return Rendered(f"$replace({operand(node.arguments[0]).text}, /{pattern}/, '')")


def _strip_of(node: tree.Call, operand: Operand) -> Rendered:
    """A mark behind the text keeps `$` from standing before the end of a last line."""
    value, letters = node.arguments
    assert isinstance(letters, tree.Constant)
    one = f"[{''.join(map(_in_class, str(letters.value)))}]"
    text = operand(value)
    if node.function == "str.lstrip.of":
        return Rendered(f"$replace({text.text}, /^{one}+/, '')")
    before = f"^{one}+|" if node.function == "str.strip.of" else ""
    return Rendered(f"$replace({text.at(SUM)} & '|', /{before}{one}*\\|$/, '')")


def _in_class(letter: str) -> str:
    return letter if letter.isalnum() or ord(letter) > 0xFFFF else f"\\u{ord(letter):04x}"


def _partition(node: tree.Call, operand: Operand) -> Rendered:
    value, separator = (operand(argument).text for argument in node.arguments)
    parts = f"[$substringBefore($__s, {separator}), {separator}, $substringAfter($__s, {separator})]"
    return Rendered(f"($__s := {value}; $contains($__s, {separator}) ? {parts} : [$__s, '', ''])")


def _rpartition(node: tree.Call, operand: Operand) -> Rendered:
    separator = operand(node.arguments[1]).text
    parts = f"[{_HEAD}, {separator}, $__t]"
    return Rendered(f"({_tail(node, operand)}; $contains($__s, {separator}) ? {parts} : ['', '', $__s])")


_HEAD: Final = first("$__s", "$__n")


def _tail(node: tree.Call, operand: Operand) -> str:
    """Bind what follows the last separator, and the length of what is before it."""
    value, separator = (operand(argument).text for argument in node.arguments)
    last = f"$__t := $split($__s, {separator})[-1]"
    return f"$__s := {value}; {last}; $__n := $length($__s) - $length($__t) - $length({separator})"


def _split_once(node: tree.Call, operand: Operand) -> Rendered:
    value, separator = (operand(argument).text for argument in node.arguments)
    if node.function == "str.rsplit.once":
        return Rendered(f"({_tail(node, operand)}; $contains($__s, {separator}) ? [{_HEAD}, $__t] : [$__s])")
    parts = f"[$substringBefore($__s, {separator}), $substringAfter($__s, {separator})]"
    return Rendered(f"($__s := {value}; $contains($__s, {separator}) ? {parts} : [$__s])")


def _words(node: tree.Call, operand: Operand) -> Rendered:
    stripped = f"$replace({operand(node.arguments[0]).text}, /^{BLANKS}|{BLANKS}$/, '')"
    return Rendered(f"($__s := {stripped}; $__s = '' ? [] : $split($__s, /{BLANKS}/))")


def _lines(node: tree.Call, operand: Operand) -> Rendered:
    """What follows the last end of a line is a line only where it is something."""
    lines = f"$__l := $split({operand(node.arguments[0]).text}, /{_LINE_ENDS}/); $__n := $count($__l) - 1"
    kept = "[$filter($__l, function($__x, $__i){$__i < $__n or $__x != ''})]"
    return Rendered(f"({lines}; {kept})")


def _title(node: tree.Call, operand: Operand) -> Rendered:
    text = operand(node.arguments[0]).text
    return Rendered(f"$replace({text}, /{_CASED}/, function($m){{({_capital('$m.match')})}})")


def _capitalize(node: tree.Call, operand: Operand) -> Rendered:
    return Rendered(f"({_capital(operand(node.arguments[0]).text)})")


def _capital(text: str) -> str:
    """Give a text with a large letter first; the small ones depend on what is before them, as a last sigma does."""
    start = f"$__s := {text}; $__f := {first('$__s', at_most('1', '$__s'))}"
    small = f"$__l := $lowercase($__s); $__n := {at_most('$length($lowercase($__f))', '$__l')}"
    return f"{start}; {small}; $uppercase($__f) & {without('$__l', '$__n')}"


def _zfill(node: tree.Call, operand: Operand) -> Rendered:
    value, width = (operand(argument) for argument in node.arguments)
    steps = f"$__s := {value.text}; $__f := {first('$__s', at_most('1', '$__s'))}"
    steps += f"; $__n := {width.at(SUM)} - $length($__s)"
    zeros = "$pad('', $__n, '0')"
    signed = f"$__f in ['-', '+'] ? $__f & {zeros} & {without('$__s', '1')}"
    return Rendered(f"({steps}; $__n <= 0 ? $__s : {signed} : {zeros} & $__s)")


def _just(node: tree.Call, operand: Operand) -> Rendered:
    value, width, fill = (operand(argument) for argument in node.arguments)
    constant = isinstance(node.arguments[1], tree.Constant)
    count = str(max(0, int(width.text))) if constant else f"$max([0, {width.text}])"
    sign = "-" if node.function == "str.rjust" else ""
    return Rendered(f"$pad({value.text}, {sign}{count}, {fill.text})")


def _center(node: tree.Call, operand: Operand) -> Rendered:
    """What cannot be shared is put to the left by `center()` of an odd width, and to the right by a format."""
    value, width, fill = (operand(argument) for argument in node.arguments)
    steps = f"$__s := {value.text}; $__w := {width.text}; $__n := $length($__s); $__d := $__w - $__n"
    left = "$floor($__d / 2)"
    if node.function == "str.center":
        left += " + ($__d % 2 = 1 and $__w % 2 = 1 ? 1 : 0)"
    both = f"$pad($pad($__s, -($__n + {left}), {fill.text}), $__w, {fill.text})"
    return Rendered(f"({steps}; $__d <= 0 ? $__s : {both})")


def _repeat(node: tree.Call, operand: Operand) -> Rendered:
    value, count = (operand(argument) for argument in node.arguments)
    many = "[$map([1..$__n], function($__i){$__s})]"
    return Rendered(f"($__s := {value.text}; $__n := {count.text}; $join({many}, ''))")


def _count(node: tree.Call, operand: Operand) -> Rendered:
    value, part = (operand(argument).text for argument in node.arguments)
    return Rendered(f"$count($split({value}, {part})) - 1", SUM)


def _find(node: tree.Call, operand: Operand) -> Rendered:
    value, part = (operand(argument).text for argument in node.arguments)
    steps = f"$__s := {value}; $__p := {part}"
    otherwise = "-1" if node.function == "str.find" else "$error('ValueError')"
    found = "$length($substringBefore($__s, $__p))"
    return Rendered(f"({steps}; $contains($__s, $__p) ? {found} : {otherwise})")


def _all_are(node: tree.Call, operand: Operand) -> Rendered:
    """Nothing but such characters, and some, but for `isascii`; a mark keeps `$` at the very end."""
    text = operand(node.arguments[0]).at(SUM)
    many = "*" if node.function == "str.isascii" else "+"
    return Rendered(f"$contains({text} & '|', /^{_KINDS[node.function]}{many}\\|$/)")


def _repeated(text: str, count: int) -> str:
    return text * count


def _index_of(text: str, index: int) -> str:
    return text[index]


def _middle(text: str, width: int, fill: str) -> str:
    return f"{text:{fill}^{width}}" if width > 0 else text


def _once(text: str, separator: str) -> list[str]:
    return text.split(separator, 1)


def _once_from_right(text: str, separator: str) -> list[str]:
    return text.rsplit(separator, 1)


def _parts(text: str, separator: str) -> list[str]:
    return list(text.partition(separator))


def _parts_from_right(text: str, separator: str) -> list[str]:
    return list(text.rpartition(separator))


_METHODS: Final = (
    *("upper", "lower", "title", "capitalize", "startswith", "endswith", "join", "split", "replace"),
    *("strip", "lstrip", "rstrip", "removeprefix", "removesuffix", "zfill", "ljust", "rjust", "center"),
    *("count", "find", "index", "isdecimal", "isdigit", "isalpha", "isspace", "isascii", "splitlines"),
)
_METHOD: Final[Mapping[str, Callable[..., Any]]] = {name: getattr(str, name) for name in _METHODS}

PYTHON: Final[Mapping[str, Callable[..., Any]]] = {
    **{f"str.{name}": method for name, method in _METHOD.items()},
    "str.strip.of": str.strip,
    "str.lstrip.of": str.lstrip,
    "str.rstrip.of": str.rstrip,
    "str.words": str.split,
    "str.split.once": _once,
    "str.rsplit.once": _once_from_right,
    "str.partition": _parts,
    "str.rpartition": _parts_from_right,
    "str.middle": _middle,
    "str.repeat": _repeated,
    "str.at": _index_of,
}

JSONATA: Final[Mapping[str, Renderer]] = {
    "str.at": _at,
    "str.startswith": _startswith,
    "str.endswith": _endswith,
    "str.removeprefix": _without_prefix,
    "str.removesuffix": _without_suffix,
    "str.join": _join,
    "str.strip": _strip,
    "str.lstrip": _strip,
    "str.rstrip": _strip,
    "str.strip.of": _strip_of,
    "str.lstrip.of": _strip_of,
    "str.rstrip.of": _strip_of,
    "str.partition": _partition,
    "str.rpartition": _rpartition,
    "str.split.once": _split_once,
    "str.rsplit.once": _split_once,
    "str.words": _words,
    "str.splitlines": _lines,
    "str.title": _title,
    "str.capitalize": _capitalize,
    "str.zfill": _zfill,
    "str.ljust": _just,
    "str.rjust": _just,
    "str.center": _center,
    "str.middle": _center,
    "str.repeat": _repeat,
    "str.count": _count,
    "str.find": _find,
    "str.index": _find,
    **dict.fromkeys(_KINDS, _all_are),
}
