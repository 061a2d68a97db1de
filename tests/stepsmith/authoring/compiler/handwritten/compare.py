"""Runs a workflow function and the machine written by hand, and counts the states that each enters."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stepsmith import Execution, Workflow, load
from tests.stepsmith.authoring.compiler.handwritten import functions

MACHINES: Mapping[str, Any] = json.loads(
    Path(__file__).with_name("machines.json").read_text(encoding="utf-8")
)


def cases() -> Iterator[tuple[str, dict[str, object]]]:
    """Give the name and input of each comparison."""
    for name, inputs in functions.INPUTS.items():
        for input in inputs:
            yield name, input


def by_hand(name: str, input: Any) -> Execution[Any]:
    """Run the machine that was written by hand."""
    return load(MACHINES[name]).run(input, tasks=_function(name).tasks)


def compiled(name: str, input: dict[str, object]) -> Execution[Any]:
    """Run what is compiled from the function."""
    return _function(name).run(**input)


def _function(name: str) -> Workflow[..., Any]:
    return getattr(functions, name)
