"""The workloads of the engine's benchmark, each with the same work in plain Python."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

WORK = "arn:aws:lambda:us-east-1:123456789012:function:bump"


def bump(number: Any) -> Any:
    """The task function of W5."""
    return {"y": number + 1}


@dataclass(frozen=True)
class Workload:
    """One definition and what it is divided by."""

    name: str
    what: str
    unit: str
    units: int
    definition: dict[str, Any]
    inputs: list[Any]
    expected: list[Any]
    plain: Callable[[], Any]
    type: str = "EXPRESS"
    tasks: dict[str, Callable[[Any], Any]] = field(default_factory=dict)
    moto: bool = True


def loop(size: int) -> Workload:
    """W1: a counter in JSONPath."""
    definition = {
        "StartAt": "Init",
        "States": {
            "Init": {"Type": "Pass", "Result": {"i": 0}, "Next": "Inc"},
            "Inc": {"Type": "Pass", "Parameters": {"i.$": "States.MathAdd($.i, 1)"}, "Next": "More"},
            "More": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.i", "NumericLessThan": size, "Next": "Inc"}],
                "Default": "Done",
            },
            "Done": {"Type": "Succeed"},
        },
    }
    return Workload(
        "W1", f"loop of {size:,}, JSONPath", "transition", 2 * size + 2, definition, [{}], [{"i": size}],
        lambda: _count(size),
    )  # fmt: skip


def _count(size: int) -> Any:
    """Count as the loop does: a call for each state, a fresh object where a state makes one."""
    table: dict[str, Callable[[Any], tuple[Any, str]]] = {
        "Init": lambda data: ({"i": 0}, "Inc"),
        "Inc": lambda data: ({"i": data["i"] + 1}, "More"),
        "More": lambda data: (data, "Inc" if data["i"] < size else "Done"),
        "Done": lambda data: (data, ""),
    }
    data, name = {}, "Init"
    while name:
        data, name = table[name](data)
    return data


def variable_loop(size: int) -> Workload:
    """W2: the same with a JSONata variable."""
    definition = {
        "QueryLanguage": "JSONata",
        "StartAt": "Init",
        "States": {
            "Init": {"Type": "Pass", "Assign": {"i": 0}, "Next": "Inc"},
            "Inc": {"Type": "Pass", "Assign": {"i": "{% $i + 1 %}"}, "Next": "More"},
            "More": {
                "Type": "Choice",
                "Choices": [{"Condition": f"{{% $i < {size} %}}", "Next": "Inc"}],
                "Default": "Done",
            },
            "Done": {"Type": "Succeed", "Output": {"i": "{% $i %}"}},
        },
    }
    return Workload(
        "W2", f"loop of {size:,}, JSONata variable", "transition", 2 * size + 2, definition, [{}], [{"i": size}],
        lambda: _count(size), moto=False,
    )  # fmt: skip


def _map(state: dict[str, Any]) -> dict[str, Any]:
    processor = {
        "ProcessorConfig": {"Mode": "INLINE"},
        "StartAt": "I",
        "States": {"I": {**state, "End": True}},
    }
    return {
        "StartAt": "M",
        "States": {"M": {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": processor, "End": True}},
    }


def map_pass(size: int) -> Workload:
    """W3: an inline Map over numbers."""
    items = list(range(size))
    return Workload(
        "W3", f"Map of Pass over {size:,}", "item", size, _map({"Type": "Pass"}), [{"items": items}], [items],
        lambda: [_same(item) for item in items],
    )  # fmt: skip


def _same(value: Any) -> Any:
    return value


def parallel(branches: int, depth: int = 10) -> Workload:
    """W4: branches of Pass states."""

    def branch(number: int) -> dict[str, Any]:
        names = [f"B{number}S{step}" for step in range(depth)]
        states: dict[str, Any] = {name: {"Type": "Pass", "Next": after} for name, after in pairwise(names)}
        return {"StartAt": names[0], "States": {**states, names[-1]: {"Type": "Pass", "End": True}}}

    fan = {"Type": "Parallel", "Branches": [branch(number) for number in range(branches)], "End": True}
    return Workload(
        "W4", f"Parallel of {branches} x {depth} Pass", "transition", branches * depth,
        {"StartAt": "Fan", "States": {"Fan": fan}}, [{"k": 7}], [[{"k": 7}] * branches],
        lambda: [_deep({"k": 7}, depth) for _ in range(branches)],
    )  # fmt: skip


def _deep(value: Any, depth: int) -> Any:
    for _ in range(depth):
        value = _same(value)
    return value


def map_task(size: int) -> Workload:
    """W5: an inline Map that calls a function."""
    items = list(range(size))
    return Workload(
        "W5", f"Map of a task function over {size:,}", "task", size, _map({"Type": "Task", "Resource": WORK}),
        [{"items": items}], [[bump(item) for item in items]], lambda: [bump(item) for item in items],
        tasks={WORK: bump}, moto=False,
    )  # fmt: skip


def many(count: int) -> Workload:
    """W8: executions of five states, one after the other."""
    definition = {
        "StartAt": "Tag",
        "States": {
            "Tag": {"Type": "Pass", "Result": {"v": 1}, "ResultPath": "$.tag", "Next": "Which"},
            "Which": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.tag.v", "NumericEquals": 1, "Next": "Pick"}],
                "Default": "No",
            },
            "Pick": {"Type": "Pass", "Parameters": {"x.$": "$.id"}, "Next": "Keep"},
            "Keep": {"Type": "Pass", "Next": "Yes"},
            "Yes": {"Type": "Succeed"},
            "No": {"Type": "Fail"},
        },
    }
    inputs = [{"id": number} for number in range(count)]
    return Workload(
        "W8", f"{count:,} executions of five states", "execution", count, definition, inputs,
        [{"x": number} for number in range(count)], lambda: [_five(each) for each in inputs], type="STANDARD",
    )  # fmt: skip


def _five(value: dict[str, Any]) -> Any:
    value = {**value, "tag": {"v": 1}}
    assert value["tag"]["v"] == 1
    return _same(_same(_same({"x": value["id"]})))


def document(times: int, kib: int = 100) -> Workload:
    """W9: a counter merged into a document."""
    row = {"name": "n", "price": 12.5, "qty": 3, "note": "x" * 60, "tags": ["a", "b"]}
    content = [{**row, "id": number} for number in range(kib * 1024 // 115)]
    definition = {
        "StartAt": "Init",
        "States": {
            "Init": {"Type": "Pass", "Result": {"n": 0}, "ResultPath": "$.c", "Next": "Inc"},
            "Inc": {
                "Type": "Pass",
                "Parameters": {"n.$": "States.MathAdd($.c.n, 1)"},
                "ResultPath": "$.c",
                "Next": "More",
            },
            "More": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.c.n", "NumericLessThan": times, "Next": "Inc"}],
                "Default": "Pick",
            },
            "Pick": {"Type": "Pass", "InputPath": "$.c", "End": True},
        },
    }
    return Workload(
        "W9", f"counter in a document of {kib} KiB, {times} times", "transition", 2 * times + 2, definition,
        [{"doc": content}], [{"n": times}], lambda: _merge(content, times), type="STANDARD",
    )  # fmt: skip


def _merge(content: Any, times: int) -> Any:
    data: dict[str, Any] = {"doc": content, "c": {"n": 0}}
    while data["c"]["n"] < times:
        data = _same({**data, "c": {"n": data["c"]["n"] + 1}})
    return data["c"]


ALL: list[tuple[Callable[[int], Workload], int, int]] = [
    (loop, 10_000, 200),
    (variable_loop, 10_000, 0),
    (map_pass, 10_000, 100),
    (parallel, 100, 10),
    (map_task, 1_000, 0),
    (many, 1_000, 20),
    (document, 200, 5),
]
"""Each workload with its size for us and for moto, whose time per unit does not depend on it."""
