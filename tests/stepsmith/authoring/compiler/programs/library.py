"""Random expressions over what comes from outside, moments, unions and the library, each with what it is made of."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Protocol


class Writing(Protocol):
    """What writes the parts of an expression."""

    random: random.Random
    can_fail: bool

    def expr(self, kind: str, depth: int = 2) -> str: ...

    def lazy(self, kind: str, depth: int) -> str: ...

    def readable(self, kind: str) -> str: ...

    def named(self, kind: str) -> list[str]: ...


def forms(x: Writing, kind: str, d: int) -> list[Callable[[], str]]:
    """Give more forms of a kind, whose parts are nested no deeper than `d`."""
    match kind:
        case "int":
            return _numbers(x, d)
        case "str":
            return _texts(x, d)
        case "bool":
            return _conditions(x, d)
        case _:
            return _values(x, d, kind)


def _numbers(x: Writing, d: int) -> list[Callable[[], str]]:
    e, pick = x.expr, x.random.choice
    return [
        *(_fallible_numbers(x, d) if x.can_fail else []),
        lambda: f"sum(part_.n for by_ in {e('nest', d)}.values() for part_ in by_.values())",
        lambda: f"len({e('nest', d)}.get({e('str', d)}, {{}}))",
        lambda: f"{e('answer', d)}.{pick(('stars', 'pair[0]', 'pair[1].n'))}",
        lambda: f"{e('pinned', d)}[0]",
        lambda: f"{e('row', d)}.get('count', {e('int', 0)})",
        lambda: f"sum(x_ for x_ in {e('oints', d)} if x_ is not None and x_ > {e('int', 0)})",
        lambda: f"sum({e('table', d)}.values())",
        lambda: f"min({e('ints', d)}, default={e('int', 0)})",
        lambda: f"int({e('when', d)}.timestamp()) % 100",
        lambda: f"len({e('whens', d)})",
        lambda: f"({_held(x, 'onum')})",
        lambda: f"({_held(x, 'paid')})",
        *([lambda: f"{pick(x.named('checked'))}.size"] if x.named("checked") else []),
        lambda: f"(THE_CONTEXT.execution.redrive_count + {e('int', d)})",
        lambda: f"{e('item', d)}.model_copy(update={{'n': {e('int', d)}}}).n",
        lambda: f"len({e('ints', d)}[{e('int', 0)}:{e('int', 0)}])",
    ]


def _fallible_numbers(x: Writing, d: int) -> list[Callable[[], str]]:
    e = x.expr
    return [
        lambda: f"PRICES[{e('size', d)}]",
        lambda: f"jsonata('$x + 1', int, x={e('int', d)})",
        lambda: f"jsonata('$count($numbers)', int, numbers={e('ints', d)})",
        lambda: f"[{e('int', d)}, {e('int', d)}][{e('int', 0)} % 2]",
        lambda: f"sorted({e('pairs', d)} + [(1, 'b')], key=lambda p_: (p_[1], -p_[0]))[0][0]",
    ]


def _held(x: Writing, kind: str) -> str:
    """Read a number of a union, whichever member it is."""
    if kind == "onum":
        name = x.random.choice(x.named("onum") or ["SOME"])
        other = x.random.choice((f"len({name})", "-1"))
        return f"{name} if isinstance({name}, int) else {other}" if name != "SOME" else "3"
    names = x.named("paid")
    if not names:
        return "4"
    name = x.random.choice(names)
    return x.random.choice(
        (
            f"{name}.cents if isinstance({name}, Cash) else len({name}.number)",
            f"{name}.cents if {name}.kind == 'cash' else 0",
            f"({name}.limit or 1) if isinstance({name}, Card) and {name}.limit is not None else 5",
        )
    )


def _texts(x: Writing, d: int) -> list[Callable[[], str]]:
    e, pick = x.expr, x.random.choice
    return [
        *(_fallible_texts(x, d) if x.can_fail else []),
        lambda: f"hashlib.sha256({e('str', d)}.encode()).hexdigest()[:6]",
        lambda: f"{e('when', d)}.replace(hour=0, minute=0, second=0, microsecond=0).isoformat()",
        lambda: f"{e('when', d)}.date().isoformat()",
        lambda: f"{e('when', d)}.strftime({pick(('%Y', '%d.%m.%y', '%H%M%S', '%j', '%B'))!r})",
        lambda: f"{e('answer', d)}.note",
        lambda: f"({e('answer', d)}.pair[1].note or {x.lazy('str', d)})",
        *([lambda: f"{pick(x.named('checked'))}.word"] if x.named("checked") else []),
        lambda: "THE_CONTEXT.state_machine.name",
        lambda: f"str({e('bool', d)})",
        lambda: f'f"{{{x.readable("when")}:%d}}/{{{x.readable("int")}:03d}}/{{{x.readable("size")}}}"',
        lambda: f"''.join(reversed({e('words', d)}))",
        lambda: f"' '.join(f'{{a_}}={{b_}}' for a_, b_ in {e('table', d)}.items())",
        lambda: f"' '.join(str(i_) + w_ for i_, w_ in enumerate({e('words', d)}, {e('int', 0)}))",
    ]


def _fallible_texts(x: Writing, d: int) -> list[Callable[[], str]]:
    e = x.expr
    return [
        lambda: (
            f"base64.b64decode(base64.b64encode({e('str', d)}.encode()).decode(), validate=True).decode()"
        ),
        lambda: f"{{'small': {e('str', d)}, 'large': 'l'}}[{e('size', d)}]",
        lambda: f"jsonata('$uppercase($x) & $string($y)', str, x={e('str', d)}, y={e('int', d)})",
    ]


def _conditions(x: Writing, d: int) -> list[Callable[[], str]]:
    e, pick = x.expr, x.random.choice
    optional = x.named("oint") or x.named("oints")
    found = [
        lambda: f"any(x_ is not None and x_ > {e('int', 0)} for x_ in {e('oints', d)})",
        lambda: f"('count' in {e('row', 0)})",
        lambda: f"({e('str', d)} in WORDS)",
        lambda: f"({e('pair', d)} == ({e('int', d)}, {e('str', d)}))",
        lambda: f"({e('owhen', d)} {pick(('==', '!='))} {e('owhen', d)})",
        lambda: f"({e('answer', d)}.accepted)",
        lambda: f"({e('str', d)} in {e('nest', d)})",
        lambda: f"({e('size', d)} == {pick(('Size.SMALL', repr('large')))})",
        lambda: f"({e('int', d)} in (1, 2, {e('int', 0)}))",
        lambda: f"({e('int', d)} not in {e('ints', d)})",
        lambda: f"(min({e('int', d)}, 3) <= {e('int', d)} != {e('int', d)} > 0)",
    ]
    if x.named("oint"):
        name = pick(optional)
        found += [
            lambda: f"({name} is not None and {name} > {e('int', d)})",
            lambda: f"({name} is None or {name} % 2 == 0)",
        ]
    if x.named("weighed"):
        found += [lambda: f"({pick(x.named('weighed'))}.n > {e('int', d)})"]
    if x.named("owhen"):
        moment = pick(x.named("owhen"))
        found += [lambda: f"({moment} is not None and {moment} < {e('when', d)})"]
    return found


def _values(x: Writing, d: int, kind: str) -> list[Callable[[], str]]:
    e, pick = x.expr, x.random.choice
    match kind:
        case "when":
            return [
                lambda: f"({e('when', d)} + timedelta(hours={e('int', d)}))",
                lambda: f"{e('when', d)}.astimezone(UTC)",
                lambda: f"{e('when', d)}.replace(minute=0)",
                lambda: f"{e('wpair', d)}[0]",
            ]
        case "whens":
            return [
                lambda: f"[{e('when', d)}, {e('when', d)}]",
                lambda: f"[w_ + timedelta(days=1) for w_ in {e('whens', d)}]",
                lambda: f"sorted({e('whens', d)})",
                lambda: f"{e('whens', d)}[1:]",
            ]
        case "wpair":
            return [lambda: f"({e('when', d)}, {e('int', d)})"]
        case "owhen":
            return [lambda: f"{e('answer', d)}.due"]
        case "nest":
            return [
                lambda: f"{{{e('str', d)}: {{{e('str', d)}: Part(n={e('int', d)})}}}}",
                lambda: f"{{**{e('nest', d)}, 'a': {{}}}}",
                lambda: f"{e('answer', d)}.parts",
            ]
        case "answer":
            return [
                lambda: f"Answer(accepted={e('bool', d)}, stars={e('int', d)})",
                lambda: (
                    f"Answer(note={e('str', d)}, accepted={e('bool', d)}, parts={e('nest', d)}, due={e('owhen', d)})"
                ),
                lambda: f"{e('answer', d)}.model_copy(update={{'note': {e('str', d)}}})",
            ]
        case "pinned":
            return [lambda: f"({e('int', d)}, Part(n={e('int', d)}, note={e('ostr', d)}))"]
        case "dpair":
            return [lambda: f"dataclasses.replace({e('dpair', d)}, a={e('int', d)})"]
        case "item":
            return [
                lambda: f"{e('item', d)}.model_copy(update={{'n': {e('int', d)}, 's': {e('str', d)}}})",
            ]
        case "oints":
            return [lambda: f"[{e('oint', d)}, {e('int', d)}]", lambda: f"[*{e('oints', d)}, None]"]
        case "paid":
            return [
                lambda: f"Card(number={e('str', d)})",
                lambda: f"Cash(cents={e('int', d)})",
            ]
        case "onum":
            return [lambda: e("int", d), lambda: e("str", d)]
        case "data":
            return [lambda: f"{{'a': {e('str', d)}, 'b': [{e('int', d)}]}}"]
        case "table":
            return [
                lambda: f"{{k_: v_ for k_, v_ in {e('table', d)}.items() if v_ > {e('int', 0)}}}",
                lambda: f"dict([('a', {e('int', d)}), ({e('str', d)}, 2)])",
            ]
        case "words":
            return [
                lambda: f"[k_ for k_, v_ in {e('table', d)}.items()]",
                lambda: f"{e('str', d)}.rsplit()",
                lambda: f"sorted({e('words', d)}, reverse={pick((True, False))})",
                lambda: f"[f'{{i_}}{{w_}}' for i_, w_ in enumerate({e('words', d)})]",
            ]
        case "ints":
            return [
                lambda: f"[a_ - b_ for a_, b_ in zip({e('ints', d)}, {e('ints', d)})]",
                lambda: f"[v_ for k_, v_ in {e('table', d)}.items()]",
                lambda: f"[n_ for row_ in {e('rows', d)} for n_ in row_ if n_ != {e('int', 0)}]",
                *([lambda: f"jsonata('[$xs.($ * 2)]', list[int], xs={e('ints', d)})"] if x.can_fail else []),
                lambda: f"[*{e('ints', d)}, *[{e('int', d)}], *{e('ints', 0)}]",
                lambda: f"{e('ints', d)}[{e('int', 0)}:{pick(('', e('int', 0)))}]",
            ]
        case _:
            return []
