"""Kinds of values in random programs: their annotations, values of them, and names that are likely to clash."""

from __future__ import annotations

import random
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
TEXTS: Final = (
    *("", "a", "red", "b c", "{%", "'", '"', "$x", "é😀", "%}", "{}", "null", "`", "\\", "a\nb"),
    *('{"errorMessage": "m", "errorType": "E"}', "[1]", "{% $x %}"),
)
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
    "float": "float",
    "data": "dict[str, Any]",
    "nest": "dict[str, dict[str, Part]]",
    "answer": "Answer",
    "pinned": "tuple[int, Part]",
    "whens": "list[datetime]",
    "wpair": "tuple[datetime, int]",
    "oints": "list[int | None]",
    "size": "Size",
    "onum": "int | str",
    "paid": "Annotated[Card | Cash, Field(discriminator='kind')]",
    "checked": "Checked",
    "weighed": "Weighed",
}
"""Kind of value -> its annotation."""
MADE: Final = tuple(kind for kind in ANNOTATIONS if kind not in ("checked", "weighed"))
"""What programs may make: not what runs code then."""
TEXT_METHODS: Final = (
    *(
        "upper()",
        "lower()",
        "replace('a', 'b')",
        "title()",
        "capitalize()",
        "strip()",
        "lstrip('a')",
        "rstrip('d')",
    ),
    *("zfill(3)", "rjust(4, '.')", "ljust(3)", "center(5)", "partition('e')[0]", "rpartition('a')[2]"),
)
NAMELESS: Final = {
    "int": "len([1])",
    "str": "Item(n=1).s",
    "color": "Color.RED",
    "oint": "{'k': 2}.get('j')",
    "ostr": "Item(n=1).note",
    "oitem": "Item(n=1).when",
    "owhen": "Item(n=1).when",
    "float": "float(len([1]))",
    "when": "now()",
    "bool": "bool(len([1]))",
    "size": "Size.LARGE",
}
CONSTANTS: Final = {
    "nest": ("{'a': {'b': Part()}}", "{'red': {'a': Part(n=1), '': Part(note='x')}}"),
    "answer": ("Answer(accepted=True)", "Answer(accepted=False, stars=2, pair=(4, Part(n=5)))"),
    "pinned": ("(2, Part())",),
    "whens": ("[datetime(2026, 1, 1, tzinfo=UTC)]",),
    "wpair": ("(datetime(2026, 1, 1, tzinfo=UTC), 3)",),
    "oints": ("[None, 3]", "[1, None, -7]"),
    "size": ("Size.SMALL", "Size.LARGE"),
    "onum": ("3", "'a'"),
    "paid": ("Card(number='1')", "Cash()"),
}
"""Values of kinds, written out."""
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
        case "float":
            return random.choice((0.0, 0.5, -0.5, 2.5, 0.125, 2.675, 1.005, -7.75, 1234.5, 100.0, 0.1))
        case "data":
            values = (None, 1, "a", True, 0.5, [1, 2], {"a": "b"})
            return {random.choice(("a", "b", "é")): random.choice(values) for _ in range(random.randrange(3))}
        case "nest":
            return {
                random.choice(TEXTS): {
                    random.choice(TEXTS): value_of(random, "part") for _ in range(random.randrange(3))
                }
                for _ in range(random.randrange(3))
            }
        case "part":
            return random.choice(({}, {"n": 1}, {"note": "x"}, {"n": -7, "note": None}))
        case "answer":
            known = {"note": "str", "stars": "int", "parts": "nest", "pair": "pinned", "due": "owhen"}
            given = {name: value_of(random, kind) for name, kind in known.items() if random.random() < 0.5}
            return {"accepted": value_of(random, "bool"), **given}
        case "pinned":
            return (value_of(random, "int"), value_of(random, "part"))
        case "whens" | "oints":
            return [value_of(random, kind[:-1]) for _ in range(random.randrange(4))]
        case "wpair":
            return (value_of(random, "when"), value_of(random, "int"))
        case "size":
            return random.choice(("small", "large"))
        case "onum":
            return value_of(random, random.choice(("int", "str")))
        case "paid":
            card = {"kind": "card", **random.choice(({}, {"number": "12", "limit": 4}, {"limit": None}))}
            return random.choice((card, {"kind": "cash"}, {"kind": "cash", "cents": 0}))
        case "weighed":
            return {"n": value_of(random, "int")}
        case "checked":
            return random.choice(({}, {"size": 4}, {"word": "A b", "size": -7}))
        case _:  # optional kinds are called o and what they are of
            return None if random.random() < 0.4 else value_of(random, kind[1:])
