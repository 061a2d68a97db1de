"""Values of states in JSONata."""

from __future__ import annotations

from typing import final

from stepsmith.authoring.lowered import graph
from stepsmith.authoring.lowered.writing import Fields, Language
from stepsmith.expressions.typed.to_jsonata import to_output, to_template
from stepsmith.expressions.typed.tree import Expression


@final
class InJsonata(Language):
    """Writes every value as a template: constants as they are, all else as an expression."""

    def payload(self, attribute: str, value: Expression | None) -> Fields:
        """Write what is handed over."""
        return {} if value is None else {attribute: to_template(value)}

    def items(self, value: Expression | None) -> Fields:
        """Write what a Map state goes through."""
        return self.payload("items", value)

    def scalar(self, attribute: str, value: Expression | None) -> Fields:
        """Write a number or a timestamp."""
        return self.payload(attribute, value)

    def text(self, attribute: str, value: Expression | None) -> Fields:
        """Write an error or a cause."""
        return self.payload(attribute, value)

    def shape(self, state: graph.Shaping) -> Fields:
        """Write Assign and Output."""
        assign = {} if isinstance(state, graph.Succeed) else _assign(state.assign)
        return {**assign, **_output(state.output)}

    def catcher(self, catcher: graph.Catcher) -> Fields:
        """Write Assign and Output of a catcher."""
        return {**_assign(catcher.assign), **_output(catcher.output)}

    def rule(self, rule: graph.ChoiceRule) -> Fields:
        """Write Condition, Assign and Output of a rule."""
        return {"condition": to_template(rule.condition), **_assign(rule.assign), **_output(rule.output)}


def _assign(assign: graph.Assign) -> Fields:
    return {"assign": {name: to_template(value) for name, value in assign.items()}} if assign else {}


def _output(output: Expression | None) -> Fields:
    return {} if output is None else {"output": to_output(output)}
