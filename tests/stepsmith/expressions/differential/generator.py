"""Typed random Python expressions, and random values for the names in them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


@dataclass
class Line:
    sku: str
    quantity: int
    price: float
    note: str | None
    tags: list[str]


NAMES: dict[str, Any] = {
    "i": int,
    "j": int,
    "f": float,
    "g": float,
    "s": str,
    "t": str,
    "b": bool,
    "c": bool,
    "xs": list[int],
    "ys": list[int],
    "fs": list[float],
    "ws": list[str],
    "rows": list[list[int]],
    "d": dict[str, int],
    "dd": dict[str, list[int]],
    "oi": int | None,
    "os": str | None,
    "oxs": list[int] | None,
    "opts": list[int | None],
    "line": Line,
    "oline": Line | None,
    "lines": list[Line],
    "size": Size,
    "pairs": list[tuple[str, int]],
}
"""What the expressions may name, with annotations."""

TEXTS = ["", "a", "b", "ab", "small", "x y", "é", "😀z", "{%", "'", '"q"', "a.b"]
INTS = [0, 1, 2, 3, -1, -2, 5, 7, 10, 100, -13]
FLOATS = [0.0, 0.5, 1.0, -0.5, 1.5, 2.5, 0.1, 3.25, -7.75, 100.125]


def value(random: random.Random, kind: str) -> Any:
    """Give a random value of a kind: the JSON of it, models as dicts."""
    match kind:
        case "int":
            return random.choice(INTS)
        case "float":
            return random.choice(FLOATS)
        case "str":
            return random.choice(TEXTS)
        case "bool":
            return random.random() < 0.5
        case "Size":
            return random.choice(["small", "large"])
        case "Line":
            note = value(random, "str") if random.random() < 0.6 else None
            tags = [value(random, "str") for _ in range(random.randrange(3))]
            return {
                "sku": value(random, "str"),
                "quantity": value(random, "int"),
                "price": value(random, "float"),
                "note": note,
                "tags": tags,
            }
        case "pair":
            return [value(random, "str"), value(random, "int")]
        case _ if kind.startswith("?"):
            return None if random.random() < 0.4 else value(random, kind[1:])
        case _ if kind.startswith("["):
            return [value(random, kind[1:]) for _ in range(random.choice([0, 1, 1, 2, 3]))]
        case _:
            keys = random.sample(["a", "b", "ab", "x y"], random.randrange(4))
            return {key: value(random, kind[1:]) for key in keys}


KINDS = {
    **dict.fromkeys("ij", "int"),
    **dict.fromkeys("fg", "float"),
    **dict.fromkeys("st", "str"),
    **dict.fromkeys("bc", "bool"),
    "xs": "[int",
    "ys": "[int",
    "fs": "[float",
    "ws": "[str",
    "rows": "[[int",
    "d": "{int",
    "dd": "{[int",
    "oi": "?int",
    "os": "?str",
    "oxs": "?[int",
    "opts": "[?int",
    "line": "Line",
    "oline": "?Line",
    "lines": "[Line",
    "size": "Size",
    "pairs": "[pair",
}


def values(random: random.Random) -> dict[str, Any]:
    """Give a random value for each name."""
    return {name: value(random, kind) for name, kind in KINDS.items()}


class Generator:
    """Makes expressions; each method named after a type gives the source of one."""

    def __init__(self, random: random.Random) -> None:
        self.random = random
        self.bound: list[tuple[str, str]] = []
        self._fresh = 0

    def any(self, depth: int) -> str:
        """Give an expression of a random type."""
        kind = self.random.choice(
            [
                "int",
                "int",
                "float",
                "str",
                "str",
                "bool",
                "bool",
                "[int",
                "[str",
                "[[int",
                "{int",
                "Line",
                "[Line",
                "?int",
            ]
        )
        return self.of(kind, depth)

    def of(self, kind: str, depth: int) -> str:
        """Give an expression of a kind."""
        if depth <= 0:
            return self.leaf(kind)
        makers = _MAKERS[kind]
        return self.random.choice(makers)(self, depth - 1)

    def leaf(self, kind: str) -> str:
        """Give a name or constant."""
        names = [name for name, known in [*KINDS.items(), *self.bound] if known == kind]
        if names and self.random.random() < 0.75:
            return self.random.choice(names)
        match kind:
            case "int":
                return str(self.random.choice(INTS))
            case "float":
                return str(self.random.choice(FLOATS))
            case "str":
                return repr(self.random.choice(TEXTS))
            case "bool":
                return self.random.choice(["True", "False"])
            case "Size":
                return self.random.choice(["Size.SMALL", "Size.LARGE"])
            case "[[int":
                return self.random.choice(["[[1], [2, 3]]", "[[]]", "[[0]]"])
            case "[int":
                return self.random.choice(["[1, 2]", "[5]", "[0, -1, 3]"])
            case "[str":
                return self.random.choice(["['a']", "['a', 'b']"])
            case "{int":
                return self.random.choice(["{'a': 1}", "{'a': 0, 'x y': 2}"])
            case "Line":
                return "Line(sku='k', quantity=1, price=0.5, note=None, tags=['t'])"
            case "?int":
                return "None"
            case _:
                return names[0]

    def over(self, kind: str, depth: int) -> tuple[str, str]:
        """Bind a name to the items of a list of a kind; gives name and list. The caller unbinds it."""
        items = self.of(f"[{kind}", depth)
        names = [name for name, known in [*KINDS.items(), *self.bound] if known == kind and len(name) == 1]
        self._fresh += 1
        name = self.random.choice([f"v{self._fresh}", f"q{self._fresh % 2}", *names[:1]])
        self.bound.append((name, kind))
        return name, items


def _two(kind: str, other: str, template: str) -> Callable[[Generator, int], str]:
    return lambda g, depth: template.format(g.of(kind, depth), g.of(other, depth))


def _one(kind: str, template: str) -> Callable[[Generator, int], str]:
    return lambda g, depth: template.format(g.of(kind, depth))


def _if(kind: str) -> Callable[[Generator, int], str]:
    return lambda g, depth: f"({g.of(kind, depth)} if {g.of('bool', depth)} else {g.of(kind, depth)})"


def _comprehension(item: str, result: str) -> Callable[[Generator, int], str]:
    def make(g: Generator, depth: int) -> str:
        name, items = g.over(item, depth)
        element = g.of(result, depth)
        test = f" if {g.of('bool', depth)}" if g.random.random() < 0.6 else ""
        g.bound.pop()
        return f"[{element} for {name} in {items}{test}]"

    return make


def _quantifier(item: str) -> Callable[[Generator, int], str]:
    def make(g: Generator, depth: int) -> str:
        function = g.random.choice(["any", "all"])
        name, items = g.over(item, depth)
        element = g.of("bool", depth)
        test = f" if {g.of('bool', depth)}" if g.random.random() < 0.3 else ""
        g.bound.pop()
        return f"{function}({element} for {name} in {items}{test})"

    return make


def _dict_comprehension(g: Generator, depth: int) -> str:
    # keys made of digits are moved to the front by the reference implementation: a documented difference
    name, items = g.over("str", 0)
    element = g.of("int", depth)
    test = f" if {g.of('bool', depth)}" if g.random.random() < 0.4 else ""
    g.bound.pop()
    return f"{{{name}: {element} for {name} in {items}{test}}}"


def _pair_comprehension(g: Generator, depth: int) -> str:
    items = g.random.choice(["pairs", f"({g.of('{int', depth)}).items()"])
    g.bound += [("key", "str"), ("num", "int")]
    element = g.of("str", depth)
    test = f" if {g.of('bool', depth)}" if g.random.random() < 0.5 else ""
    del g.bound[-2:]
    return f"[{element} for key, num in {items}{test}]"


def _slice(kind: str) -> Callable[[Generator, int], str]:
    def make(g: Generator, depth: int) -> str:
        bound = lambda: g.random.choice(["", "0", "1", "2", "-1", "-2", "5"])  # noqa: E731
        return f"({g.of(kind, depth)})[{bound()}:{bound()}]"

    return make


def _chain(g: Generator, depth: int) -> str:
    a, b, c = (g.of("int", depth) for _ in range(3))
    one, two = (g.random.choice(["<", "<=", ">", ">=", "==", "!="]) for _ in range(2))
    return f"({a} {one} {b} {two} {c})"


def _compare(kind: str) -> Callable[[Generator, int], str]:
    def make(g: Generator, depth: int) -> str:
        sign = g.random.choice(["<", "<=", ">", ">=", "==", "!="])
        return f"({g.of(kind, depth)} {sign} {g.of(kind, depth)})"

    return make


def _equal(kind: str, other: str) -> Callable[[Generator, int], str]:
    return lambda g, depth: f"({g.of(kind, depth)} {g.random.choice(['==', '!='])} {g.of(other, depth)})"


def _truth(kind: str) -> Callable[[Generator, int], str]:
    return lambda g, depth: f"(not {g.of(kind, depth)})"


def _narrowed(g: Generator, depth: int) -> str:
    name, kind = g.random.choice([("oi", "int"), ("os", "str"), ("oxs", "[int"), ("line.note", "str")])
    test = g.random.choice([f"{name} is not None", name])
    g.bound.append((name, kind))
    then = g.of("int", depth)
    g.bound.pop()
    return f"({then} if {test} else {g.of('int', depth)})"


_MAKERS: dict[str, list[Callable[[Generator, int], str]]] = {
    "int": [
        lambda g, depth: g.leaf("int"),
        _two("int", "int", "({} + {})"),
        _two("int", "int", "({} - {})"),
        _two("int", "int", "({} * {})"),
        _two("int", "int", "({} // {})"),
        _two("int", "int", "({} % {})"),
        _one("int", "(-{})"),
        _one("int", "abs({})"),
        _one("float", "int({})"),
        _one("float", "round({})"),
        _one("[int", "len({})"),
        _one("str", "len({})"),
        _one("{int", "len({})"),
        _one("[[int", "len({})"),
        _one("[int", "sum({})"),
        _one("[int", "max({})"),
        _two("int", "int", "min({}, {})"),
        _two("[int", "int", "({})[{}]"),
        lambda g, depth: f"({g.of('[int', depth)})[{g.random.choice([0, -1, 1])}]",
        _two("{int", "str", "({})[{}]"),
        lambda g, depth: f"({g.of('{int', depth)}).get({g.of('str', depth)}, {g.leaf('int')})",
        _one("Line", "({}).quantity"),
        _one("[Line", "({})[0].quantity"),
        _if("int"),
        _two("int", "int", "({} or {})"),
        _two("int", "int", "({} and {})"),
        _narrowed,
        lambda g, depth: f"({g.of('?int', depth)} or {g.of('int', depth)})",
    ],
    "float": [
        lambda g, depth: g.leaf("float"),
        _two("int", "int", "({} / {})"),
        _two("float", "int", "({} * {})"),
        _two("float", "float", "({} + {})"),
        _two("float", "float", "({} / {})"),
        _one("int", "float({})"),
        _one("Line", "({}).price"),
        _one("float", "(-{})"),
        _if("float"),
    ],
    "str": [
        lambda g, depth: g.leaf("str"),
        _two("str", "str", "({} + {})"),
        lambda g, depth: f"f'<{{{_nested(g.of('str', depth))}}}{{{_nested(g.of('int', depth))}}}'",
        _one("int", "str({})"),
        _one("str", "({}).upper()"),
        _one("str", "({}).lower()"),
        lambda g, depth: (
            f"({g.of('str', depth)}).replace({g.random.choice(['a', '.', 'x y'])!r}, {g.of('str', depth)})"
        ),
        _two("str", "[str", "({}).join({})"),
        _slice("str"),
        _two("[str", "int", "({})[{}]"),
        _one("Line", "({}).sku"),
        _if("str"),
        _two("str", "str", "({} or {})"),
        lambda g, depth: f"({g.of('Line', depth)}.note or {g.of('str', depth)})",
        lambda g, depth: "size.value",
    ],
    "bool": [
        lambda g, depth: g.leaf("bool"),
        _compare("int"),
        _compare("str"),
        _compare("float"),
        _equal("int", "float"),
        _equal("bool", "bool"),
        _equal("[int", "[int"),
        _equal("[[int", "[[int"),
        _equal("{int", "{int"),
        _equal("?int", "int"),
        _equal("Size", "Size"),
        _equal("Size", "str"),
        _equal("Line", "Line"),
        _chain,
        _truth("int"),
        _truth("str"),
        _truth("[int"),
        _truth("[[int"),
        _truth("{int"),
        _truth("?int"),
        _truth("bool"),
        _two("bool", "bool", "({} and {})"),
        _two("bool", "bool", "({} or {})"),
        _two("int", "[int", "({} in {})"),
        _two("str", "[str", "({} not in {})"),
        _two("str", "str", "({} in {})"),
        _two("str", "{int", "({} in {})"),
        lambda g, depth: f"({g.of('?int', depth)} in opts)",
        lambda g, depth: (
            f"({g.random.choice(['oi', 'os', 'oxs', 'oline', 'line.note'])} is {g.random.choice(['', 'not '])}None)"
        ),
        lambda g, depth: "(oline is not None and oline.quantity > 1)",
        lambda g, depth: f"(len(xs) > 0 and xs[0] > {g.of('int', depth)})",
        _two("str", "str", "({}).startswith({})"),
        _two("str", "str", "({}).endswith({})"),
        lambda g, depth: f"({g.of('str', depth)}).endswith({g.leaf('str')})",
        _quantifier("int"),
        _quantifier("Line"),
        _quantifier("[int"),
        _quantifier("?int"),
        _if("bool"),
    ],
    "[int": [
        lambda g, depth: g.leaf("[int"),
        _two("int", "int", "[{}, {}]"),
        _two("[int", "int", "[*{}, {}]"),
        _two("[int", "[int", "({} + {})"),
        _slice("[int"),
        _comprehension("int", "int"),
        _comprehension("Line", "int"),
        _comprehension("[int", "int"),
        _one("[int", "sorted({})"),
        _two("[[int", "int", "({})[{}]"),
        _if("[int"),
        _two("[int", "[int", "({} or {})"),
        lambda g, depth: f"(dd)[{g.of('str', depth)}]",
        lambda g, depth: (
            f"list(range({g.random.choice(INTS[:7])}, {g.random.choice(['i', '3', 'len(xs)'])}))"
        ),
    ],
    "[str": [
        lambda g, depth: g.leaf("[str"),
        _two("str", "str", "[{}, {}]"),
        _one("str", "[{}]"),
        lambda g, depth: f"({g.of('str', depth)}).split({g.random.choice(['a', ' ', '.'])!r})",
        _comprehension("str", "str"),
        _comprehension("Line", "str"),
        _one("[str", "sorted({})"),
        _slice("[str"),
        _one("Line", "({}).tags"),
        _pair_comprehension,
        lambda g, depth: f"list(({g.of('{int', depth)}).keys())",
    ],
    "[[int": [
        lambda g, depth: g.leaf("[[int"),
        _two("[int", "[int", "[{}, {}]"),
        _one("[int", "[{}]"),
        _two("[[int", "[int", "[*{}, {}]"),
        _two("[[int", "[[int", "({} + {})"),
        _comprehension("int", "[int"),
        _comprehension("[int", "[int"),
        _slice("[[int"),
        _if("[[int"),
    ],
    "{int": [
        lambda g, depth: g.leaf("{int"),
        lambda g, depth: f"{{'a': {g.of('int', depth)}, 'z': {g.of('int', depth)}}}",
        lambda g, depth: f"{{**{g.of('{int', depth)}, {g.leaf('str')}: {g.of('int', depth)}}}",
        _two("{int", "{int", "({} | {})"),
        _dict_comprehension,
        _if("{int"),
    ],
    "Line": [
        lambda g, depth: g.leaf("Line"),
        lambda g, depth: (
            f"Line(sku={g.of('str', depth)}, quantity={g.of('int', depth)}, price={g.of('float', depth)},"
            f" note={g.random.choice(['None', 'line.note', 's'])}, tags={g.of('[str', depth)})"
        ),
        _two("[Line", "int", "({})[{}]"),
        _if("Line"),
    ],
    "[Line": [
        lambda g, depth: g.leaf("[Line"),
        _comprehension("Line", "Line"),
        _comprehension("int", "Line"),
        _slice("[Line"),
        _one("Line", "[{}, line]"),
    ],
    "?int": [
        lambda g, depth: g.leaf("?int"),
        lambda g, depth: f"({g.of('{int', depth)}).get({g.of('str', depth)})",
        _if("?int"),
        lambda g, depth: "opts[0]",
    ],
    "[?int": [
        lambda g, depth: "opts",
        lambda g, depth: f"[{g.of('?int', depth)}, {g.of('int', depth)}]",
        _comprehension("?int", "?int"),
        _slice("[?int"),
        _comprehension("int", "?int"),
    ],
    "Size": [lambda g, depth: g.leaf("Size")],
}


def _nested(source: str) -> str:
    """Give an expression that may stand inside an f-string of single quotes, which 3.11 does not nest."""
    return "s" if "'" in source or '"' in source or "\\" in source else source
