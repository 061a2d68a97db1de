"""The input of a target: one of the whole event, `Input`, `InputPath` or `InputTransformer`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TypeAlias, cast

from stepsmith.events.refusals import VALIDATION, Refused
from stepsmith.events.targets.filling import written
from stepsmith.events.targets.transformers import Rule, transformer
from stepsmith.expressions.jsonpath import PathFailure, PathSyntaxError, compile_path
from stepsmith.expressions.types import Json

TargetInput: TypeAlias = Callable[[Json], str | None]
"""Gives what a target receives of an event; None where AWS drops the event without a word."""


def target_input(target: Mapping[str, object], rule: Rule) -> TargetInput:
    """Compile what PutTargets says about the input of a target (with its Id); raises Refused."""
    id_ = str(target.get("Id", ""))
    given = [name for name in ("Input", "InputPath", "InputTransformer") if target.get(name) is not None]
    if len(given) > 1:
        raise Refused(
            VALIDATION,
            f"Only one of Input, InputPath, or InputTransformer must be provided for target {id_}.",
        )
    if not given:
        return written
    if given == ["Input"]:
        return _constant(str(target["Input"]), id_)
    if given == ["InputPath"]:
        return _part(str(target["InputPath"]), id_)
    wanted = cast("Mapping[str, object]", target["InputTransformer"])
    paths = cast("Mapping[str, str]", wanted.get("InputPathsMap") or {})
    return transformer(paths, str(wanted.get("InputTemplate", "")), rule, id_)


def _constant(text: str, id_: str) -> TargetInput:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        raise Refused(VALIDATION, f"JSON syntax error in input for target {id_}.") from None
    return lambda event: text


def _part(path: str, id_: str) -> TargetInput:
    try:
        read = compile_path(path).read
    except PathSyntaxError:
        raise Refused(VALIDATION, f"Parameter InputPath for target {id_} is not valid.") from None

    def part(event: Json) -> str | None:
        try:
            return written(read(event))
        except PathFailure:
            return None

    return part
