"""A state machine in few lines, for fixtures: a state a line, what is inside it and where it leads below."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from stepsmith.asl.model import StateMachine
from stepsmith.asl.render import to_json

INVOKE = "arn:aws:states:::lambda:invoke"
PAYLOAD = "{% $states.result.Payload %}"


def compact(machine: StateMachine) -> list[str]:
    """Give the lines of a machine.

    Left out is what goes without saying: that a parameter takes its value from the input, and that a task gives what
    its function gave.
    """
    return list(_scope(json.loads(to_json(machine)), top=True))


def value(given: object) -> str:
    """Write a template: expressions bare, constants as JSON, names of members without quotes."""
    if isinstance(given, str) and given.startswith("{% ") and given.endswith(" %}"):
        return given[3:-3]
    if isinstance(given, dict):
        return "{" + ", ".join(f"{name}: {value(item)}" for name, item in given.items()) + "}"
    if isinstance(given, list):
        return "[" + ", ".join(map(value, given)) + "]"
    return json.dumps(given, ensure_ascii=False)


def _scope(scope: Mapping[str, Any], *, top: bool = False) -> Iterator[str]:
    states = scope["States"]
    if next(iter(states)) != scope["StartAt"]:
        yield f"start at {scope['StartAt']}"
    for name, state in states.items():
        yield from _state(name, state, top=top and name == "Start")


def _state(name: str, state: Mapping[str, Any], *, top: bool) -> Iterator[str]:
    assigned = state.get("Assign", {})
    if top:
        assigned = {key: item for key, item in assigned.items() if item != f"{{% $states.input.{key} %}}"}
    yield f"{name}: {_head(state)}{_after(state, assigned)}"
    for rule in state.get("Choices", ()):
        yield f"  if {value(rule['Condition'])}{_after(rule, rule.get('Assign', {}))}"
    for retrier in state.get("Retry", ()):
        options = "".join(f", {key} {value(item)}" for key, item in retrier.items() if key != "ErrorEquals")
        yield f"  retry {', '.join(retrier['ErrorEquals'])}{options}"
    for catcher in state.get("Catch", ()):
        yield f"  catch {', '.join(catcher['ErrorEquals'])}{_after(catcher, catcher.get('Assign', {}))}"
    for branch in [
        *state.get("Branches", ()),
        *([state["ItemProcessor"]] if "ItemProcessor" in state else ()),
    ]:
        mark = "- "
        for line in _scope(branch):
            yield f"  {mark}{line}"
            mark = "  "


def _head(state: Mapping[str, Any]) -> str:
    match state["Type"]:
        case "Task" if state["Resource"].startswith(INVOKE):
            arguments = state["Arguments"]
            waits = " and wait" if state["Resource"] != INVOKE else ""
            called = f"{arguments['FunctionName'][2:-1]}({value(arguments['Payload'])[1:-1]}){waits}"
            return called + _options(state)
        case "Task":
            return f"{state['Resource'].rpartition(':::')[2]}({value(state['Arguments'])[1:-1]})" + _options(
                state
            )
        case "Wait":
            return f"Wait {value(state.get('Seconds', state.get('Timestamp')))}"
        case "Fail":
            return f"Fail {value(state['Error'])} {value(state['Cause'])}"
        case "Map":
            config = state["ItemProcessor"].get("ProcessorConfig", {"Mode": "INLINE"})
            mode = "" if config["Mode"] == "INLINE" else f" {config['Mode']} {config['ExecutionType']}"
            return f"Map{mode}{_options(state)}"
        case kind:
            return str(kind)


_SAID = {
    "Type",
    "Resource",
    "Arguments",
    "Next",
    "End",
    "Assign",
    "Output",
    "Catch",
    "Retry",
    "ItemProcessor",
}


def _options(state: Mapping[str, Any]) -> str:
    return "".join(f", {key} {value(item)}" for key, item in state.items() if key not in _SAID)


def _after(state: Mapping[str, Any], assigned: Mapping[str, Any]) -> str:
    parts = [f"{name} = {value(item)}" for name, item in assigned.items()]
    given = state.get("Output", "all" if state.get("Resource") == INVOKE else None)
    if given is not None and not (state.get("Resource") == INVOKE and given == PAYLOAD):
        parts.append(f"give {value(given)}")
    said = "; " + "; ".join(parts) if parts else ""
    target = state.get("Next", state.get("Default"))
    return said + (f" -> {target}" if target else "")
