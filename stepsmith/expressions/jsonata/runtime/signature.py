"""Function signatures such as `<s-nn?:s>`: which arguments fit, and what they become."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.runtime import values
from stepsmith.expressions.types import UNDEFINED
from stepsmith.frozen import frozen

_CHOICES: Final = {
    **{symbol: symbol + "m" for symbol in "snblo"},
    "a": "asnblfom",
    "f": "f",
    "j": "asnblom",
    "x": "asnblfom",
}
_PLURALS: Final = {
    "a": "arrays", "b": "booleans", "f": "functions", "n": "numbers", "o": "objects", "s": "strings",
}  # fmt: skip
_LONGEST: Final = 1_000
_MOST_WAYS: Final = 1_000_000
_SYMBOLS: Final[dict[type, str]] = {
    str: "s", int: "n", float: "n", bool: "b", type(None): "l", list: "a", values.Sequence: "a",
    values.Outer: "a", values.TupleStream: "a", dict: "o", type(UNDEFINED): "m", values.Lambda: "f",
    values.Native: "f",
}  # fmt: skip


def symbol_of(value: object) -> str:
    """The letter that stands for the type of a value; `m` where it is missing."""
    return _SYMBOLS[type(value)]


@lru_cache(maxsize=64)
def _types_of(letters: str) -> frozenset[type]:
    return frozenset(kind for kind, symbol in _SYMBOLS.items() if symbol in letters)


@frozen
class Parameter:
    """One parameter: the type letters it takes, how often, and what it stands for when left out."""

    letter: str
    choice: frozenset[str]
    least: int = 1
    most: int | None = 1
    lazy: bool = False
    context: bool = False
    subtype: str | None = None

    def types(self) -> frozenset[type]:
        """The Python types of values that may be passed on as they are."""
        if self.letter != "a":
            return _types_of("".join(self.choice))
        return _types_of("am" if self.subtype is None else "m")


@frozen
class Signature:
    """A parsed signature."""

    text: str
    parameters: tuple[Parameter, ...]

    def validate(self, arguments: list[Any], context: Any) -> list[Any]:
        """The arguments as the function gets them; raises T0410, T0411 or T0412 where they do not fit."""
        if self._fits_in_order(arguments):
            missing = len(self.parameters) - len(arguments)
            if not any(parameter.letter == "a" for parameter in self.parameters):
                return [*arguments, *[UNDEFINED] * missing] if missing else arguments
            fitted = [
                _as_array(parameter, symbol_of(argument), argument, symbol_of(argument), number)
                if parameter.letter == "a"
                else argument
                for number, (parameter, argument) in enumerate(
                    zip(self.parameters, arguments, strict=False), 1
                )
            ]
            return fitted + [UNDEFINED] * missing
        return self._validate_slowly(arguments, context)

    def fast_types(self, count: int) -> list[frozenset[type]] | None:
        """Types with which so many arguments fit as they are; None where only `validate` can tell."""
        rest = self.parameters[count:]
        if count > len(self.parameters) or any(part.least or part.context for part in rest):
            return None
        given = self.parameters[:count]
        if any(part.most is None or part.lazy for part in given):
            return None
        return [part.types() for part in given]

    def _fits_in_order(self, arguments: Sequence[Any]) -> bool:
        if len(arguments) > len(self.parameters):
            return False
        for parameter, argument in zip(self.parameters, arguments, strict=False):
            if parameter.most is None or parameter.lazy or symbol_of(argument) not in parameter.choice:
                return False
        rest = self.parameters[len(arguments) :]
        return all(parameter.least == 0 and not parameter.context for parameter in rest)

    def _validate_slowly(self, arguments: Sequence[Any], context: Any) -> list[Any]:
        symbols = "".join(map(symbol_of, arguments))
        groups = _match(self.parameters, symbols, whole=True)
        if groups is None:
            raise self._mismatch(arguments, symbols)
        fitted: list[Any] = []
        at = 0
        for parameter, group in zip(self.parameters, groups, strict=True):
            if group:
                fitted.extend(_taken(parameter, group, arguments, at))
                at += len(group)
            elif parameter.context:
                if symbol_of(context) not in parameter.choice:
                    raise JsonataError("T0411", value=context, index=at + 1)
                fitted.append(context)
            else:
                fitted.append(arguments[at] if at < len(arguments) else UNDEFINED)
                at += 1
        return fitted

    def _mismatch(self, arguments: Sequence[Any], symbols: str) -> JsonataError:
        good = 0
        for count in range(1, len(self.parameters) + 1):
            groups = _match(self.parameters[:count], symbols, whole=False)
            if groups is None:
                break
            good = sum(map(len, groups))
        value = arguments[good] if good < len(arguments) else UNDEFINED
        return JsonataError("T0410", value=value, index=good + 1)


def _taken(parameter: Parameter, group: str, arguments: Sequence[Any], at: int) -> list[Any]:
    # what was left out for an optional parameter counts as an argument, so there may be too few
    given = [*arguments[at:], *[UNDEFINED] * len(group)]
    if parameter.letter != "a":
        return given[:1] * len(group)
    return [
        _as_array(parameter, symbol, given[offset], group, at + offset + 1)
        for offset, symbol in enumerate(group)
    ]


def _as_array(parameter: Parameter, symbol: str, argument: Any, group: str, number: int) -> Any:
    if symbol == "m":
        return UNDEFINED
    subtype = parameter.subtype
    if symbol != "a":
        if subtype is not None and group != subtype:
            raise JsonataError("T0412", value=argument, index=number, type=_PLURALS.get(subtype))
        return [None if argument is UNDEFINED else argument]
    if subtype is not None and argument and not set(map(type, argument)) <= _types_of(subtype[:1]):
        raise JsonataError("T0412", value=argument, index=number, type=_PLURALS.get(subtype))
    return argument


def _match(parameters: Sequence[Parameter], symbols: str, *, whole: bool) -> list[str] | None:
    """How the parameters share out the arguments, the first ones as much as they can."""
    if len(parameters) > 1 and len(parameters) * len(symbols) ** 2 > _MOST_WAYS:
        raise JsonataError("U1006", message="Too many arguments")
    failed: set[tuple[int, int]] = set()

    def match(number: int, at: int) -> list[str] | None:
        if number == len(parameters):
            return [] if not whole or at == len(symbols) else None
        if (number, at) in failed:
            return None
        parameter = parameters[number]
        end = len(symbols) if parameter.most is None else min(at + parameter.most, len(symbols))
        fitting = at
        while fitting < end and symbols[fitting] in parameter.choice:
            fitting += 1
        ends = range(fitting, at + parameter.least - 1, -1)
        for after in reversed(ends) if parameter.lazy else ends:
            tail = match(number + 1, after)
            if tail is not None:
                return [symbols[at:after], *tail]
        failed.add((number, at))
        return None

    return match(0, 0)


@lru_cache(maxsize=512)
def parse_signature(text: str, position: int = 0) -> Signature:
    """Parses a signature with its angle brackets; raises S0401 or S0402, counted from `position`."""
    if len(text) > _LONGEST:
        raise JsonataError(
            "U1006", position=position, message=f"A signature has at most {_LONGEST} characters"
        )
    parameters: list[Parameter] = []
    at = 1
    while at < len(text) and text[at] != ":":
        symbol = text[at]
        if symbol in _CHOICES:
            parameters.append(Parameter(symbol, frozenset(_CHOICES[symbol])))
        elif symbol in "-?+" and parameters:
            parameters[-1] = _modified(parameters[-1], symbol)
        elif symbol == "(":
            end = _closing(text, at, "(", ")")
            choice = text[at + 1 : end]
            if "<" in choice:
                raise JsonataError("S0402", position=position + at, value=choice)
            parameters.append(Parameter(f"({choice})", frozenset(choice + "m")))
            at = end
        elif symbol == "<":
            letter = parameters[-1].letter if parameters else UNDEFINED
            if letter not in ("a", "f"):
                raise JsonataError("S0401", position=position + at, value=letter)
            end = _closing(text, at, "<", ">")
            parameters[-1] = replace(parameters[-1], subtype=text[at + 1 : end])
            at = end
        at += 1
    return Signature(text, tuple(parameters))


def _modified(parameter: Parameter, symbol: str) -> Parameter:
    if symbol == "+":
        return replace(parameter, most=None)
    if parameter.least == 0 or parameter.most is None:
        return replace(parameter, lazy=True, context=parameter.context or symbol == "-")
    return replace(parameter, least=0, context=symbol == "-")


def _closing(text: str, start: int, opening: str, closing: str) -> int:
    depth = 1
    at = start
    while at < len(text) - 1 and depth > 0:
        at += 1
        depth += (text[at] == opening) - (text[at] == closing)
    return at if depth == 0 else len(text)
