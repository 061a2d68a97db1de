"""Compares with the reference implementation on generated cases; needs node, and `npm ci` in `reference`.

python tests/stepsmith/expressions/jsonata/compare.py [COUNT] [--of KIND] [--seed N] [--record FILE]

The KINDs: `typed` are expressions that mean something, `corners` are random in form, `mutations` are the cases of
the reference's own suite with changes, `table` is every function with arguments of every type. Values are compared,
and the code, token and position of errors.
"""

import argparse
import itertools
import json
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

from corners import Corners
from generator import Generator
from mutations import Mutations
from table import Table

from stepsmith.expressions import jsonata
from stepsmith.expressions.types import UNDEFINED

REFERENCE = Path(__file__).parent / "reference"
BATCH = 2000
ENDLESS = "U1001"
"""The code for what the reference was stopped at."""
GENERATORS: dict[str, Any] = {
    "typed": Generator,
    "corners": Corners,
    "mutations": Mutations,
    "table": Table,
}


def expected(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the reference implementation yields for each case."""
    lines = "\n".join(json.dumps(case) for case in cases)
    run = subprocess.run(
        ["node", "evaluate.mjs"],
        cwd=REFERENCE,
        input=lines,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
        env={"TZ": "UTC", "PATH": "/usr/local/bin:/usr/bin:/bin"},
    )
    return [json.loads(line) for line in run.stdout.split("\n") if line]


def actual(case: dict[str, Any]) -> dict[str, Any]:
    """What this implementation yields, in the same form."""
    try:
        value = jsonata.compile(case["expr"], jsonata.Dialect.REFERENCE).evaluate(
            case.get("data", UNDEFINED), case.get("bindings")
        )
    except jsonata.JsonataError as error:
        return {"code": error.code, "position": error.position, "token": error.token}
    except Exception as error:
        return {"crash": "".join(traceback.format_exception(error)[-3:])}
    return {"undefined": True} if value is UNDEFINED else {"value": shown(value)}


def shown(value: Any) -> Any:
    """A value, with a function as the reference runner shows it."""
    return {"$function": True} if jsonata.is_function(value) else value


def same(left: Any, right: Any) -> bool:
    """Deep equality of JSON: a whole float equals an int, true does not equal 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return float(left) == float(right)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if (left, right) in (("Infinity", "-Infinity"), ("-Infinity", "Infinity")):
        return True  # of a division by negative zero, which Python's ints do not have
    return type(left) is type(right) and left == right


def agree(case: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Whether both have the same value, or fail with the same code.

    Nothing can be compared where the reference fails without a code, by an exception of JavaScript.
    It evaluates the members of arrays and objects side by side: where several fail, either code will do.
    Its positions count UTF-16 units.
    """
    several = any(mark in case["expr"] for mark in ",{") or not case["expr"].isascii()
    if "code" in theirs and "code" in ours and several:
        return not theirs["code"].startswith("S") or ours["code"] == theirs["code"]
    return crashed(theirs) or theirs.get("code") == ENDLESS or same(ours, theirs)


def crashed(theirs: dict[str, Any]) -> bool:
    """Whether the reference implementation met an exception of JavaScript."""
    return "code" in theirs and not is_code(theirs["code"])


def is_code(code: str) -> bool:
    """Whether this is a code, not the text of an exception."""
    return len(code) == 5 and code[0].isalpha() and code[1:].isdigit()


def whole(case: dict[str, Any], inputs: list[Any]) -> dict[str, Any]:
    """A case with its data and variables."""
    data, variables = inputs[case["on"]]
    return {"expr": case["expr"], "data": data, "bindings": variables}


def compact(value: Any) -> str:
    """JSON on one line."""
    return json.dumps(value, separators=(",", ":"))


def main() -> int:
    """Compares so many cases and says how many differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=10_000)
    parser.add_argument("--of", choices=GENERATORS, default="typed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--record", type=Path)
    parser.add_argument("--show", type=int, default=20)
    options = parser.parse_args()
    generator = GENERATORS[options.of](options.seed)
    cases = generator.cases()
    recorded = [compact(generator.inputs)]
    different = valued = crashes = 0
    for _ in range(0, options.count, BATCH):
        batch = list(itertools.islice(cases, min(BATCH, options.count)))
        complete = [whole(case, generator.inputs) for case in batch]
        for case, theirs in zip(batch, expected(complete), strict=True):
            ours = actual(whole(case, generator.inputs))
            valued += "value" in theirs
            recorded.append(compact({**case, **theirs}))
            crashes += crashed(theirs)
            if not agree(case, ours, theirs):
                different += 1
                if different <= options.show:
                    print(case["expr"], "\n  ours  ", str(ours)[:600], "\n  theirs", str(theirs)[:300])
    if options.record:
        options.record.write_text("\n".join(recorded) + "\n")
    print(
        f"{len(recorded) - 1} cases, {valued} with a value, {crashes} crashes of the reference, {different} differences"
    )
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
