"""Random programs that find out which member of a union a value is, by `match` and by `isinstance`."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, assert_never

from pydantic import BaseModel, Field

from stepsmith import DefinitionError
from stepsmith.testing import assert_equivalent
from tests.stepsmith.authoring.compiler.programs import world
from tests.stepsmith.authoring.compiler.programs.world import Kind, workflow_of


class Card(BaseModel):
    kind: Literal["card"] = "card"
    n: int = 3
    o: int | None = None


class Cash(BaseModel):
    kind: Literal["cash"] = "cash"
    s: str
    xs: list[int] = []


class Around(BaseModel):
    kind: Literal["around"] = "around"
    inner: Card | Cash = Field(discriminator="kind")


@dataclass
class Ready:
    ready: int
    z: str = "z"


@dataclass
class Failed:
    failed: str
    z: str = "f"


@dataclass(frozen=True)
class _Member:
    values: Sequence[Any]
    patterns: Sequence[str]
    python: str
    """What `isinstance` asks for."""


NAMES: Final = {each.__name__: each for each in (Card, Cash, Around, Ready, Failed, assert_never)}
MEMBERS: Final[Mapping[str, _Member]] = {
    "int": _Member([0, 1, 5], ["0", "1", "int()", "int(v0)", "0 | 5"], "int"),
    "str": _Member(["", "q", "zz"], ["'q'", "str()", "str(v1)", "'' | 'zz'"], "str"),
    "bool": _Member([True, False], ["True", "False", "bool()"], "bool"),
    "None": _Member([None], ["None"], "None"),
    "list[int]": _Member(
        [[], [1], [1, 2, 3]],
        ["[]", "[v0]", "[1, *_]", "[v0, *v2]", "list()", "[*_, 3]", "[v0, _, *v2, 3]"],
        "list",
    ),
    "dict[str, int]": _Member(
        [{}, {"a": 1}, {"a": 0, "b": 2}],
        ["{}", "{'a': v0}", "{'a': 0}", "dict()", "{'a': _, 'b': v0}"],
        "dict",
    ),
    "Card": _Member(
        [Card(), Card(n=1, o=4)],
        [
            "Card()",
            "Card(n=v0)",
            "Card(n=1)",
            "Card(o=None)",
            "Card(o=int(v0))",
            "Card(kind='card', n=3 | 1)",
        ],
        "Card",
    ),
    "Cash": _Member(
        [Cash(s="q"), Cash(s="zz", xs=[1])],
        ["Cash()", "Cash(s=v1)", "Cash(s='q', xs=[])", "Cash(xs=[v0, *_])"],
        "Cash",
    ),
    "Around": _Member(
        [Around(inner=Card()), Around(inner=Cash(s="q", xs=[4, 5]))],
        [
            "Around()",
            "Around(inner=Card(n=v0))",
            "Around(inner=Card() | Cash(s='q'))",
            "Around(inner=Cash(s=v1))",
        ],
        "Around",
    ),
    "Ready": _Member([Ready(1), Ready(0, "q")], ["Ready()", "Ready(v0)", "Ready(0)", "Ready(z=v1)"], "Ready"),
    "Failed": _Member([Failed("q")], ["Failed()", "Failed(v1)", "Failed('q', v1)"], "Failed"),
    "Literal['x', 'y']": _Member(["x", "y"], ["'x'", "'y'", "'x' | 'y'"], "str"),
    "Kind": _Member(list(Kind), ["Kind.FIRST", "Kind.SECOND", "Kind.FIRST | Kind.SECOND"], "Kind"),
    "tuple[int, str]": _Member([(1, "q"), (0, "z")], ["(v0, v1)", "(0, _)", "(_, 'q')", "(1, v1)"], "tuple"),
}
TESTS: Final = ["x is not None", "x is None", "x == 1", "x == 'q'", "x in ('x', 'y')", "x == 'x'"]
LAST: Final = ("out = 'none'", "assert_never(x)")
SHOWN: Final = {"v0": "{v0}", "v1": "{v1}", "v2": "{len(v2)}"}


@dataclass
class Comparison:
    """What has been compared."""

    accepted: int = 0
    problems: list[str] = field(default_factory=list[str])


def compare(count: int, seed: int) -> Comparison:
    """Write programs until so many have been accepted, and compare each with values of every member."""
    found = Comparison()
    while found.accepted < count:
        drawn = random.Random(seed)
        members = drawn.sample(list(MEMBERS), drawn.randrange(1, 5))
        body = _match(drawn, members) if drawn.random() < 0.65 else _conditions(drawn, members)
        lines = "".join(f"    {line}\n" for line in body)
        _try(f"@workflow\ndef program(x: {' | '.join(members)}) -> str:\n{lines}", members, seed, found)
        seed += 1
    return found


def _try(text: str, members: Sequence[str], seed: int, found: Comparison) -> None:
    try:
        compile(text, "<program>", "exec")
        made = workflow_of(text, {**vars(world), **NAMES})
    except (SyntaxError, DefinitionError):  # of patterns that bind other names, or take all before the last
        return
    found.accepted += 1
    for value in (value for member in members for value in MEMBERS[member].values):
        try:
            assert_equivalent(made, x=value)
        except AssertionError as problem:
            found.problems.append(f"seed {seed}, {value!r}: {problem}\n{text}")
            return


def _match(drawn: random.Random, members: Sequence[str]) -> list[str]:
    lines = ["out = 'start'"] * (drawn.random() < 0.7) + ["match x:"]
    for number in range(drawn.randrange(1, 6)):
        pattern = "_" if drawn.random() < 0.1 else drawn.choice(MEMBERS[drawn.choice(members)].patterns)
        if drawn.random() < 0.15:
            pattern += f" | {drawn.choice(MEMBERS[drawn.choice(members)].patterns)}"
        elif drawn.random() < 0.1:
            pattern += " as whole"
        bound = sorted(set(re.findall(r"v[012]", pattern)))
        guard = " if v0 > 0" if "v0" in bound and drawn.random() < 0.2 else ""
        shown = "".join(SHOWN[name] for name in bound)
        lines += [f"    case {pattern}{guard}:", f"        out = f'{number} {shown}'"]
    if drawn.random() < 0.5:
        lines += ["    case _:", f"        {drawn.choice(LAST)}"]
    return [*lines, "return out"]


def _conditions(drawn: random.Random, members: Sequence[str]) -> list[str]:
    lines = ["out = 'start'"]
    for number in range(drawn.randrange(1, 4)):
        asked = drawn.sample(members, min(len(members), drawn.randrange(1, 3)))
        test = f"isinstance(x, ({', '.join(MEMBERS[each].python for each in asked)},))".replace(
            "None", "type(None)"
        )
        test = (
            f"isinstance(x, {' | '.join(MEMBERS[each].python for each in asked)})" if len(asked) > 1 else test
        )
        if drawn.random() < 0.2:
            test = f"not {test}"
        if drawn.random() < 0.3:
            test = f"{drawn.choice(TESTS)} {drawn.choice(['and', 'or'])} {test}"
        lines += [f"{'elif' if number else 'if'} {test}:", f"    out = '{number}'"]
    if drawn.random() < 0.5:
        lines += ["else:", f"    {drawn.choice(LAST)}"]
    return [*lines, "return out"]
