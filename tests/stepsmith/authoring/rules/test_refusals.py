"""Bodies of workflow functions that do not compile, each with the code of its refusal."""

import importlib.util
import sys
import textwrap
from pathlib import Path

import pytest

from stepsmith.authoring.source.diagnostics import DefinitionError

PREAMBLE = (
    (Path(__file__).parent / "preamble.py").read_text()
    + """

import math, os, random
from datetime import timedelta
from stepsmith import csv_rows, uuid, wait, wait_until


@workflow
def example(order: Order):
"""
)
REFUSED = [
    ("W100", "x = yield 3"),
    ("W100", "lambda: 3"),
    ("W100", "x = lambda a: a"),
    ("W201", "return echo(*order.lines)"),
    ("W201", "return echo(**order)"),
    ("W201", "return echo(text=order.id, text2=3)"),
    ("W201", "return echo()"),
    ("W201", "a, b = order.id"),
    ("W201", "a, b = 1, 2, 3"),
    ("W201", "(a, *b) = [1, 2]"),
    ("W170", 'order.id = "x"'),
    ("W170", "order.lines[0] = 3"),
    ("W202", 'x: int = "a"'),
    ("W104", "x: Unknown = 3"),
    ("W100", "del order"),
    ("W217", "global z"),
    ("W100", "import os"),
    ("W100", "from os import path"),
    ("W100", "class A: pass"),
    ("W100", "async def f(): pass"),
    ("W140", 'return f"{order.id!r}"'),
    ("W140", 'return f"{order.id:>3}"'),
    ("W112", "return order.id % 3"),
    ("W112", "return -order.id"),
    ("W112", "return ~order.count"),
    ("W112", "return order.count ** 2"),
    ("W112", "return order.count << 2"),
    ("W112", "return order.id @ 3"),
    ("W100", "return {1, 2}"),
    ("W100", "return {k.upper(): v for k in order.tags for v in [1]}"),
    ("W134", "return [x for x in order]"),
    ("W200", "return [x for x in order.lines if echo(x.sku)]"),
    ("W100", "return [echo(x.sku) for x in order.lines for y in order.lines]"),
    ("W200", "return (echo(x.sku) for x in order.lines)"),
    ("W165", "return max(order.lines)"),
    ("W161", "return max()"),
    ("W165", 'return max(1, "a")'),
    ("W165", "return sorted(order.lines)"),
    ("W165", "return sorted(order.tags)"),
    ("W165", "return len(3)"),
    ("W161", "return len()"),
    ("W141", "return str(order.price)"),
    ("W161", "return str()"),
    ("W165", 'return int("3")'),
    ("W165", 'return abs("a")'),
    ("W161", "return round(order.price, 2)"),
    ("W201", "return order.id.join(3)"),
    ("W201", "return order.id.join([1])"),
    ("W172", "return order.id.split()"),
    ("W172", 'return order.id.replace("", "a")'),
    ("W172", 'return order.id.replace(order.id, "a")'),
    ("W172", "return order.id.format(3)"),
    ("W172", "return order.id.encode()"),
    ("W170", 'return order.tags.pop("a")'),
    ("W201", "return order.tags.get(3)"),
    ("W172", "return order.tags.get()"),
    ("W201", "return order.tags[3]"),
    ("W201", 'return order.tags["a", "b"]'),
    ("W132", 'return order.lines["a"]'),
    ("W132", "return order.lines[True]"),
    ("W133", "return order.lines[0:order.count]"),
    ("W133", "return order.lines[::2]"),
    ("W132", "return order.lines[1.5]"),
    ("W132", "return order[0]"),
    ("W131", "return order.id.upper"),
    ("W131", "return math.florr"),
    ("W131", "return Order.new"),
    ("W160", "return math.floor(order.price)"),
    ("W180", "return random.random()"),
    ("W107", 'return os.environ["A"]'),
    ("W160", "return print(order)"),
    ("W160", "return isinstance(order, Order)"),
    ("W160", "return type(order)"),
    ("W110", "return order is order"),
    ("W110", "return order.paid is True"),
    ("W110", 'return order.tags == {"a": True}'),
    ("W110", "return [1] == [True]"),
    ("W114", "return order.lines in [order.lines]"),
    ("W114", "return 3 in order.id"),
    ("W114", 'return "a" in order'),
    ("W111", "return order.count < None"),
    ("W111", "return order.paid < order.paid"),
    ("W111", "return order.id < 3"),
    ("W120", "return 1 if order else 2"),
    ("W115", "return order.paid and order.count"),
    ("W115", "return order.count and order.id"),
    ("W115", "return order.coupon or 3"),
    ("W100", "return (x := 3)"),
    ("W100", "return ..."),
    ("W100", 'return b"a"'),
    ("W112", "return 10**40"),
    ("W100", "return 1e400"),
    ("W100", "return 3j"),
    ("W107", "return echo"),
    ("W107", "return Order"),
    ("W210", "return parallel()"),
    ("W210", "return parallel(3)"),
    ("W132", 'x = parallel(echo("a"), echo("b"))\nreturn x[2]'),
    ("W200", 'x = [parallel(echo("a"))]'),
    ("W200", "return wait(3)"),
    ("W201", "wait()"),
    ("W201", 'wait("a")'),
    ("W201", "wait(1.5)"),
    ("W201", "wait(-1)"),
    ("W201", "wait(timedelta(days=99999))"),
    ("W160", "wait(timedelta(seconds=order.count))"),
    ("W201", "wait(order.coupon)"),
    ("W201", "wait_until(3)"),
    ("W201", 'wait_until("2026")'),
    ("W161", "return uuid(3)"),
    ("W201", "return map_items(order.lines)"),
    ("W210", "return map_items(order.lines, 3)"),
    ("W201", "return map_items(order.lines, echo)"),
    ("W210", "return map_items(order.lines, lambda a, b: echo(a))"),
    ("W210", "return map_items(order.lines, lambda a: a)"),
    ("W201", 'return map_items(order.lines, take_line, max_concurrency="a")'),
    ("W161", "return map_items(order.lines, take_line, foo=3)"),
    ("W161", "return map_items(order.lines, take_line, distributed=order.paid)"),
    ("W161", 'return map_items(order.lines, take_line, distributed=True, execution_type="FOO")'),
    ("W201", "return map_items(order.lines, take_line, distributed=True, batch_size=2)"),
    ("W218", 'return map_items(csv_rows("a","b",Line), take_line)'),
    ("W201", 'return map_items(csv_rows("a","b"), take_line, distributed=True)'),
    ("W201", 'return map_items(csv_rows(order.count,"b",Line), take_line, distributed=True)'),
    ("W160", 'return csv_rows("a","b",Line)'),
    ("W201", "raise Problem(3)"),
    ("W201", 'raise Problem("a", "b")'),
    ("W213", "raise 3"),
    ("W213", "raise Problem from 3"),
    ("W213", "raise order"),
    ("W220", 'raise KeyError("a")'),
    ("W215", "try: pass\nexcept Problem: pass"),
    ("W213", 'try: echo("a")\nexcept (Problem, 3): pass'),
    ("W105", 'try: echo("a")\nexcept Problem as _x: pass'),
    ("W100", 'try: echo("a")\nexcept* Problem: pass'),
    ("W215", 'try: echo("a")\nexcept Exception: pass\nexcept Problem: pass'),
    ("W107", 'try: echo("a")\nexcept Problem as e: x = e'),
    ("W107", 'try: echo("a")\nexcept Problem as e: return e'),
    ("W131", 'try: echo("a")\nexcept Problem as e: return e.args'),
    ("W103", 'try: echo("a")\nexcept Problem as e: return str(e)\nreturn e'),
    ("W134", "for i in 3: pass"),
    ("W161", "for i in range(): pass"),
    ("W161", "for i in range(1,2,3): pass"),
    ("W201", 'for i in range("a"): pass'),
    ("W134", "for i, j in order.lines: pass"),
    ("W134", "for i in enumerate(order.lines): pass"),
    ("W161", "for i, j in enumerate(order.lines, 1): note(str(i))"),
    ("W134", "for order.id in order.lines: pass"),
    ("W120", "while order: pass"),
    ("W100", "match order:\n  case Order(id=x): pass"),
    ("W100", "match order.id:\n  case _: pass"),
    ("W110", "match order.id:\n  case 3: pass"),
    ("W100", "match order.count:\n  case [1, 2]: pass"),
    ("W100", 'match order.tags:\n  case {"a": 1}: pass'),
    ("W204", 'if order.paid: return 1\nelif order.count: return 2\nelse: return 3\nnote("a")'),
    ("W160", "def g(x): return x\nreturn g(3)"),
    ("W160", 'def g(): return g()\na, b = parallel(g(), echo("a"))'),
    ("W210", 'def g(x: int) -> int: return x\na, b = parallel(g(3), echo("a"))'),
    ("W205", 'def g() -> int: return "a"\na, b = parallel(g(), echo("a"))'),
    ("W104", 'def g() -> Foo: return "a"\na, b = parallel(g(), echo("a"))'),
    ("W210", 'def g(*x): return 3\na, b = parallel(g(), echo("a"))'),
    ("W100", 'def g(): yield 3\na, b = parallel(g(), echo("a"))'),
    ("W107", 'g = echo\nreturn g("a")'),
    ("W200", 'x = echo("a") if order.paid else echo("b")'),
    ("W200", 'x = order.paid and echo("a")'),
    ("W100", "assert order.paid"),
    ("W100", 'with open("a") as f: pass'),
    ("W170", 'x = {}\nx["a"] = 3'),
    ("W103", "x += 1"),
    ("W112", "order += 1"),
    ("W170", "order.count += 1"),
    ("W170", "x = []\nx += [1]"),
    ("W132", "x = (1, 2)\nreturn x[order.count]"),
    ("W170", "x = order.lines\nx.append(3)"),
    ("W201", 'Line(sku="a")\nreturn "a"'),
    ("W161", 'return Line("a", 3).sku'),
    ("W201", 'return Line(sku="a", quantity="b").sku'),
    ("W161", "return Line(**order.tags)"),
    ("W160", 'return Problem("a")'),
    ("W172", "return LIMIT.bit_length()"),
    ("W180", "return datetime.now().isoformat()"),
    ("W201", "return datetime(2026, 13, 1)"),
    ("W131", "return now().year"),
    ("W112", "return now() - now()"),
    ("W112", "return now() + 3"),
    ("W141", 'return f"{now()}"'),
    ("W160", "return timedelta(days=1)"),
    ("W160", "x = timedelta(days=1)\nwait(x)"),
    ("W200", "return str(len([echo(l.sku) for l in order.lines]))"),
    ("W141", 'x = note("a")\nreturn str(x is None)'),
]


@pytest.mark.parametrize(("code", "body"), REFUSED, ids=[body for _, body in REFUSED])
def test_the_body_is_refused(code: str, body: str, tmp_path: Path) -> None:
    path = tmp_path / "example.py"
    path.write_text(PREAMBLE + textwrap.indent(body, "    "))
    spec = importlib.util.spec_from_file_location("example", path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["example"] = importlib.util.module_from_spec(spec)

    try:
        with pytest.raises(DefinitionError) as caught:
            spec.loader.exec_module(module)
    finally:
        del sys.modules["example"]

    assert caught.value.diagnostics[0].code == code
    assert "^" in str(caught.value)


@pytest.mark.parametrize(
    ("written", "found", "help"),
    [
        ("Size.SMAL", "Size has no member 'SMAL'", "did you mean 'SMALL'?"),
        ("Size.XXL", "Size has no member 'XXL'", "its members are SMALL, LARGE"),
        ("sizes.Siez.SMALL", "the module sizes has no 'Siez'", "did you mean 'Size'?"),
    ],
)
def test_a_misspelt_member_is_told_with_what_was_meant(
    written: str, found: str, help: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sizes.py").write_text(
        'from enum import StrEnum\n\n\nclass Size(StrEnum):\n    SMALL = "s"\n    LARGE = "l"\n'
    )
    (tmp_path / "choosing.py").write_text(
        "import sizes\nfrom sizes import Size\nfrom stepsmith import workflow\n\n\n@workflow\n"
        f"def choosing(text: str) -> Size:\n    size = {written}\n    return size\n"
    )
    monkeypatch.syspath_prepend(tmp_path)

    try:
        with pytest.raises(DefinitionError) as caught:
            importlib.import_module("choosing")
    finally:
        for name in ("choosing", "sizes"):
            sys.modules.pop(name, None)

    assert f"W131 {found}" in str(caught.value)
    assert f"help: {help}" in str(caught.value)
