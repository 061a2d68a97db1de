"""Expressions and values that a workflow function cannot have: in words, and what to write instead."""

from __future__ import annotations

import ast
import datetime as datetimes
import difflib
import linecache
import random
import sys
import types
import uuid
from collections.abc import Mapping
from datetime import timedelta
from enum import Enum, EnumMeta
from typing import Final, cast

from stepsmith.authoring.calls import item_sources
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.workflows.workflow import Workflow

_TASK: Final = "move the work into a task"
_IN_WORDS: Final[Mapping[type, tuple[str, str]]] = {
    ast.Lambda: ("a lambda as a value", f"write its expression where it is called, or {_TASK}"),
    ast.SetComp: ("a set", f"use a list, or {_TASK}"),
    ast.Set: ("a set", f"use a list, or {_TASK}"),
    ast.Await: ("await", "call the task without it"),
    ast.Yield: ("yield", "return a list"),
    ast.YieldFrom: ("yield", "return a list"),
    ast.NamedExpr: ("an assignment inside an expression", "assign in a statement before"),
    ast.Starred: ("* here", "name each element"),
}


def defined_below(file: str, name: str) -> str | None:
    """Say that a name is defined further below in its module; None where it is not."""
    beginnings = (
        f"def {name}(",
        f"async def {name}(",
        f"class {name}(",
        f"class {name}:",
        f"{name} =",
        f"{name}:",
    )
    if any(line.startswith(beginnings) for line in linecache.getlines(file)):
        return f"put {name} above the workflow, which is compiled where it is defined"
    return None


def unsupported(node: ast.expr) -> tuple[str, str]:
    """Give what an expression is that states cannot say, and what to write instead."""
    if isinstance(node, ast.Constant):
        what = described(node.value)
        return f"a constant {what}" if what.startswith("of ") else what, value_help(node.value)
    return _IN_WORDS.get(type(node), (type(node).__name__, _TASK))


def missing_member(holder: types.ModuleType | type, name: str) -> tuple[str, str | None]:
    """Say that an Enum, class or module has no such member, and what was probably meant."""
    if isinstance(holder, EnumMeta):
        known, listed = list(holder.__members__), f"its members are {', '.join(holder.__members__)}"
        message = f"{holder.__name__} has no member '{name}'"
    else:
        known, listed = [each for each in vars(holder) if not each.startswith("_")], None
        message = f"{described(holder)} has no '{name}'"
    close = difflib.get_close_matches(name, known, n=1)
    return message, f"did you mean '{close[0]}'?" if close else listed


def described(value: object) -> str:
    """Say what a value is that has no exact JSON form."""
    match value:
        case type():
            return f"the class {value.__name__}"
        case types.ModuleType():
            return f"the module {value.__name__}"
        case Enum():
            return f"a member of {type(value).__name__}"
        case int():
            return "an int beyond 2**53"
        case float():
            return f"the float {value}"
        case _:
            return f"of type {type(value).__name__}"


def value_help(value: object) -> str:
    """Say what to write in the place of a value that has no exact JSON form."""
    match value:
        case int():
            return "use a str, and compute with it in a task"
        case bytes():
            return "use a str"
        case types.ModuleType():
            return "use what it knows in a task"
        case Task() | Workflow() | types.FunctionType():
            return (
                f"call it where its result is needed: `{getattr(cast(object, value), '__name__', 'it')}(...)`"
            )
        case _:
            return "use str, int, float, bool, an Enum, or lists and dicts of those"


_INSTEAD: Final[Mapping[object, str]] = {
    map: "write a comprehension: `[f(item) for item in items]`",
    filter: "write a comprehension: `[item for item in items if ...]`",
    print: "leave it out, or call a task that writes it down",
    open: "read and write files in a task",
    input: "ask in a callback task, which waits for the answer",
    isinstance: "test a field or an Enum that says which kind it is",
    type: "test a field or an Enum that says which kind it is",
    hasattr: "test whether the field is None",
    getattr: "name the field: `value.field`",
    set: "use a list; `len(set(items))`, `sorted(set(items))` and `item in {...}` are understood",
    frozenset: "use a list; `len(set(items))` and `sorted(set(items))` are understood",
    tuple: "write the tuple out: `(a, b)`",
    iter: "go through the list itself",
    timedelta: "write it where it is waited for, added or compared: `wait(timedelta(...))`",
    **dict.fromkeys(
        (item_sources.csv_rows, item_sources.json_items, item_sources.json_lines, item_sources.s3_objects),
        "go through it with `map_items(..., distributed=True)`",
    ),
}
"""Functions that are called by habit -> what to write instead."""


def function_help(target: object, name: str, node: ast.Call) -> str:
    """Say what to write instead of a call of a function that is no task."""
    known = next((help for function, help in _INSTEAD.items() if function is target), None)
    if known is not None:
        return known
    module = str(getattr(target, "__module__", None) or "").partition(".")[0]
    if module == "logging":
        return _INSTEAD[print]
    if module == "asyncio":
        return (
            "tasks are called without asyncio: one after the other, or side by side with `parallel(a(), b())`"
        )
    if module in ("boto3", "botocore"):
        return (
            "write `services.s3.put_object(...)` and the like, or take `client(...)` as a default in a task"
        )
    if isinstance(target, types.FunctionType) and not _is_installed(target):
        return f"decorate {name} with @task, or write the expression out"
    if isinstance(target, type) and issubclass(target, BaseException):
        return f"write `raise {ast.unparse(node)}`"
    return f"call it in a task: a function under @task that returns {ast.unparse(node)}"


def _is_installed(function: types.FunctionType) -> bool:
    """Say whether a function comes with Python or was installed, so that nobody can decorate it."""
    root = function.__module__.partition(".")[0]
    return (
        root in sys.stdlib_module_names
        or "site-packages" in function.__code__.co_filename
        or root == "stepsmith"
    )


def clock_or_chance(target: object, node: ast.Call) -> str | None:
    """Say what to write instead of a function that reads the clock, waits or draws; None for any other."""
    owner = getattr(target, "__self__", None)
    module = getattr(target, "__module__", None) or getattr(owner, "__module__", None)
    name = getattr(target, "__name__", "")
    if not callable(target):
        return None
    if module == "asyncio.tasks" and name == "sleep":
        return f"write `wait({ast.unparse(node.args[0]) if node.args else '...'})`"
    if module == "time":
        seconds = ", ".join(map(ast.unparse, node.args)) or "..."
        return f"write `wait({seconds})`" if name == "sleep" else "write `now()`"
    if module == "uuid" or owner is uuid:
        return "write `uuid()`"
    if owner in (datetimes.datetime, datetimes.date) and name in ("now", "utcnow", "today"):
        return "write `now()`"
    if module in ("random", "secrets") or isinstance(owner, random.Random):
        return "draw it in a task"
    return None
