"""JSON that comes into a workflow: results, answers, items and the input, and what a state machine can make of it."""

from __future__ import annotations

import ast
from typing import Any

from stepsmith.authoring.calls.converter import Converter
from stepsmith.authoring.compiler.statements.protocol import StatementCompiler
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.values.defaults import filled
from stepsmith.authoring.values.reading import reading, unreadable, written_otherwise
from stepsmith.expressions.typed.static_types import Type, describe
from stepsmith.expressions.typed.tree import Expression


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


def _runs_code(s: StatementCompiler, node: ast.AST, converter: Converter) -> bool:
    try:
        return converter.runs_code
    except (RuntimeError, TypeError) as error:  # of pydantic: what is no type, or one that it does not know
        message = f"{describe(converter.type)} cannot be read from JSON: {str(error).splitlines()[0]}"
        raise s.refusal(node, "W104", message, "give it a type, such as a model of the fields") from error


def received(s: StatementCompiler, node: ast.AST, task: Task[..., Any], result: Expression) -> Expression:
    """Give what Python sees of the result of a Task state.

    A Lambda function answers as its type says. Nobody has checked the answer of a callback; a service leaves out what
    it does not know.
    """
    if task.kind == "function":
        check_written(s, node, result.type)
        return result
    check_readable(s, node, task.result)
    return reading(result, result.type, "answer") if task.waits else filled(result, result.type)
