"""Random workflow functions, most of which compile: every kind of statement, over names that are likely to clash."""

from __future__ import annotations

import random
import re
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

LOCALS: Final = (
    *(
        "count",
        "length",
        "keys",
        "string",
        "filter",
        "join",
        "split",
        "lookup",
        "exists",
        "type",
        "error",
        "merge",
    ),
    *(
        "append",
        "number",
        "map",
        "reduce",
        "replace",
        "substring",
        "now_",
        "spread_",
        "not_",
        "states",
        "function",
    ),
    *(
        "a",
        "a_b",
        "b_c",
        "c",
        "x",
        "x_2",
        "x_index",
        "x_items",
        "item",
        "item_2",
        "items",
        "index",
        "subject",
    ),
    *(
        "result",
        "double_result",
        "Item_",
        "Items",
        "input",
        "context",
        "true",
        "null",
        "v",
        "e",
        "__",
        "error_2",
    ),
    *(
        "count_",
        "π",
        "größe",
        "名",
        "l1",
        "value",
        "key",
        "subject_2",
        "BatchInput",
        "token",
        "number_of_things" * 6,
    ),
)
"""Names for locals and parameters: functions and words of JSONata, names that the compiler makes, and plain ones."""
BOUND: Final = (
    *LOCALS[:40],
    "_x",
    "_a",
    "_",
    "__a",
    "_0key",
    "_item",
    "a_b",
    "b_c",
    "_count",
    "x",
    "x",
    "item",
)
"""Names for what comprehensions and lambdas bind."""
TEXTS: Final = ("", "a", "red", "b c", "{%", "'", '"', "$x", "é😀", "%}", "{}", "null", "`", "\\", "a\nb")
ANNOTATIONS: Final = {
    "int": "int",
    "str": "str",
    "bool": "bool",
    "ints": "list[int]",
    "words": "list[str]",
    "rows": "list[list[int]]",
    "table": "dict[str, int]",
    "pair": "tuple[int, str]",
    "pairs": "list[tuple[int, str]]",
    "oint": "int | None",
    "ostr": "str | None",
    "item": "Item",
    "items": "list[Item]",
    "oitem": "Item | None",
    "dpair": "Pair",
    "row": "Row",
    "color": "Color",
    "level": "Level",
    "kind": "Kind",
    "choice": "Literal['red', 'a']",
    "when": "datetime",
    "owhen": "datetime | None",
}
"""Kind of value -> its annotation."""
TEXT_METHODS: Final = ("upper()", "lower()", "replace('a', 'b')")
NAMELESS: Final = {
    "int": "len([1])",
    "str": "Item(n=1).s",
    "color": "Color.RED",
    "oint": "{'k': 2}.get('j')",
    "ostr": "Item(n=1).note",
    "oitem": "Item(n=1).when",
    "owhen": "Item(n=1).when",
}
OPTIONAL: Final = ("oint", "ostr", "oitem", "owhen")
ELEMENT: Final = {"ints": "int", "words": "str", "rows": "ints", "pairs": "pair", "items": "item"}
MOMENTS: Final = (
    datetime(2026, 1, 1, tzinfo=UTC),
    datetime(2026, 1, 1, 2, 30, tzinfo=timezone(timedelta(hours=2))),
    datetime(2025, 12, 31, 23, 59, 59, 250000, tzinfo=UTC),
)


def value_of(random: random.Random, kind: str) -> Any:
    """Give a random value of a kind, as JSON or as an object that pydantic takes for it."""
    match kind:
        case "int":
            return random.choice((-7, -1, 0, 1, 2, 3, 4, 6, 9, 13))
        case "str":
            return random.choice(TEXTS)
        case "bool":
            return random.random() < 0.5
        case "ints" | "words" | "rows" | "pairs" | "items":
            return [value_of(random, ELEMENT[kind]) for _ in range(random.randrange(4))]
        case "table":
            return {random.choice(TEXTS): value_of(random, "int") for _ in range(random.randrange(4))}
        case "pair":
            return (value_of(random, "int"), value_of(random, "str"))
        case "item":
            known = {"s": "str", "note": "ostr", "tags": "words", "when": "owhen"}
            given = {name: value_of(random, kind) for name, kind in known.items() if random.random() < 0.6}
            return {"n": value_of(random, "int"), **given}
        case "dpair":
            return {"a": value_of(random, "int"), "b": value_of(random, "ints")}
        case "row":
            more = {"count": value_of(random, "int")} if random.random() < 0.5 else {}
            return {"key": value_of(random, "str"), "size": value_of(random, "int"), **more}
        case "color":
            return random.choice(("red", "blue"))
        case "level":
            return random.choice((1, 2))
        case "kind":
            return random.choice(("first", "second"))
        case "choice":
            return random.choice(("red", "a"))
        case "when":
            return random.choice(MOMENTS)
        case _:  # optional kinds are called o and what they are of
            return None if random.random() < 0.4 else value_of(random, kind[1:])


@dataclass
class Program:
    """A workflow function, and what it can be called with."""

    text: str
    parameters: dict[str, str]

    def inputs(self, random: random.Random) -> dict[str, Any]:
        """Give random arguments."""
        return {name: value_of(random, kind) for name, kind in self.parameters.items()}


@dataclass
class Generator:
    """Writes one program; `known` holds the names that can be read here, with their kinds."""

    random: random.Random
    known: dict[str, str] = field(default_factory=dict[str, str])
    kinds: dict[str, str] = field(default_factory=dict[str, str])
    """Every local so far: a name keeps its kind in the whole function."""
    functions: int = 0
    loops: int = 0
    budget: int = 14
    """Statements still to be written."""
    can_call: bool = True
    returns: str = "int"

    def program(self) -> Program:
        """Write a program."""
        parameters: dict[str, str] = {}
        for _ in range(self.random.randrange(2, 6)):
            kind = self.random.choice(tuple(ANNOTATIONS))
            parameters[self.fresh(kind)] = kind
        self.known |= parameters
        self.returns = self.random.choice(("int", "str", "ints", "item", "owhen", "table", "pair", "bool"))
        body = [*self.block(0), f"return {self.expr(self.returns, 2)}"]
        signature = ", ".join(f"{name}: {ANNOTATIONS[kind]}" for name, kind in parameters.items())
        text = "\n".join(body)
        head = f"@workflow\ndef program({signature}) -> {ANNOTATIONS[self.returns]}:\n"
        return Program(head + textwrap.indent(text, "    "), parameters)

    # names

    def fresh(self, kind: str) -> str:
        """Give a name for a local of a kind, which may be there already."""
        while True:
            name = self.random.choice(LOCALS)
            if self.kinds.setdefault(name, kind) == kind and not name.startswith("_"):
                return name

    def named(self, kind: str) -> list[str]:
        return [name for name, known in self.known.items() if known == kind]

    def readable(self, kind: str) -> str:
        """Give a name that can be read here, or an expression that is no constant to Python."""
        return self.random.choice(self.named(kind) or [NAMELESS[kind]])

    @contextmanager
    def inside(self, **names: str) -> Iterator[None]:
        """Write in a block: what it assigns cannot be read behind it."""
        before = dict(self.known)
        self.known |= names
        yield
        self.known = before

    # expressions

    def expr(self, kind: str, depth: int = 2) -> str:
        """Write an expression of a kind."""
        names = self.named(kind)
        if names and (depth <= 0 or self.random.random() < 0.4):
            return self.random.choice(names)
        if depth > 0 and self.random.random() < 0.1:
            test = self.expr("bool", depth - 1)
            return f"({self.expr(kind, depth - 1)} if {test} else {self.expr(kind, depth - 1)})"
        return self.random.choice(self._forms(kind, depth))()

    def _forms(self, kind: str, depth: int) -> list[Callable[[], str]]:
        constant = [lambda: self.constant(kind, depth)]
        if depth <= 0:
            return constant
        e, pick, d = self.expr, self.random.choice, depth - 1
        some: list[Callable[[], str]]
        match kind:
            case "int":
                some = [
                    lambda: f"({e('int', d)} {pick('+-*')} {e('int', d)})",
                    lambda: f"({e('int', d)} {pick(('//', '%'))} {pick((2, 3, -2))})",
                    lambda: f"len({e(pick(('str', 'ints', 'words', 'table', 'pair', 'items')), d)})",
                    lambda: f"sum({self.generator('int', d)})",
                    lambda: f"{pick(('min', 'max'))}({e('int', d)}, {e('int', d)})",
                    lambda: f"{e('table', d)}.get({e('str', d)}, {e('int', 0)})",
                    lambda: f"{e('item', d)}.n",
                    lambda: f"{e('pair', d)}[0]",
                    lambda: f"({self.readable('oint')} or {e('int', d)})",
                    lambda: f"{e('row', d)}['size']",
                    lambda: f"{e('dpair', d)}.a",
                    lambda: f"abs({e('int', d)})",
                    *self._fallible_numbers(d),
                    *self._calls(d),
                ]
            case "str":
                some = [
                    lambda: f"({e('str', d)} + {e('str', d)})",
                    lambda: (
                        f'f"{{{self.readable("int")}}}-{{{self.readable("color")}}} {{{self.readable("str")}}}"'
                    ),
                    lambda: f"{e('str', d)}.{pick(TEXT_METHODS)}",
                    lambda: f"', '.join({e('words', d)})",
                    lambda: f"str({e('int', d)})",
                    lambda: f"{e('str', d)}[{pick(('1:', ':2', '-1:', '1:3'))}]",
                    lambda: f"{e('color', d)}.value",
                    lambda: f"({self.readable('ostr')} or {e('str', d)})",
                    lambda: f"{e('item', d)}.s",
                    lambda: f"{e('pair', d)}[1]",
                    lambda: f"{e('row', d)}['key']",
                ]
            case "bool":
                some = [
                    lambda: f"({e('int', d)} {pick(('<', '>=', '==', '!='))} {e('int', d)})",
                    lambda: f"({e('str', d)} {pick(('<', '==', 'in'))} {e('str', d)})",
                    lambda: f"({e('bool', d)} {pick(('and', 'or'))} {e('bool', d)})",
                    lambda: f"(not {e(pick(('bool', 'ints', 'str', 'table', 'ostr', 'oitem')), d)})",
                    lambda: f"({self.readable(pick(OPTIONAL))} is {pick(('', 'not '))}None)",
                    lambda: f"{pick(('any', 'all'))}({self.generator('bool', d)})",
                    lambda: f"({e('int', d)} in {e('ints', d)})",
                    lambda: f"({e('str', d)} in {e('table', d)})",
                    lambda: f"{e('str', d)}.{pick(('startswith', 'endswith'))}({e('str', d)})",
                    lambda: self._same(pick(tuple(ANNOTATIONS)), d),
                    lambda: f"({e('when', d)} {pick(('<', '>='))} {e('when', d)})",
                    lambda: f"({e('int', d)} < {e('int', d)} <= {e('int', d)})",
                ]
            case "ints" | "words" | "rows" | "pairs" | "items":
                one = ELEMENT[kind]
                some = [
                    lambda: f"[{self.generator(one, d)}]",
                    lambda: f"[*{e(kind, d)}, {e(one, d)}]",
                    lambda: f"[*[{e(one, d)}]]",
                    lambda: f"({e(kind, d)} + {e(kind, d)})",
                    lambda: f"{e(kind, d)}[{pick(('1:', ':2', '-2:', '1:-1'))}]",
                ]
                if kind == "ints":
                    some += [
                        lambda: f"sorted({e('ints', d)})",
                        lambda: f"list({e('table', d)}.values())",
                        lambda: f"list(range({e('int', 0)}))",
                        lambda: f"{e('dpair', d)}.b",
                    ]
                if kind == "words":
                    some += [
                        lambda: f"{e('item', d)}.tags",
                        lambda: f"list({e('table', d)})",
                        lambda: f"{e('str', d)}.split({pick(TEXTS[1:4])!r})",
                    ]
            case "table":
                some = [
                    lambda: f"{{{e('str', d)}: {e('int', d)}, {e('str', d)}: {e('int', d)}}}",
                    lambda: f"{{**{e('table', d)}, {e('str', d)}: {e('int', d)}}}",
                    lambda: f"({e('table', d)} | {e('table', d)})",
                    lambda: f"{{{self.generator('str', d, then='int')}}}",
                ]
            case "item":
                some = [
                    lambda: f"Item(s={e('str', d)}, n={e('int', d)})",
                    lambda: (
                        f"Item(n={e('int', d)}, note={e('ostr', d)}, tags={e('words', d)}, when={e('owhen', d)})"
                    ),
                ]
            case "when":
                some = [
                    lambda: (
                        f"({e('when', d)} {pick('+-')} timedelta({pick(('hours=3', 'days=1', 'seconds=90'))}))"
                    ),
                    lambda: "now()",
                ]
            case "oint":
                some = [lambda: f"{e('table', d)}.get({e('str', d)})", lambda: e("int", d)]
            case "ostr":
                some = [lambda: f"{e('item', d)}.note", lambda: e("str", d)]
            case "owhen":
                some = [lambda: f"{e('item', d)}.when", lambda: e("when", d)]
            case "oitem":
                some = [lambda: e("item", d)]
            case "pair":
                some = [lambda: f"({e('int', d)}, {e('str', d)})"]
            case "dpair":
                some = [
                    lambda: f"Pair({e('int', d)}, b={e('ints', d)})",
                    lambda: f"Pair(b={e('ints', d)}, a={e('int', d)})",
                ]
            case _:
                some = []
        return some or constant

    def _same(self, kind: str, depth: int) -> str:
        return f"({self.expr(kind, depth)} {self.random.choice(('==', '!='))} {self.expr(kind, depth)})"

    def _fallible_numbers(self, d: int) -> list[Callable[[], str]]:
        if self.random.random() < 0.8:
            return []
        e = self.expr
        return [
            lambda: f"{e('ints', d)}[{self.random.choice(('0', '-1', e('int', 0)))}]",
            lambda: f"{e('table', d)}[{e('str', 0)}]",
            lambda: f"max({e('ints', d)})",
            lambda: f"({e('int', d)} // {e('int', d)})",
        ]

    def _calls(self, d: int) -> list[Callable[[], str]]:
        if not self.can_call or self.random.random() < 0.5:
            return []
        e = self.expr
        return [
            lambda: f"{self.random.choice(('double', 'risky', 'retried', 'child'))}({e('int', d)})",
            lambda: f"len(shout(times={e('int', d)}, text={e('str', d)}))",
        ]

    def constant(self, kind: str, depth: int) -> str:
        """Write a value of a kind out."""
        match kind:
            case "item":
                return f"Item(n={self.random.randrange(9)})"
            case "dpair":
                return f"Pair({self.random.randrange(9)}, [])"
            case "color":
                return self.random.choice(("Color.RED", "Color.BLUE"))
            case "level":
                return self.random.choice(("Level.LOW", "Level.HIGH"))
            case "kind":
                return self.random.choice(("Kind.FIRST", "Kind.SECOND"))
            case "row":
                return self.random.choice(self.named("row") or ["Row(key='k', size=3)"])
            case "when":
                return "datetime(2026, 1, 1, tzinfo=UTC)"
            case "oitem" | "items" | "owhen":
                return "None" if kind[0] == "o" else "[Item(n=1)]"
            case _:
                value = value_of(self.random, kind)
                while value in ([], {}, None):  # nothing to read a type from
                    value = value_of(self.random, kind)
                return repr(value)

    def generator(self, kind: str, depth: int, *, then: str = "") -> str:
        """Write `element for name in items if condition`; `then` is the kind of the values of a dict."""
        source = self.random.choice(("ints", "words", "pairs", "items", "rows", "table", "range"))
        items = f"range({self.expr('int', 0)})" if source == "range" else self.expr(source, depth)
        if source == "table":
            items += ".items()"
        name, names = self.random.choice(BOUND), dict[str, str]()
        target = name
        if source in ("table", "pairs"):
            first, second = self.random.sample(BOUND, 2)
            target = f"{first}, {second}"
            names = {first: "str", second: "int"} if source == "table" else {first: "int", second: "str"}
        else:
            names = {name: {"range": "int", **ELEMENT}[source]}
        before, self.can_call = self.can_call, False
        with self.inside(**names):
            element = self.expr(kind, depth) + (f": {self.expr(then, depth)}" if then else "")
            test = f" if {self.expr('bool', depth)}" if self.random.random() < 0.4 else ""
        self.can_call = before
        return f"{element} for {target} in {items}{test}"

    # statements

    def block(self, depth: int) -> list[str]:
        """Write some statements."""
        lines: list[str] = []
        for _ in range(self.random.randrange(1, 6 if depth == 0 else 4)):
            if self.budget <= 0:
                break
            self.budget -= 1
            lines += self._statement(depth)
        return lines or ["pass"]

    def _statement(self, depth: int) -> list[str]:
        plain = [self._assign, self._assign, self._see, self._augment, self._call, self._wait, self._several]
        nested = [self._if, self._for, self._while, self._match, self._try, self._maps, self._branches]
        forms = plain + (nested * 2 if depth < 3 else [])
        if depth:
            forms += [self._leave]
        return self.random.choice(forms)(depth)

    def _nest(self, head: str, depth: int, /, **names: str) -> list[str]:
        with self.inside(**names):
            return [head, *(f"    {line}" for text in self.block(depth + 1) for line in text.split("\n"))]

    def _assign(self, depth: int) -> list[str]:
        kind = self.random.choice(tuple(ANNOTATIONS))
        value, new = self.expr(kind, 3), True
        name = self.fresh(kind)
        annotation = f": {ANNOTATIONS[kind]}" if name not in self.known and kind[0] in "oirwptc" else ""
        self.known[name] = kind
        return [f"{name}{annotation} = {value}" if new else ""]

    def _augment(self, depth: int) -> list[str]:
        names = [name for name in self.named("int") + self.named("str") if self.kinds.get(name) != "outer"]
        if not names:
            return self._assign(depth)
        name = self.random.choice(names)
        return [f"{name} += {self.expr(self.known[name], 2)}"]

    def _several(self, depth: int) -> list[str]:
        form = self.random.randrange(4)
        if form == 0:
            first, second = self.fresh("str"), self.fresh("str")
            self.known |= {first: "str", second: "str"}
            return [f"{first} = {second} = uuid()", f"see_number(1 if {first} == {second} else len({first}))"]
        if form == 1:
            return [f"_ = {self.expr(self.random.choice(('int', 'ints', 'item')), 2)}"]
        first, second = self.fresh("int"), self.fresh("str")
        value = self.expr("pair", 2) if form == 2 else f"both({self.expr('int', 1)}, {self.expr('str', 1)})"
        self.known |= {first: "int", second: "str"}
        return [f"{first}, {second} = {value}"]

    def _see(self, depth: int) -> list[str]:
        kind, name = self.random.choice(
            (("int", "number"), ("str", "text"), ("ints", "numbers"), ("item", "item"), ("owhen", "moment"))
        )
        return [f"see_{name}({self.expr(kind, 2)})"]

    def _call(self, depth: int) -> list[str]:
        kind, call = self.random.choice(
            (
                (
                    "int",
                    f"{self.random.choice(('double', 'risky', 'retried', 'child'))}({self.expr('int', 2)})",
                ),
                ("str", f"shout({self.expr('str', 2)})"),
                ("str", f"shout(times={self.expr('int', 2)}, text={self.expr('str', 2)})"),
                ("item", f"item_of(text={self.expr('str', 1)}, number={self.expr('int', 1)})"),
                ("oint", f"maybe({self.expr('int', 1)})"),
                ("ints", f"spread({self.expr('int', 1)})"),
            )
        )
        name = self.fresh(kind)
        self.known[name] = kind
        return [f"{name} = {call}"]

    def _wait(self, depth: int) -> list[str]:
        return [
            self.random.choice(
                (
                    f"wait({self.expr('int', 1)})",
                    "wait(timedelta(minutes=2))",
                    f"wait_until({self.expr('when', 1)})",
                    "wait(5)",
                )
            )
        ]

    def _if(self, depth: int) -> list[str]:
        optional = [name for name, kind in self.known.items() if kind in OPTIONAL]
        if optional and self.random.random() < 0.5:
            name = self.random.choice(optional)
            lines = self._nest(f"if {name} is not None:", depth, **{name: self.known[name][1:]})
        else:
            lines = self._nest(f"if {self.expr('bool', 3)}:", depth)
        if self.random.random() < 0.3:
            lines += self._nest(f"elif {self.expr('bool', 2)}:", depth)
        if self.random.random() < 0.5:
            lines += self._nest("else:", depth)
        return lines

    def _for(self, depth: int) -> list[str]:
        source = self.random.choice(
            ("ints", "words", "pairs", "items", "rows", "range", "table", "enumerate")
        )
        self.loops += 1
        if source == "range":
            name = self.fresh("int")
            lines = self._nest(f"for {name} in range({self.expr('int', 1)}):", depth, **{name: "int"})
        elif source == "table":
            first, second = self.fresh("str"), self.fresh("int")
            head = f"for {first}, {second} in {self.expr('table', 1)}.items():"
            lines = self._nest(head, depth, **{first: "str", second: "int"})
        elif source == "enumerate":
            first, second = self.fresh("int"), self.fresh("str")
            head = f"for {first}, {second} in enumerate({self.expr('words', 1)}):"
            lines = self._nest(head, depth, **{first: "int", second: "str"})
        elif source == "pairs":
            first, second = self.fresh("int"), self.fresh("str")
            head = f"for {first}, {second} in {self.expr('pairs', 1)}:"
            lines = self._nest(head, depth, **{first: "int", second: "str"})
        else:
            kind = ELEMENT[source]
            name = self.fresh(kind)
            lines = self._nest(f"for {name} in {self.expr(source, 2)}:", depth, **{name: kind})
        self.loops -= 1
        return lines + (self._nest("else:", depth) if self.random.random() < 0.2 else [])

    def _while(self, depth: int) -> list[str]:
        name = f"round_{self.budget}"
        self.loops += 1
        lines = self._nest(f"while {name} < {self.random.randrange(1, 4)} and {self.expr('bool', 1)}:", depth)
        self.loops -= 1
        return [f"{name} = 0", lines[0], f"    {name} += 1", *lines[1:]]

    def _match(self, depth: int) -> list[str]:
        cases = {
            "color": ("Color.RED", "Color.BLUE"),
            "level": ("Level.LOW",),
            "kind": ("Kind.FIRST",),
            "choice": ("'red'", "'a'"),
            "int": ("1", "2 | 3", "-1"),
            "str": ("'a'", "'' | 'red'"),
            "ostr": ("None", "'a'", "None | 'a'", "'red'"),
            "oint": ("None | 1", "2"),
            "bool": ("True",),
        }
        kind = self.random.choice(tuple(cases))
        lines = [f"match {self.expr(kind, 1)}:"]
        for case in self.random.sample(cases[kind], self.random.randrange(1, len(cases[kind]) + 1)):
            guard = f" if {self.expr('bool', 1)}" if self.random.random() < 0.25 else ""
            lines += [f"    {line}" for line in self._nest(f"case {case}{guard}:", depth)]
        if self.random.random() < 0.6:
            lines += [f"    {line}" for line in self._nest("case _:", depth)]
        return lines

    def _try(self, depth: int) -> list[str]:
        with self.inside():
            lines = ["try:", f"    {self._call(depth)[0]}", *self._nest("try:", depth)[1:]]
        kinds = self.random.choice(
            (
                ("SmallProblem",),
                ("Problem",),
                ("OtherProblem", "Problem"),
                ("Exception",),
                ("(Problem, OtherProblem)",),
            )
        )
        for kind in kinds:
            name = self.fresh("error") if self.random.random() < 0.6 else ""
            head = f"except {kind} as {name}:" if name else f"except {kind}:"
            clause = self._nest(head, depth)
            said = [f"    see_text(str({name}))"] if name else []
            again = ["    raise"] if self.random.random() < 0.2 else []
            lines += [clause[0], *said, *clause[1:], *again]
        if self.random.random() < 0.2:
            lines += self._nest("else:", depth)
        if self.random.random() < 0.25:
            loops, self.loops = self.loops, 0
            body = self._nest("finally:", depth)
            lines += [re.sub(r"return .*", "see_number(0)", line) for line in body]
            self.loops = loops
        return lines

    def _maps(self, depth: int) -> list[str]:
        name, bound = self.fresh("ints"), self.random.choice(BOUND)
        items = self.expr("ints", 2)
        with self.inside(**{bound: "int"}):
            before, self.can_call = self.can_call, False
            inner = self.expr("int", 1)
            self.can_call = before
        call = self.random.choice(("double", "risky", "retried"))
        form = self.random.randrange(4)
        lines: list[str] = []
        if form == 0:
            text = f"[{call}({inner}) for {bound} in {items}]"
        elif form == 1:
            text = f"map_items({items}, lambda {bound}: {call}({inner}))"
        else:
            self.functions += 1
            function = f"part_{self.functions}"
            parameter = self.random.choice([each for each in LOCALS if not each.startswith("_")])
            lines = self._function(f"def {function}({parameter}: int) -> int:", depth, {parameter: "int"})
            text = (
                f"map_items({items}, {function})"
                if form == 2
                else f"[{function}({bound}) for {bound} in {items}]"
            )
        self.known[name] = "ints"
        return [*lines, f"{name} = {text}"]

    def _function(self, head: str, depth: int, parameters: dict[str, str]) -> list[str]:
        before, loops, returns, outer = dict(self.kinds), self.loops, self.returns, dict(self.known)
        self.loops, self.returns = 0, "int"
        # what is read from around the function is not assigned in it, and the other way round
        self.known = {name: kind for name, kind in outer.items() if self.random.random() < 0.6}
        self.kinds = {**dict.fromkeys(self.known, "outer"), **parameters}
        with self.inside(**parameters):
            lines = [
                head,
                *(f"    {line}" for line in self.block(depth + 2)),
                f"    return {self.expr('int', 2)}",
            ]
        self.kinds, self.loops, self.returns, self.known = before, loops, returns, outer
        return lines

    def _branches(self, depth: int) -> list[str]:
        self.functions += 1
        function = f"part_{self.functions}"
        lines = self._function(f"def {function}() -> int:", depth, {})
        first, second = self.fresh("int"), self.fresh("str")
        text = f"parallel({function}(), shout({self.expr('str', 1)}))"
        self.known |= {first: "int", second: "str"}
        return [*lines, f"{first}, {second} = {text}"]

    def _leave(self, depth: int) -> list[str]:
        if self.loops and self.random.random() < 0.6:
            return [f"if {self.expr('bool', 2)}:", f"    {self.random.choice(('break', 'continue'))}"]
        leave = self.random.choice(
            (
                f"return {self.expr(self.returns, 2)}",
                f"raise SmallProblem({self.expr('str', 1)})",
                "raise OtherProblem",
            )
        )
        return [f"if {self.expr('bool', 2)}:", f"    {leave}"]
