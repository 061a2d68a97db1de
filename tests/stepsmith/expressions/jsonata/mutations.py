"""Cases of the reference's own suite, changed in a few places, for the comparison with it."""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corners import FUNCTIONS
from differences import has_function_as_data, is_inexact, splits_characters

SUITE = Path(__file__).resolve().parents[4].parent / "shared" / "jsonata"
TOKEN = re.compile(
    r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|\$\$?\w*|[A-Za-z_]\w*"""
    r"""|\d+\.?\d*(?:[eE][+-]?\d+)?|:=|!=|<=|>=|~>|\*\*|\.\.|\s+|.""",
    re.DOTALL,
)
LEFT_OUT = re.compile(
    # what differs from run to run, is no part of the reference, or takes either of us too long
    r"random|shuffle|\$now|millis\(\)|\$millis|uuid|\$pad|power|sqrt|\$range|\$partition|\$hash|\$parse\b"
    # a list of a hundred thousand or more, functions as data, and partially applied ones, which look at no types
    r"|[12]e5|\d{6}|\$(not|boolean)\(\$|\(\?|\?\s*[,)]"
)
UNCALLED = re.compile(rf"\$(?:{'|'.join(FUNCTIONS)})\b(?!\()")
LONGEST = 400
ENDS = [
    "[0]", "[-1]", ".*", "^($)", ".%", "#$i", '{"a": $}', '& "x"', "~> $string", ".$string()", '.{"k": $}', ".[$]",
]  # fmt: skip
AROUND = [
    "count",
    "string",
    "sum",
    "type",
    "exists",
    "keys",
    "reverse",
    "distinct",
    "spread",
    "merge",
    "length",
]


class Mutations:
    """Makes one expression after another."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        datasets, cases = (read(name) for name in ("datasets.json", "cases.json"))
        self.inputs: list[Any] = []
        self.expressions: list[tuple[list[str], int]] = []
        for case in cases:
            if len(case["expr"]) > LONGEST or LEFT_OUT.search(case["expr"]):
                continue
            data = case["data"] if "data" in case else datasets.get(case.get("dataset"))
            self.expressions.append((TOKEN.findall(case["expr"]), len(self.inputs)))
            self.inputs.append((data, case.get("bindings") or {}))
        tokens = [token for expression, _ in self.expressions for token in expression]
        self.tokens = {kind: [token for token in tokens if kind_of(token) == kind] for kind in "svnio"}
        self.groups = [
            expression[first:last] for expression, _ in self.expressions for first, last in groups(expression)
        ]

    def cases(self) -> Iterator[dict[str, Any]]:
        """Cases without end: an expression, and the number of the input that it is evaluated on.

        There is none where the suite does not lie beside the project.
        """
        while self.expressions:
            tokens, on = self.rng.choice(self.expressions)
            changed = list(tokens)
            for _ in range(self.rng.choice([1, 1, 1, 2, 2, 3])):
                self.change(changed)
            text = "".join(changed)
            told_apart = splits_characters(text) or has_function_as_data(text) or is_inexact(text)
            told_apart |= "*" in text and UNCALLED.search(text) is not None
            if not LEFT_OUT.search(text) and not told_apart:
                yield {"expr": text, "on": on}

    def change(self, tokens: list[str]) -> None:
        """Changes one place."""
        rng = self.rng
        if not tokens:
            return
        at = rng.randrange(len(tokens))
        inside = groups(tokens)
        match rng.choice("ttttddigggwes"):
            case "t" if (kind := kind_of(tokens[at])) in self.tokens:
                tokens[at] = rng.choice(self.tokens[kind])
            case "d":
                del tokens[at]
            case "i":
                tokens.insert(at, rng.choice(self.tokens[rng.choice("svnio")]))
            case "g" if inside:
                first, last = rng.choice(inside)
                alike = [group for group in rng.sample(self.groups, 60) if group[0] == tokens[first]]
                tokens[first:last] = rng.choice(alike or [tokens[first:last]])
            case "w" if inside:
                _, last = rng.choice(inside)
                tokens[last:last] = rng.choice(self.groups)
            case "e":
                tokens.append(rng.choice(ENDS))
            case "s":
                tokens[:] = [f"${rng.choice(AROUND)}", "(", *tokens, ")"]
            case _:
                pass


def read(name: str) -> Any:
    """A file of the suite; nothing where it is not there."""
    path = SUITE / name
    return json.loads(path.read_text()) if path.exists() else {}


def kind_of(token: str) -> str:
    """A string, variable, number, identifier or operator; anything else is itself."""
    if token[0] in "\"'":
        return "s"
    if token[0] == "$" and len(token) > 1:
        return "v"
    if token[0].isdigit():
        return "n"
    if token[0].isalpha() or token[0] == "`":
        return "i"
    return token if token.isspace() or token in "()[]{},;:?" else "o"


def groups(tokens: list[str]) -> list[tuple[int, int]]:
    """Where what stands in brackets begins and ends."""
    opened: list[int] = []
    found: list[tuple[int, int]] = []
    for at, token in enumerate(tokens):
        if token in ("(", "[", "{"):
            opened.append(at)
        elif token in (")", "]", "}") and opened:
            found.append((opened.pop(), at + 1))
    return found
