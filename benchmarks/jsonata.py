"""JSONata in one run: this implementation beside its peers, where those are installed, and plain Python.

    python -m benchmarks.jsonata [--json]

Times are the best of several runs, in microseconds of one evaluation of an expression compiled beforehand.
A ratio above 1 says how many times faster this implementation is. Below come expressions that never end, or grow
without end: how long it takes until the service's bounds stop them, and what the other threads do meanwhile.
"""

import argparse
import importlib
import importlib.util
import json
import math
import sys
import threading
import time
import timeit
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepsmith.expressions import jsonata

Evaluate = Callable[[dict[str, Any]], Any]
ROUNDS = 9
ITEMS = [{"id": i, "price": i % 50, "name": f"item{i}"} for i in range(10_000)]


def document(size: int) -> dict[str, Any]:
    """A document of about so many bytes, with the field that is read at its end."""
    rows = [{"n": i, "text": "x" * 80} for i in range(size // 100)]
    return {"rows": rows, "order": {"customer": {"name": "Ada"}}}


@dataclass(frozen=True)
class Workload:
    """An expression, its variables, the same in plain Python, and whether states use it all the time."""

    name: str
    text: str
    variables: dict[str, Any]
    plain: Evaluate
    small: bool = False


FIELD = "$states.input.order.customer.name"
WORKLOADS = [
    Workload("arithmetic", "$i + 1", {"i": 3}, lambda v: v["i"] + 1, small=True),
    Workload("comparison", "$i < 10", {"i": 3}, lambda v: v["i"] < 10, small=True),
    Workload(
        "condition",
        "$i < 10 and $name = 'Ada'",
        {"i": 3, "name": "Ada"},
        lambda v: v["i"] < 10 and v["name"] == "Ada",
        small=True,
    ),
    Workload(
        "object",
        "{'id': $i, 'name': $name, 'next': {'id': $i + 1}}",
        {"i": 3, "name": "Ada"},
        lambda v: {"id": v["i"], "name": v["name"], "next": {"id": v["i"] + 1}},
        small=True,
    ),
    Workload(
        "field path",
        FIELD,
        {"states": {"input": document(500)}},
        lambda v: v["states"]["input"]["order"]["customer"]["name"],
        small=True,
    ),
    Workload(
        "joining two strings",
        "$a & '-' & $b",
        {"a": "left", "b": "right"},
        lambda v: v["a"] + "-" + v["b"],
        small=True,
    ),
    Workload("one function", "$uppercase($a)", {"a": "left"}, lambda v: v["a"].upper(), small=True),
    Workload("$exists", "$exists($o.name)", {"o": {"name": "Ada"}}, lambda v: "name" in v["o"], small=True),
    Workload("$count", "$count($xs) > 0", {"xs": [1, 2, 3]}, lambda v: len(v["xs"]) > 0, small=True),
    Workload(
        "two functions",
        "$contains($name, 'd') and $length($name) < 10",
        {"name": "Ada"},
        lambda v: "d" in v["name"] and len(v["name"]) < 10,
        small=True,
    ),
    Workload(
        "and, or",
        "$paid and ($total >= 10 or $name = 'Ada')",
        {"paid": True, "total": 7, "name": "Ada"},
        lambda v: v["paid"] and (v["total"] >= 10 or v["name"] == "Ada"),
        small=True,
    ),
    Workload(
        "if, else",
        "$states.input.total > 100 ? 'big' : 'small'",
        {"states": {"input": {"total": 7}}},
        lambda v: "big" if v["states"]["input"]["total"] > 100 else "small",
        small=True,
    ),
    Workload(
        "object of five fields",
        "{'id': $o.id, 'name': $o.name, 'total': $o.price * $o.quantity, 'paid': true, 'to': $states.input.to}",
        {"o": {"id": 7, "name": "Ada", "price": 3, "quantity": 4}, "states": {"input": {"to": "London"}}},
        lambda v: {
            "id": v["o"]["id"],
            "name": v["o"]["name"],
            "total": v["o"]["price"] * v["o"]["quantity"],
            "paid": True,
            "to": v["states"]["input"]["to"],
        },
        small=True,
    ),
    Workload(
        "$map over 10,000",
        "$map($xs, function($x){ $x.price * 2 })",
        {"xs": ITEMS},
        lambda v: [x["price"] * 2 for x in v["xs"]],
    ),
    Workload(
        "$filter over 10,000",
        "$filter($xs, function($x){ $x.price > 20 })",
        {"xs": ITEMS},
        lambda v: [x for x in v["xs"] if x["price"] > 20],
    ),
    Workload(
        "$join of 10,000",
        "$join($xs.name, ',')",
        {"xs": ITEMS},
        lambda v: ",".join(x["name"] for x in v["xs"]),
    ),
    Workload(
        "a field of 100 KB",
        FIELD,
        {"states": {"input": document(100_000)}},
        lambda v: v["states"]["input"]["order"]["customer"]["name"],
    ),
    Workload(
        "a field of 5 MB",
        FIELD,
        {"states": {"input": document(5_000_000)}},
        lambda v: v["states"]["input"]["order"]["customer"]["name"],
    ),
]


TWICE = "($twice := function($o, $n){ $n = 0 ? $o : $twice([[$o, $o]], $n - 1) }; %s)"
ENDLESS = {
    "recursion": "($f := function($x){ 1 + $f($x + 1) }; $f(1))",
    "tail recursion": "($f := function($x){ $f($x + 1) }; $f(1))",
    "mutual recursion": "($a := function($x){ $b($x) }; $b := function($x){ $a($x) }; $a(1))",
    "recursion in $map": "($f := function($x){ $map([1..10], function($y){ $f($y) }) }; $f(1))",
    "recursion in $sort": "($f := function($x, $y){ $sort([1, 2], $f) }; $f(1, 2))",
    "recursion by chaining": "($f := function($x){ $x ~> ($string ~> $f) }; $f(1))",
    "two calls in each": "($f := function($n){ $n = 0 ? 1 : $f($n - 1) + $f($n - 1) }; $f(60))",
    "closures in closures": "($f := function($g){ $f(function(){ $g() }) }; $f(function(){ 1 }))",
    "a string doubled": "($f := function($s){ $f($s & $s) }; $f('x'))",
    "an array lengthened": "($f := function($a){ $f($append($a, 1)) }; $f([1]))",
    "an object in itself": "($f := function($o){ $f({'a': $o, 'b': $o}) }; $f({}))",
    "2^40 members as text": TWICE % "$length($string($twice([1], 40)))",
    "2^40 members as result": TWICE % "$twice([1], 40)",
    "2^40 members compared": TWICE % "$twice([1], 40) = $twice([1], 40)",
    "loops in loops": "$map([1..5000], function($x){ $sum($map([1..5000], function($y){ $x * $y })) })",
    "a product of paths": "[1..5000].([1..5000].([1..5000]))",
    "sorting by what costs": "$sort([1..100000], function($l, $r){ $sum([1..1000]) > 1 })",
    "back references": "$match($pad('', 200, 'ab'), /(a|b|ab)*\\1\\1\\1c/)",
    "nested quantifiers": "$match($pad('', 4000000, 'a') & '!', /(a+)+$/)",
    "a long picture": "$formatNumber(1, $pad('', 5000000, '0'))",
}
"""Expressions that never end by themselves, or grow without end."""


def ours(text: str) -> Evaluate:
    expression = jsonata.compile(text)
    return lambda variables: expression.evaluate(None, variables)


def rust(text: str) -> Evaluate:
    expression = importlib.import_module("jsonatapy").compile(text)
    return lambda variables: expression.evaluate(None, variables)


def python_port(text: str) -> Evaluate:
    here = str(Path(__file__).resolve().parent)
    sys.path[:] = [
        folder for folder in sys.path if folder != here
    ]  # where this file would pass for the package
    expression = importlib.import_module("jsonata").Jsonata(text)

    def evaluate(variables: dict[str, Any]) -> Any:
        frame = expression.create_frame()
        for name, value in variables.items():
            frame.bind(name, value)
        return expression.evaluate(None, frame)

    return evaluate


PEERS: dict[str, Callable[[str], Evaluate]] = {"jsonatapy": rust, "jsonata-python": python_port}


def measure(evaluators: dict[str, Evaluate], variables: dict[str, Any]) -> dict[str, float]:
    """Microseconds of one evaluation by each: the best of nine runs of about 20 ms, taken in turn.

    In turn, because the speed of a machine changes from second to second.
    """
    timers: dict[str, tuple[timeit.Timer, int]] = {}
    for name, evaluate in evaluators.items():
        timer = timeit.Timer(lambda evaluate=evaluate: evaluate(variables))
        count = 1
        while (once := timer.timeit(count)) < 0.02:
            count *= max(2, min(100, int(0.02 / max(once, 1e-7))))
        timers[name] = timer, count
    best = dict.fromkeys(evaluators, math.inf)
    for _ in range(ROUNDS):
        for name, (timer, count) in timers.items():
            best[name] = min(best[name], timer.timeit(count) / count * 1e6)
    return best


def stopped(text: str) -> dict[str, Any]:
    """How an expression ends, after how many milliseconds, and the longest another thread had to wait."""
    expression = jsonata.compile(text)
    pauses: list[float] = []
    ended = threading.Event()

    def watch() -> None:
        last = time.monotonic()
        while not ended.wait(0.001):
            now = time.monotonic()
            pauses.append(now - last)
            last = now

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.monotonic()
    try:
        outcome = str(type(expression.run({"input": {}}, {})).__name__)
    except jsonata.JsonataError as error:
        outcome = error.reason
    milliseconds = (time.monotonic() - began) * 1000
    ended.set()
    watcher.join()
    pause = max(pauses, default=0.0) * 1000
    return {"ms": milliseconds, "pause_ms": pause, "outcome": outcome}


def installed() -> dict[str, Callable[[str], Evaluate]]:
    """The peers that can be imported."""
    names = {"jsonatapy": "jsonatapy", "jsonata-python": "jsonata"}
    return {name: make for name, make in PEERS.items() if importlib.util.find_spec(names[name])}


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    peers = installed()
    rows: list[dict[str, Any]] = []
    for workload in WORKLOADS:
        evaluators = {"ours": ours(workload.text), "plain": workload.plain}
        evaluators |= {name: make(workload.text) for name, make in peers.items()}
        rows.append(
            {
                "name": workload.name,
                "small": workload.small,
                "us": measure(evaluators, workload.variables),
            }
        )
    ends = [{"name": name, **stopped(text)} for name, text in ENDLESS.items()]
    if options.json:
        print(json.dumps({"speed": rows, "bounds": ends}, indent=1))
        return
    print(f"{'':22}{'plain':>10}{'ours':>10}" + "".join(f"{name:>18}{'ratio':>8}" for name in peers))
    for row in rows:
        times = row["us"]
        line = f"{row['name']:22}{times['plain']:10.2f}{times['ours']:10.2f}"
        for name in peers:
            line += f"{times[name]:18.2f}{times[name] / times['ours']:8.1f}"
        print(line)
    print(f"\n{'':24}{'ms':>8}{'pause of others':>18}")
    for end in ends:
        print(f"{end['name']:24}{end['ms']:8.0f}{end['pause_ms']:15.0f} ms  {end['outcome'][:60]}")


if __name__ == "__main__":
    main()
