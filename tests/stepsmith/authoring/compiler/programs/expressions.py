"""Random expressions over the names that can be read at a place."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.stepsmith.authoring.compiler.programs.kinds import (
    BOUND,
    CONSTANTS,
    ELEMENT,
    LOCALS,
    MADE,
    NAMELESS,
    OPTIONAL,
    TEXT_METHODS,
    TEXTS,
    value_of,
)
from tests.stepsmith.authoring.compiler.programs.library import forms


@dataclass
class Expressions:
    """Writes expressions; `known` holds the names that can be read here, with their kinds."""

    random: random.Random
    known: dict[str, str] = field(default_factory=dict[str, str])
    kinds: dict[str, str] = field(default_factory=dict[str, str])
    """Every local so far: a name keeps its kind in the whole function."""
    can_call: bool = True
    can_fail: bool = True
    """Whether an expression may fail here: not inside try, nor where several items run at once."""
    can_wait: bool = True
    """Whether time may pass here: not side by side, where it passes once for all."""
    can_raise: bool = True
    """Whether a task may fail here: where several do at once, the first in time is not the first in the source."""

    def fresh(self, kind: str) -> str:
        """Give a name for a local of a kind, which may be there already."""
        while True:
            name = self.random.choice(LOCALS)
            if self.kinds.setdefault(name, kind) == kind and not name.startswith("_"):
                return name

    def named(self, kind: str) -> list[str]:
        return [name for name, known in self.known.items() if known == kind]

    @contextmanager
    def without_calls(self) -> Iterator[None]:
        """Write what is not always evaluated, or many times."""
        before, self.can_call = self.can_call, False
        yield
        self.can_call = before

    def lazy(self, kind: str, depth: int) -> str:
        """Write an expression of a kind that is not always evaluated."""
        with self.without_calls():
            return self.expr(kind, depth)

    def tasks(self) -> str:
        """Give the name of a task that takes a number and gives one."""
        failing = ("risky", "child", *(("retried",) if self.can_wait else ())) if self.can_raise else ()
        return self.random.choice(("double", *failing))

    def safe_number(self) -> str:
        """Write a number for a task that fails by some, where it may."""
        return self.expr("int", 1) if self.can_raise else "1"

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

    def expr(self, kind: str, depth: int = 2) -> str:
        """Write an expression of a kind."""
        names = self.named(kind)
        if names and (depth <= 0 or self.random.random() < 0.4):
            return self.random.choice(names)
        if depth > 0 and self.random.random() < 0.1:
            test = self.expr("bool", depth - 1)
            return f"({self.lazy(kind, depth - 1)} if {test} else {self.lazy(kind, depth - 1)})"
        return self.random.choice(self._forms(kind, depth))()

    def _forms(self, kind: str, depth: int) -> list[Callable[[], str]]:
        constant = [lambda: self.constant(kind, depth)]
        if depth <= 0:
            return constant
        e, pick, d, data = self.expr, self.random.choice, depth - 1, self.named("data")
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
                    lambda: f"({self.readable('oint')} or {self.lazy('int', d)})",
                    lambda: f"{e('row', d)}['size']",
                    lambda: f"{e('dpair', d)}.a",
                    lambda: f"abs({e('int', d)})",
                    lambda: f"{e('when', d)}.{pick(('year % 100', 'month', 'hour', 'weekday()'))}",
                    lambda: f"({self.moment()} - {self.moment()}).days",
                    lambda: f"{e('str', d)}.count({pick(TEXTS[1:4])!r})",
                    lambda: f"{e('str', d)}.find({e('str', d)})",
                    lambda: f"int({e('bool', d)})",
                    lambda: f"{pick(('round', 'int', 'math.floor', 'math.ceil'))}({e('float', d)})",
                    lambda: f"len(set({e(pick(('ints', 'words')), d)}))",
                    lambda: f"divmod({e('int', d)}, {pick((3, -4))})[{pick((0, 1))}]",
                    lambda: (
                        f"{pick(('max', 'min'))}({e('pairs', d)}, key=lambda _p: _p[0], default=(3, 'a'))[0]"
                    ),
                    lambda: f"({e('int', 0)} ** {pick((0, 1, 2))} % 50)",
                    lambda: f"squared({e('int', d)})",
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
                    lambda: f"({self.readable('ostr')} or {self.lazy('str', d)})",
                    lambda: f"{e('item', d)}.s",
                    lambda: f"{e('pair', d)}[1]",
                    lambda: f"{e('row', d)}['key']",
                    lambda: (
                        f'f"{{{self.readable("int")}{pick((":,", ":>6", ":+d", ":x", ":05", ":*^7", ":.1f"))}}}"'
                    ),
                    lambda: (
                        f'f"{{{self.readable("float")}{pick((":.2f", ":,.1f", ":.0%", ":8.3f", ":+.1f"))}}}"'
                    ),
                    lambda: f'f"{{{self.readable("str")}{pick((":>5", ":<4", ":^6", ":.2"))}}}"',
                    lambda: (
                        f'f"{{{self.readable("when")}{pick((":%Y-%m-%d", ":%H:%M %p", ":%a %d %b", ""))}}}"'
                    ),
                    lambda: f'f"{{{self.readable("bool")}}}"',
                    lambda: f"{e('when', d)}.isoformat()",
                    lambda: f"{e('str', d)}.{pick(('removeprefix', 'removesuffix'))}({e('str', d)})",
                    lambda: f"({e('str', d)} * ({e('int', d)} % 3))",
                    lambda: f"{e('str', d)}[{e('int', 0)}:{pick(('', '3', '-1'))}]",
                    lambda: f"{pick(('max', 'min'))}({e('words', d)}, default='z')",
                    lambda: f"{pick(('max', 'min'))}({e('words', d)}, key=len, default='')",
                    lambda: f"next(({self.generator('str', d)}), 'none')",
                    lambda: f"json.dumps({e('ints', d)}, separators=(',', ':'))",
                    lambda: f"base64.b64encode({e('str', d)}.encode()).decode()",
                    lambda: f"labelled({e('str', d)}, loud={e('bool', d)})",
                    lambda: f"'{{}}-{{:>3}}'.format({e('str', d)}, {e('int', d)})",
                    *self._fallible_texts(d),
                ]
            case "float":
                some = [
                    lambda: f"({e('float', d)} {pick('+-*')} {e(pick(('float', 'int')), d)})",
                    lambda: f"round({e('float', d)}, {pick((1, 2, 3))})",
                    lambda: f"({e('int', d)} / {pick((2, 4, -8))})",
                    lambda: f"float({e('int', d)})",
                    lambda: f"{pick(('min', 'max'))}({e('float', d)}, {e('float', d)})",
                    lambda: f"abs({e('float', d)})",
                    lambda: f"({self.moment()} - {self.moment()}).total_seconds()",
                ]
            case "bool":
                some = [
                    lambda: f"({e('int', d)} {pick(('<', '>=', '==', '!='))} {e('int', d)})",
                    lambda: f"({e('str', d)} {pick(('<', '==', 'in'))} {e('str', d)})",
                    lambda: f"({e('bool', d)} {pick(('and', 'or'))} {self.lazy('bool', d)})",
                    lambda: f"(not {e(pick(('bool', 'ints', 'str', 'table', 'ostr', 'oitem')), d)})",
                    lambda: f"({self.readable(pick(OPTIONAL))} is {pick(('', 'not '))}None)",
                    lambda: f"{pick(('any', 'all'))}({self.generator('bool', d)})",
                    lambda: f"({e('int', d)} in {e('ints', d)})",
                    lambda: f"({e('str', d)} in {e('table', d)})",
                    lambda: f"{e('str', d)}.{pick(('startswith', 'endswith'))}({e('str', d)})",
                    lambda: self._same(pick(MADE), d),
                    lambda: f"({e('when', d)} {pick(('<', '>='))} {e('when', d)})",
                    lambda: f"({e('int', d)} < {e('int', d)} <= {self.lazy('int', d)})",
                    lambda: f"({e('float', d)} {pick(('<', '>=', '=='))} {e(pick(('float', 'int')), d)})",
                    lambda: f"{e('str', d)}.{pick(('isdigit()', 'isalpha()', 'isascii()', 'isspace()'))}",
                    lambda: (
                        f"({self.moment()} - {self.moment()} {pick('<>')} timedelta(hours={e('int', d)}))"
                    ),
                    lambda: f"({e('str', d)} in {{'a', 'red', ''}})",
                    *([lambda: f"({pick(data)}.get({e('str', d)}) == {e('str', d)})"] if data else []),
                    lambda: f"bool({e(pick(('int', 'str', 'ints')), d)})",
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
                        lambda: f"list(range({e('int', 0)} % 40))",
                        lambda: f"{e('ints', d)}[::{pick((2, -1, -3))}]",
                        lambda: f"{e('ints', d)}[{e('int', 0)}:{e('int', 0)}:{pick((2, -2))}]",
                        lambda: f"({e('ints', d)} * ({e('int', 0)} % 4))",
                        lambda: f"[*{e('ints', d)}, *range({e('int', 0)} % 5)]",
                        lambda: f"{e('dpair', d)}.b",
                        lambda: f"sorted(set({e('ints', d)}))",
                        lambda: f"list(reversed({e('ints', d)}))",
                        lambda: f"{e('ints', d)}[::-1]",
                        lambda: f"list(range({e('int', 0)} % 9, {e('int', 0)} % 9, {pick((2, -1, -3))}))",
                        lambda: f"sorted({e('ints', d)}, key=abs, reverse={pick((True, False))})",
                    ]
                if kind == "words":
                    some += [
                        lambda: f"{e('item', d)}.tags",
                        lambda: f"list({e('table', d)})",
                        lambda: f"{e('str', d)}.split({pick(TEXTS[1:4])!r})",
                        lambda: f"{e('str', d)}.{pick(('split()', 'splitlines()'))}",
                        lambda: f"{e('str', d)}.{pick(('split', 'rsplit'))}({pick(TEXTS[1:4])!r}, 1)",
                        lambda: f"sorted({e('words', d)}, key=len)",
                    ]
            case "table":
                some = [
                    lambda: f"{{{e('str', d)}: {e('int', d)}, {e('str', d)}: {e('int', d)}}}",
                    lambda: f"{{**{e('table', d)}, {e('str', d)}: {e('int', d)}}}",
                    lambda: f"({e('table', d)} | {e('table', d)})",
                    lambda: f"{{{self.generator('str', d, then='int')}}}",
                    lambda: f"dict(zip({e('words', d)}, {e('ints', d)}))",
                    lambda: f"dict({e('table', d)})",
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
            case "data":
                some = [
                    lambda: f"{{'a': {e(pick(('int', 'str', 'ints')), d)}}}",
                    lambda: f"{{**{e('data', d)}, 'b': None}}",
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
        return [*some, *forms(self, kind, d)] or constant

    def _same(self, kind: str, depth: int) -> str:
        return f"({self.expr(kind, depth)} {self.random.choice(('==', '!='))} {self.expr(kind, depth)})"

    def _fallible_numbers(self, d: int) -> list[Callable[[], str]]:
        if not self.can_fail or self.random.random() < 0.8:
            return []
        e = self.expr
        return [
            lambda: f"{e('ints', d)}[{self.random.choice(('0', '-1', e('int', 0)))}]",
            lambda: f"{e('table', d)}[{e('str', 0)}]",
            lambda: f"max({e('ints', d)})",
            lambda: f"int({e('str', d)})",
            lambda: f"{e('ints', d)}.index({e('int', 0)})",
            lambda: f"({e('int', d)} // {e('int', d)})",
        ]

    def _fallible_texts(self, d: int) -> list[Callable[[], str]]:
        if not self.can_fail or self.random.random() < 0.8:
            return []
        e = self.expr
        return [
            lambda: f"{e('str', d)}[{self.random.choice(('0', '-1', e('int', 0)))}]",
            lambda: f"str(int({e('str', d)}))",
            lambda: f"str(round(float({e('str', d)})))",
            lambda: f"str({e('str', d)}.index({self.random.choice(TEXTS[1:4])!r}))",
            lambda: f"max({e('words', d)})",
        ]

    def moment(self) -> str:
        """Write a point in time that calls nothing, as a difference needs it."""
        return self.random.choice([*self.named("when"), "datetime(2026, 1, 1, tzinfo=UTC)"])

    def _calls(self, d: int) -> list[Callable[[], str]]:
        if not self.can_call or self.random.random() < 0.5:
            return []
        e = self.expr
        return [
            lambda: f"{self.tasks()}({e('int', d)})",
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
            case "nest" | "answer" | "pinned" | "whens" | "wpair" | "paid" | "size" | "onum" | "oints":
                return self.random.choice(CONSTANTS[kind])
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
        with self.inside(**names), self.without_calls():
            element = self.expr(kind, depth) + (f": {self.expr(then, depth)}" if then else "")
            test = f" if {self.expr('bool', depth)}" if self.random.random() < 0.4 else ""
            if "for" not in element and self.random.random() < 0.15:
                test += f" for {self.random.choice(('_q', '__r'))} in {self.expr('ints', 0)}"
        return f"{element} for {target} in {items}{test}"
