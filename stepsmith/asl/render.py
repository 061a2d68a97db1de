"""State machines and states to JSON and to text."""

from __future__ import annotations

from stepsmith.asl.fields import PARTS
from stepsmith.asl.model import State, StateMachine
from stepsmith.asl.writing import write, write_state
from stepsmith.expressions.types import Json


def render(machine: StateMachine) -> dict[str, Json]:
    """Give the definition as JSON; JSON values inside it are shared with the model."""
    return write(machine, PARTS["StateMachine"])


def render_state(state: State) -> dict[str, Json]:
    """Give one state as JSON."""
    return write_state(state)


def to_json(machine: StateMachine) -> str:
    """Give the definition as text, the same bytes for the same model; ends in a newline."""
    return machine.to_json()
