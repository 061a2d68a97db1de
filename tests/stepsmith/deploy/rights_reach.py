"""Which calls of boto3 a task can reach at all, read from the source of the tasks."""

import ast
import importlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.stepsmith.deploy.rights_watch import ACTIONS, ITEMS

CLIENTS = {
    "dynamodb": "dynamodb",
    "s3": "s3",
    "sqs": "sqs",
    "sns": "sns",
    "ses": "ses",
    "rekognition": "rekognition",
    "lambda_": "lambda",
    "stepfunctions": "states",
    "states": "states",
}
"""Names of parameters that are clients -> their service."""


def reachable(function: Any) -> set[str]:
    """The IAM actions of every call in a function, and in all functions of the tasks that it uses."""
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    waiting = [(function.__module__, function.__qualname__)]
    while waiting:
        module, name = waiting.pop()
        if (module, name) in seen or name not in definitions(module):
            continue
        seen.add((module, name))
        node = definitions(module)[name]
        found.update(actions(node))
        waiting += uses(module, node)
    return found


@cache
def definitions(module: str) -> dict[str, ast.AST]:
    """Functions, classes and constants of a module."""
    path = importlib.import_module(module).__file__
    tree = ast.parse(Path(path).read_bytes()) if path else ast.Module([], [])
    found: dict[str, ast.AST] = {}
    for node in tree.body:
        match node:
            case ast.FunctionDef() | ast.ClassDef():
                found[node.name] = node
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                found[name] = node
            case _:
                pass
    return found


def uses(module: str, node: ast.AST) -> Iterator[tuple[str, str]]:
    """What a function names: in its own module, or in another one of the tasks."""
    here = importlib.import_module(module)
    for each in ast.walk(node):
        match each:
            case ast.Name(id=name):
                value: Any = getattr(here, name, None)
                home = getattr(getattr(value, "function", value), "__module__", module)
                if isinstance(home, str) and home.startswith("tasks."):
                    yield home, getattr(getattr(value, "function", value), "__name__", name)
                yield module, name
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                home = getattr(here, name, None)
                if isinstance(home, ModuleType) and home.__name__.startswith("tasks."):
                    yield home.__name__, attribute
            case _:
                pass


def actions(node: ast.AST) -> Iterator[str]:
    """The IAM actions of the calls of clients in a function."""
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and each.value in ITEMS:
            yield ITEMS[str(each.value)]
        if not isinstance(each, ast.Attribute):
            continue
        service = CLIENTS.get(getattr(each.value, "id", getattr(each.value, "attr", "")))
        operation = "".join(word.capitalize() for word in each.attr.split("_"))
        if service is None or operation in ("Exceptions", "TransactWriteItems"):
            continue
        yield from ACTIONS.get(f"{service}:{operation}", [f"{service}:{operation}"])
