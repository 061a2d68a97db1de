"""Numbers read from texts, rounded, and written as texts.

Python rounds the binary value of a float, `$round` and `$formatNumber` its shortest digits: 2.675 becomes 2.67 and
2.68. So places are cut off by arithmetic that is exact: of the fraction, the upper bits and the lower ones are
multiplied by a power of ten apart, which leaves no bit over, and their sum is compared with a half.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.jsonata_text import CONDITION, SUM, Operand, Rendered, Renderer
from stepsmith.expressions.typed.library.texts import BLANKS
from stepsmith.expressions.typed.static_types import FLOAT

MOST_PLACES: Final = 6
"""Decimal places for which the two products have no more bits than a double has."""
LARGEST: Final = 2**53
_WHOLE: Final = "[-+]?[0-9]+(_[0-9]+)*"
_NO_NUMBER: Final = "[-+]?([iI][nN][fF]([iI][nN][iI][tT][yY])?|[nN][aA][nN])"
"""What `float()` takes besides, and no JSON has."""
_PARTS: Final = "[0-9]+(_[0-9]+)*"
_NUMBER: Final = f"[-+]?({_PARTS}\\.?|({_PARTS})?\\.{_PARTS})([eE][-+]?{_PARTS})?"


def _bits(places: int) -> int:
    """Give how many bits of the fraction belong to the upper product."""
    return math.ceil(math.log2(2 * 10**places)) + (5**places).bit_length()


def _digits(value: str, places: int) -> str:
    """Bind whole part and fraction of a number without its sign: `$__i`, and `$__k` in units of the last place."""
    steps = [f"$__a := $abs({value})", "$__i := $floor($__a)", "$__f := $__a - $__i"]
    if places == 0:
        steps.append("$__k := $__f > 0.5 or $__f = 0.5 and $__i % 2 = 1 ? 1 : 0")
    else:
        scale, unit = 2 ** _bits(places), 10**places
        steps += [
            f"$__h := $floor($__f * {scale}) / {scale}",
            f"$__u := $__h * {unit}",
            "$__k := $floor($__u)",
        ]
        steps.append(f"$__d := $__u - $__k - 0.5 + ($__f - $__h) * {unit}")
        steps.append("$__k := $__d > 0 or $__d = 0 and $__k % 2 = 1 ? $__k + 1 : $__k")
    return "; ".join(steps)


def _round(node: tree.Call, operand: Operand) -> Rendered:
    """A float so large that there is no place to cut off stays what it is."""
    value, places = operand(node.arguments[0]), _places(node)
    if places == 0:
        return Rendered(f"$round({value.text})")
    unit = 10**places
    near = f"({_digits('$__x', places)}; ($__i * {unit} + $__k) / {unit} * ($__x < 0 ? -1 : 1))"
    large = -(-LARGEST // unit)
    return Rendered(f"($__x := {value.text}; $abs($__x) >= {large} ? $__x : {near})")


def _places(node: tree.Call) -> int:
    places = node.arguments[1]
    assert isinstance(places, tree.Constant)
    assert isinstance(places.value, int)
    return places.value


def _fixed(node: tree.Call, operand: Operand) -> Rendered:
    """The text of a number with so many places; the picture says whether thousands are apart."""
    value, places = operand(node.arguments[0]), _places(node)
    _, _, picture, sign = node.arguments
    unit = 10**places
    whole = f"$formatNumber($__i + $floor($__k / {unit}), {operand(picture).text})"
    fraction = f" & '.' & $pad($string($__k % {unit}), -{places}, '0')" if places else ""
    before = f"($__x < 0 ? '-' : {operand(sign).text})"
    text = f"{_digits('$__x', places)}; {before} & {whole}{fraction}"
    fail = "$error('OverflowError')"
    return Rendered(f"($__x := {value.text}; $abs($__x) >= {LARGEST} ? {fail} : ({text}))")


def _grouped(node: tree.Call, operand: Operand) -> Rendered:
    return Rendered(f"$formatNumber({operand(node.arguments[0]).text}, '#,##0')")


def _in_base(node: tree.Call, operand: Operand) -> Rendered:
    value, base = (operand(argument).text for argument in node.arguments)
    return Rendered(f"$formatBase({value}, {base})")


def _signed(node: tree.Call, operand: Operand) -> Rendered:
    """A text of a number with a sign before it in any case."""
    value, text, sign = (operand(argument) for argument in node.arguments)
    return Rendered(f"({value.at(SUM)} < 0 ? '' : {sign.text}) & {text.at(SUM + 1)}", SUM)


def _zeros(node: tree.Call, operand: Operand) -> Rendered:
    """A text of a number filled with zeros between its sign and its digits."""
    text, width = operand(node.arguments[0]), operand(node.arguments[1])
    sign = "$__g := $match($__s, /^[-+]/).match & ''"
    digits = "$__g = '' ? $__s : $substringAfter($__s, $__g)"
    return Rendered(
        f"($__s := {text.text}; {sign}; $__g & $pad({digits}, -($max([0, {width.text} - $length($__g)])), '0'))"
    )


def _pad(node: tree.Call, operand: Operand) -> Rendered:
    value, width = node.arguments
    assert isinstance(width, tree.Constant)
    assert isinstance(width.value, int)
    digits = f"$pad($string($abs($__n)), -{width.value}, '0')"
    below = f"'-' & $pad($string($abs($__n)), -{width.value - 1}, '0')"
    return Rendered(f"($__n := {operand(value).text}; $__n < 0 ? {below} : {digits})")


def _int(node: tree.Call, operand: Operand) -> Rendered:
    argument = operand(node.arguments[0])
    if node.arguments[0].type != FLOAT:
        return argument
    name = argument.text if argument.path else "$__n"
    cut = f"{name} < 0 ? $ceil({name}) : $floor({name})"
    return Rendered(cut, CONDITION) if argument.path else Rendered(f"($__n := {argument.text}; {cut})")


def _same(node: tree.Call, operand: Operand) -> Rendered:
    return operand(node.arguments[0])


def _integer(name: str) -> Renderer:
    def render(node: tree.Call, operand: Operand) -> Rendered:
        argument = node.arguments[0]
        value = operand(argument)
        return Rendered(f"{name}({value.text})") if argument.type == FLOAT else value

    return render


def _read(node: tree.Call, operand: Operand) -> Rendered:
    """What `int()` and `float()` take: signs, blanks around and underscores inside; `$number` takes digits only."""
    start = f"$__s := $replace({operand(node.arguments[0]).text}, /^{BLANKS}|{BLANKS}$/, '')"
    whole = node.function == "int.of"
    pattern, digits = (_WHOLE, "$__d") if whole else (_NUMBER, "$replace($__d, /\\.([eE]|$)/, '.0$1')")
    plain = "$__d := $replace($__s, /^[-+]|_/, '')"
    number = f"$number('0' & {digits}) * ($substringBefore($__s & '-', '-') = '' ? -1 : 1)"
    test = f"$contains($__s, /^({pattern})$/)"
    return Rendered(f"({start}; {test} ? ({plain}; {number}) : $error('ValueError'))")


def _width(node: tree.Call, operand: Operand) -> Rendered:
    """Say how wide a text shall be; Python knows no width below zero."""
    return Rendered(f"($__w := {operand(node.arguments[0]).text}; $__w < 0 ? $error('ValueError') : $__w)")


def _fits(node: tree.Call, operand: Operand) -> Rendered:
    """Say whether `int()` or `float()` takes a text."""
    text = f"$replace({operand(node.arguments[0]).text}, /^{BLANKS}|{BLANKS}$/, '')"
    pattern = _WHOLE if node.function == "int.fits" else f"{_NUMBER}|{_NO_NUMBER}"
    return Rendered(f"$contains({text}, /^({pattern})$/)")


def _power(node: tree.Call, operand: Operand) -> Rendered:
    base, exponent = (operand(argument).text for argument in node.arguments)
    return Rendered(f"$power({base}, {exponent})")


def _sqrt(node: tree.Call, operand: Operand) -> Rendered:
    return Rendered(f"$sqrt({operand(node.arguments[0]).text})")


def _range(node: tree.Call, operand: Operand) -> Rendered:
    start, stop, step = node.arguments
    assert isinstance(step, tree.Constant)
    assert isinstance(step.value, int)
    width = f"{operand(stop).at(SUM)} - {operand(start).at(SUM + 1)}"
    count = f"$ceil(({width}) / {step.value})"
    item = f"{operand(start).at(SUM)} + $__i * {step.value}"
    return Rendered(f"[$map([0..{count} - 1], function($__i){{{item}}})]", constructor=True)


def _text_of_float(value: float, places: int, picture: str, sign: str) -> str:
    if abs(value) >= LARGEST:
        raise OverflowError(f"{value} has no text of its own")
    return ("" if value < 0 else sign) + f"{value:{',' if ',' in picture else ''}.{places}f}"


_LETTERS: Final = {2: "b", 8: "o", 16: "x"}


def _zero_filled(text: str, width: int) -> str:
    digits = text.lstrip("+-")
    sign = text[: len(text) - len(digits)]
    return sign + digits.rjust(width - len(sign), "0")


_PATTERNS: Final = {
    name: re.compile(pattern, re.ASCII) for name, pattern in (("int.of", _WHOLE), ("float.of", _NUMBER))
}


def _number_in(name: str, kind: Callable[[str], float]) -> Callable[[str], float]:
    def read(text: str) -> float:
        if not _PATTERNS[name].fullmatch(text.strip()):
            raise ValueError(text)
        return kind(text)

    return read


def _taken_by(kind: Callable[[str], float]) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        try:
            kind(text)
        except ValueError:
            return False
        return True

    return fits


def _numbers_by(start: int, stop: int, step: int) -> list[int]:
    return list(range(start, stop, step))


def _wide(width: int) -> int:
    if width < 0:
        raise ValueError("a width is not negative")
    return width


def _filled(number: int, width: int) -> str:
    return f"{number:0{width}d}"


def _in_thousands(number: int) -> str:
    return f"{number:,}"


def _to_base(number: int, base: int) -> str:
    return format(number, _LETTERS[base])


def _with_sign(value: float, text: str, sign: str) -> str:
    return ("" if value < 0 else sign) + text


PYTHON: Final[Mapping[str, Callable[..., Any]]] = {
    "abs": abs,
    "round": round,
    "round.to": round,
    "int": int,
    "float": float,
    "int.of": _number_in("int.of", int),
    "float.of": _number_in("float.of", float),
    "width": _wide,
    "int.fits": _taken_by(int),
    "float.fits": _taken_by(float),
    "floor": math.floor,
    "ceil": math.ceil,
    "sqrt": math.sqrt,
    "power": pow,
    "range.by": _numbers_by,
    "str.pad": _filled,
    "float.fixed": _text_of_float,
    "int.grouped": _in_thousands,
    "int.base": _to_base,
    "number.signed": _with_sign,
    "number.zeros": _zero_filled,
}

JSONATA: Final[Mapping[str, Renderer]] = {
    "round.to": _round,
    "int": _int,
    "float": _same,
    "int.of": _read,
    "float.of": _read,
    "width": _width,
    "int.fits": _fits,
    "float.fits": _fits,
    "floor": _integer("$floor"),
    "ceil": _integer("$ceil"),
    "sqrt": _sqrt,
    "power": _power,
    "range.by": _range,
    "str.pad": _pad,
    "float.fixed": _fixed,
    "int.grouped": _grouped,
    "int.base": _in_base,
    "number.signed": _signed,
    "number.zeros": _zeros,
}
