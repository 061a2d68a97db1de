"""Choice: goes where the first true rule says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from stepsmith.asl.model import Choice, ChoiceRule
from stepsmith.engine.fields.assign import compile_assign
from stepsmith.engine.fields.conditions import Test, compile_rule
from stepsmith.engine.fields.data_flow import Input, compile_input, compile_output
from stepsmith.engine.fields.expressions import Evaluate, expression_text, is_expression, wrong_type
from stepsmith.engine.fields.linking import Leave, Linking, compile_leave
from stepsmith.engine.fields.query import compile_value
from stepsmith.engine.kernel.frames import Execution, Frame, Node
from stepsmith.engine.values.failures import runtime
from stepsmith.expressions.types import UNDEFINED, Json, Undefined

NOWHERE: Final = "Failed to transition out of the state. The state does not point to a next state."


def compile_choice(node: Node, state: Choice, linking: Linking) -> None:
    """Compile a Choice state into its node."""
    if linking.is_query(state):
        node.enter = _query_enter(node, state, linking)
        return
    effective = compile_input(state.input_path)
    plain = effective is None and isinstance(state.output_path, Undefined)
    if plain and state.assign is None and not any(rule.assign for rule in state.choices):
        node.enter = _plain_path_enter(node, state, linking)
    else:
        node.enter = _path_enter(node, state, linking, effective)


def _plain_path_enter(node: Node, state: Choice, linking: Linking) -> Any:
    """The common Choice: data passes unchanged, so entry and exit are one piece of record."""
    name = node.name
    rules = [(_test_of(rule), linking.nodes[rule.next]) for rule in state.choices]
    default = None if state.default is None else linking.nodes[state.default]

    def enter(run: Execution, frame: Frame) -> Node:
        text = frame.text
        frame.entered = entered = run.last + 1
        scope = run.scope
        scope.input = frame.value
        scope.variables = frame.variables
        target = default
        try:
            for test, following in rules:
                if test(scope):
                    target = following
                    break
            if target is None:
                raise runtime(NOWHERE)
        except BaseException:
            run.event("ChoiceStateEntered", frame.previous, name, text)
            raise
        run.record(
            (
                "ChoiceStateEntered", run.now, frame.previous, name, text,
                "ChoiceStateExited", run.now, entered, name, text,
            )
        )  # fmt: skip
        frame.previous = run.last = entered + 1
        return target

    return enter


def _path_enter(node: Node, state: Choice, linking: Linking, effective: Input | None) -> Any:
    name = node.name
    output = compile_output(UNDEFINED, UNDEFINED, state.output_path)

    def leave_to(next: str, rule_assign: Any) -> Leave:
        assign, names = compile_assign(rule_assign, query=False)
        return compile_leave("Choice", name, output, assign, names, linking.nodes[next])

    rules = [(_test_of(rule), leave_to(rule.next, rule.assign)) for rule in state.choices]
    default = None if state.default is None else leave_to(state.default, state.assign)

    def enter(run: Execution, frame: Frame) -> Node:
        frame.entered = run.event("ChoiceStateEntered", frame.previous, name, frame.text)
        value = frame.value if effective is None else effective(run, frame)
        scope = run.scope
        scope.variables = frame.variables
        leave = default
        for test, matched in rules:
            scope.input = value
            if test(scope):
                leave = matched
                break
        if leave is None:
            raise runtime(NOWHERE)
        return leave(run, frame, value, frame.text if value is frame.value else None)

    return enter


def _test_of(rule: ChoiceRule) -> Test:
    if rule.rule is None:
        raise runtime("A choice rule of a JSONPath state needs a Variable, And, Or or Not")
    return compile_rule(rule.rule)


def _query_enter(node: Node, state: Choice, linking: Linking) -> Any:
    name = node.name

    def leave_to(next: str, output: Json | Undefined, given: Any, place: str) -> Leave:
        assign, names = compile_assign(given, query=True, location=f"{place}Assign")
        shape = None if isinstance(output, Undefined) else compile_value(output, f"{place}Output")
        return compile_leave("Choice", name, shape, assign, names, linking.nodes[next])

    rules: list[tuple[Evaluate, Callable[[Json], Exception], Leave]] = []
    for index, rule in enumerate(state.choices):
        place = f"Choices[{index}]/"
        condition = None if isinstance(rule.condition, Undefined) else rule.condition
        rules.append(
            (
                compile_value(condition, f"{place}Condition"),
                _not_boolean(condition, f"{place}Condition"),
                leave_to(rule.next, rule.output, rule.assign, place),
            )
        )
    default = None if state.default is None else leave_to(state.default, state.output, state.assign, "")

    def enter(run: Execution, frame: Frame) -> Node:
        frame.entered = run.event("ChoiceStateEntered", frame.previous, name, frame.text)
        for condition, refuse, leave in rules:
            decision = condition(run, frame, None)
            if decision is True:
                return leave(run, frame, frame.value, frame.text)
            if decision is not False:
                raise refuse(decision)
        if default is None:
            raise runtime(NOWHERE)
        return default(run, frame, frame.value, frame.text)

    return enter


def _not_boolean(condition: Json, location: str) -> Callable[[Json], Exception]:
    text = (
        expression_text(condition)
        if isinstance(condition, str) and is_expression(condition)
        else str(condition)
    )
    return lambda value: wrong_type(text, location, "boolean", value)
