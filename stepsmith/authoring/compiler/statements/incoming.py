"""JSON that comes into a workflow: results, answers, items and the input, and what a state machine can make of it."""

from __future__ import annotations

import ast
from typing import Any, Final

from stepsmith.authoring.calls.converter import Converter
from stepsmith.authoring.compiler.statements.protocol import StatementCompiler
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.values.reading import reading, unreadable, written_otherwise
from stepsmith.expressions.typed.static_types import (
    DictType,
    ListType,
    Opaque,
    OptionalType,
    TupleType,
    Type,
    UnionType,
    describe,
)
from stepsmith.expressions.typed.tree import Expression

HELP: Final = "give it a type, such as a model of the fields"


def check_written(s: StatementCompiler, node: ast.AST, kind: Type) -> None:
    """Refuse a type whose JSON is not what its fields say: plain Python would read something else from it."""
    problem = written_otherwise(kind)
    if problem:
        message = f"{problem}, so that its JSON is not what its fields say"
        raise s.refusal(node, "W220", message, "give it a model without serialisers, made in the task")


def check_readable(s: StatementCompiler, node: ast.AST, converter: Converter) -> None:
    """Refuse a type that code of its own reads, where JSON comes in that no task has read."""
    problem = unreadable(converter.type)
    if not problem and _runs_code(s, node, converter):
        problem = f"{describe(converter.type)} checks or changes what it is made from"
    if problem:
        message = f"{problem}, which a state machine does not"
        raise s.refusal(node, "W220", message, "take plain fields here, and make it in a task")
    check_written(s, node, converter.type)


def inconvertible(converter: Converter) -> str:
    """Say why nothing can be read as a type, such as `Literal` without its values; an empty text where it can."""
    if not _is_foreign(converter.type):
        return ""
    try:
        converter.prepare()
    except (RuntimeError, TypeError) as error:
        return _no_type(converter, error)
    return ""


def _is_foreign(kind: Type) -> bool:
    """Say whether there is something in a type that only pydantic may know."""
    match kind:
        case OptionalType(inner=inner) | ListType(item=inner) | DictType(value=inner):
            return _is_foreign(inner)
        case TupleType(items=items) | UnionType(members=items):
            return any(map(_is_foreign, items))
        case _:
            return isinstance(kind, Opaque)


def _runs_code(s: StatementCompiler, node: ast.AST, converter: Converter) -> bool:
    try:
        return converter.runs_code
    except (RuntimeError, TypeError) as error:
        raise s.refusal(node, "W104", _no_type(converter, error), HELP) from error


def _no_type(converter: Converter, error: Exception) -> str:
    """Say what pydantic finds to be no type, or does not know."""
    return f"{describe(converter.type)} cannot be read from JSON: {str(error).splitlines()[0]}"


def received(s: StatementCompiler, node: ast.AST, task: Task[..., Any], result: Expression) -> Expression:
    """Give what Python sees of the result of a Task state.

    A Lambda function answers as its type says. Nobody has checked the answer of a callback, or what a service says: it
    leaves out what it does not know, and writes numbers as texts.
    """
    if task.kind == "function":
        check_written(s, node, result.type)
        return result
    check_readable(s, node, task.result)
    return reading(result, result.type, "answer")
