"""Questions about Java's library: asked of a JDK, of this package, and recorded with the JDK's answers.

    python -m tests.stepsmith.expressions.jsonata.java.questions [COUNT] [--record]

compares as many random questions of each kind with the JDK on this machine; `--record` writes them and its answers to
`recorded.jsonl`, with which the tests compare.
"""

from __future__ import annotations

import argparse
import base64
import json
import math
import random
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from stepsmith.expressions import jsonata
from stepsmith.expressions.intrinsics import IntrinsicFailure, compile_call
from stepsmith.expressions.java_text import java_double
from stepsmith.expressions.jsonata import JsonataError
from stepsmith.expressions.jsonata.regex import compile_java_pattern
from stepsmith.expressions.scope import Randomness, Scope

RECORDED = Path(__file__).with_name("recorded.jsonl")
REFUSED = "refused"
_ATOMS = [
    r"a",
    r"b",
    r"c",
    r"x",
    r"-",
    r"é",
    r"😀",
    r"\d",
    r"\s",
    r"\w",
    r"\W",
    r"\S",
    r"\D",
    r".",
    r"[abc]",
    r"[^a]",
    r"[a-c]",
    r"[a-c&&[^b]]",
    r"[[a][c]]",
    r"[\d-]",
    r"[a-]",
    r"[é-😀]",
    r"\b",
    r"^",
    r"$",
    r"\A",
    r"\z",
    r"\Z",
    r"\h",
    r"\v",
    r"(a)",
    r"(?:ab)",
    r"(?<x>b)",
    r"\1",
    r"\k<x>",
    r"(?=a)",
    r"(?!b)",
    r"(?<=a)",
    r"(?<!b)",
    r"(?>a+)",
    r"\x41",
    r"\u0062",
    r"\0101",
    r"\Qa.b\E",
    r"(?i)A",
    r"(?i:B)",
    r"(?s).",
    r"(?m)^",
    r"(?m)$",
    r"\p{L}",
    r"\p{Lu}",
    r"\P{Alpha}",
    r"\p{IsLatin}",
    r"\t",
    r"\.",
    r"\n",
    r"|",
    r"(a|b)",
    r"(a*)",
    r"(b|)",
]
_REPEATS = ["", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,}", "*?", "+?", "??", "*+", "++", "?+"]
_TEXTS = [
    "a",
    "b",
    "c",
    "ab",
    "aa",
    "A",
    "B",
    "1",
    " ",
    "\n",
    "\r\n",
    "é",
    "😀",
    "_",
    ".",
    "x",
    "-",
    "\xa0",
    "\u2028",
]
_ESCAPED = [
    "a",
    "+",
    "%41",
    "%E6%97%A5",
    "%E6",
    "%",
    "%z",
    "%8",
    "%FF",
    "é",
    "😀",
    "%F0%9F%98%80",
    "%ED%A0%80",
    "%e2%82",
]


def _pattern(chance: random.Random) -> list[str]:
    source = "".join(chance.choice(_ATOMS) + chance.choice(_REPEATS) for _ in range(chance.randrange(1, 5)))
    text = "".join(chance.choice(_TEXTS) for _ in range(chance.randrange(6)))
    return [source, chance.choice(["", "", "i", "m", "im"]), text]


def _base64(chance: random.Random) -> list[str]:
    if chance.random() < 0.5:
        return [base64.b64encode(chance.randbytes(chance.randrange(9))).decode()]
    return ["".join(chance.choice("ABCabc019+/=-_ \n!") for _ in range(chance.randrange(12)))]


def _number(chance: random.Random) -> list[str]:
    while True:
        bits = struct.unpack("d", chance.randbytes(8))[0]
        value = chance.choice(
            [bits, chance.uniform(-1e6, 1e6), round(chance.uniform(-9, 9), chance.randrange(18))]
        )
        if math.isfinite(value) and not value.is_integer():
            return [repr(value)]


def _seed(chance: random.Random) -> list[str]:
    return [
        repr(
            chance.choice(
                [chance.uniform(-1e3, 1e3), chance.uniform(-1e20, 1e20), float(chance.randrange(99))]
            )
        )
    ]


MAKERS: dict[str, Callable[[random.Random], list[str]]] = {
    "random": _seed,
    "base64": _base64,
    "mime": _base64,
    "url": lambda chance: ["".join(chance.choice(_ESCAPED) for _ in range(chance.randrange(6)))],
    "number": _number,
    "double": _number,
    "pattern": _pattern,
}


def ours(kind: str, arguments: list[str]) -> str:
    """Give what this package makes of a question, as the oracle writes it."""
    text = arguments[0]
    try:
        match kind:
            case "random":
                return java_double(cast(float, _evaluated("$random($t)", float(text))))
            case "base64":
                return _coded(_evaluated("$base64decode($t)", text))
            case "mime":
                scope = Scope({"t": text}, dict, {}, cast(Randomness, None))
                return _coded(compile_call("States.Base64Decode($.t)").evaluate(scope))
            case "url":
                return _coded(_evaluated("$decodeUrlComponent($t)", text))
            case "number":
                return str(_evaluated("$string($t)", float(text)))
            case "double":
                return java_double(float(text))
            case _:
                return _found(*arguments)
    except (JsonataError, IntrinsicFailure):
        return REFUSED


def _evaluated(expression: str, value: object) -> object:
    return jsonata.compile(expression).evaluate(None, {"t": value})


def _coded(text: object) -> str:
    return base64.b64encode(str(text).encode()).decode()


def _found(source: str, flags: str, text: str) -> str:
    match = compile_java_pattern(source, flags).search(text, 0, lambda work: None)
    if match is None:
        return "none"
    start, end = (place + sum(char > "\uffff" for char in text[:place]) for place in match.span)
    groups = ["null" if group is None else _coded(group) for group in match.groups]
    return "|".join([f"{start},{end}", *groups])


def asked(questions: list[tuple[str, list[str]]]) -> list[str]:
    """Give the answers of the JDK on this machine."""
    with TemporaryDirectory() as classes:
        source = Path(__file__).with_name("Oracle.java")
        subprocess.run(["javac", "-d", classes, str(source)], check=True)
        lines = "".join("\t".join([kind, *map(_coded, arguments)]) + "\n" for kind, arguments in questions)
        command = ["java", "-cp", classes, "Oracle"]
        result = subprocess.run(command, input=lines, capture_output=True, encoding="utf-8", check=True)
    return result.stdout.split("\n")[:-1]


def differences(count: int, seed: int = 0) -> Iterator[tuple[str, list[str], str, str]]:
    """Give kind, arguments, the JDK's answer and ours where they differ."""
    questions = [
        (kind, make(random.Random(f"{kind}{seed}{n}"))) for kind, make in MAKERS.items() for n in range(count)
    ]
    for (kind, arguments), answer in zip(questions, asked(questions), strict=True):
        if ours(kind, arguments) != answer:
            yield kind, arguments, answer, ours(kind, arguments)


def record(count: int) -> None:
    """Write questions with the JDK's answers."""
    questions = [
        (kind, make(random.Random(f"{kind}{n}"))) for kind, make in MAKERS.items() for n in range(count)
    ]
    answers = asked(questions)
    rows = [[kind, arguments, answer] for (kind, arguments), answer in zip(questions, answers, strict=True)]
    RECORDED.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=1000)
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    if options.record:
        record(options.count)
        return
    found = list(differences(options.count))
    for difference in found:
        print(*difference)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
