"""Values of states as paths, payload templates, intrinsic calls and Choice rules."""

from __future__ import annotations

from typing import cast, final

from stepsmith.asl.build import build_rule
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.lowered.writing import Fields, Language
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.to_choice_rule import to_choice_rule
from stepsmith.expressions.typed.to_jsonpath import (
    NotInJsonPath,
    Root,
    is_path,
    to_call,
    to_member,
    to_path,
    to_payload,
)
from stepsmith.expressions.typed.tree import Expression


@final
class InJsonPath(Language):
    """Writes each value into the field that takes its kind. Raises NotInJsonPath for what JSONPath cannot say."""

    def payload(self, attribute: str, value: Expression | None) -> Fields:
        """Write what is handed over, as a payload template."""
        if value is None:
            return {}
        if not isinstance(value, tree.ObjectOf):
            raise NotInJsonPath("a payload template is an object")
        return {"parameters" if attribute == "arguments" else attribute: to_payload(value, "input")}

    def items(self, value: Expression | None) -> Fields:
        """Write what a Map state goes through."""
        return {} if value is None else {"items_path": to_path(value, "input", reference=True)}

    def scalar(self, attribute: str, value: Expression | None) -> Fields:
        """Write a number or a timestamp, or where it is."""
        match value:
            case None:
                return {}
            case tree.Constant(value=constant):
                return {attribute: constant}
            case _:
                return {f"{attribute}_path": to_path(value, "input", reference=True)}

    def text(self, attribute: str, value: Expression | None) -> Fields:
        """Write an error or a cause, where it is, or the call that makes it."""
        match value:
            case None:
                return {}
            case tree.Constant(value=constant):
                return {attribute: cast(str, constant)}
            case _ if is_path(value):
                return {f"{attribute}_path": to_path(value, "input", reference=True)}
            case _:
                return {f"{attribute}_path": to_call(value, "input")}

    def shape(self, state: graph.Shaping) -> Fields:
        """Write what a state assigns and gives."""
        match state:
            case graph.Task() | graph.Parallel() | graph.Map():
                return {**_assign(state.assign, "result"), **_selected(state.output)}
            case graph.Pass():
                return _shaped(state)
            case graph.Succeed():
                return _output_path(state.output, "input")
            case _:
                return {**_assign(state.assign, "input"), **_output_path(state.output, "input")}

    def catcher(self, catcher: graph.Catcher) -> Fields:
        """Write Assign of a catcher."""
        if catcher.output is not None:
            raise NotInJsonPath("a catcher gives the error output, and nothing else")
        return _assign(catcher.assign, "errorOutput")

    def rule(self, rule: graph.ChoiceRule) -> Fields:
        """Write the comparisons and Assign of a rule."""
        if rule.output is not None:
            raise NotInJsonPath("a rule has no output of its own")
        return {"rule": build_rule(to_choice_rule(rule.condition)), **_assign(rule.assign, "input")}


def _selected(output: Expression | None) -> Fields:
    """Shape the output of a state with a result: ResultSelector makes objects, OutputPath follows paths."""
    if isinstance(output, tree.ObjectOf):
        return {"result_selector": to_payload(output, "result")}
    return _output_path(output, "result")


def _shaped(state: graph.Pass) -> Fields:
    """Shape the output of a Pass state; `$` in its Assign is what Result or Parameters give, where there are such."""
    output = state.output
    match output:
        case tree.Constant(value=value):
            return {**_assign(state.assign, "result"), "result": value}
        case tree.ObjectOf():
            return {**_assign(state.assign, "result"), "parameters": to_payload(output, "input")}
        case _:
            return {**_assign(state.assign, "input"), **_output_path(output, "input")}


def _output_path(output: Expression | None, root: Root) -> Fields:
    if output is None:
        return {}
    if not is_path(output):
        raise NotInJsonPath(
            "its output is no path: give it in a Pass state before, as an object or a constant"
        )
    return {"output_path": to_path(output, root)}


def _assign(assign: graph.Assign, root: Root) -> Fields:
    return {"assign": dict(to_member(name, value, root) for name, value in assign.items())} if assign else {}
