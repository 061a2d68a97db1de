"""PT-02: the state machine of aws-lambda-power-tuning runs on our engine, with our handlers as its functions.

`power_tuning_reference.asl.json` is its definition, published under the Apache License 2.0.
"""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stepsmith.service import Machine, load
from tests.tasks.power_tuning.recorded import Case, World, needs_vectors, same, settings, vectors
from tests.tasks.test_power_tuning_vectors import HANDLERS

pytestmark = [*needs_vectors, pytest.mark.slow]

TEXT = (Path(__file__).parent / "power_tuning_reference.asl.json").read_text(encoding="utf-8")


def machine(text: str = TEXT) -> Machine:
    return load(json.loads(text))


def functions(world: World, fixed: Any, trace: list[str]) -> dict[str, Callable[[Any], Any]]:
    """The handlers by the ARN in the definition, each call noted."""

    def noted(name: str) -> Callable[[Any], Any]:
        def call(event: Any) -> Any:
            trace.append(name)
            return HANDLERS[name](event, world, fixed)

        return call

    return {f"arn:aws:lambda:us-east-1:123456789012:function:{name}": noted(name) for name in HANDLERS}


def run(reference: Machine, case: Case, env: dict[str, str]) -> Case:
    world, trace = World(case["world"]), list[str]()
    execution = reference.run(case["input"], tasks=functions(world, settings(env), trace))
    return {
        "status": execution.status,
        "output": execution.output,
        "trace": trace,
        "world": world.left(),
        "calls": Counter(name for name, _ in world.calls),
    }


def expected(case: Case) -> Case:
    told = case["expect"]
    return {key: told.get(key) for key in ("status", "output", "trace", "world")} | {
        "calls": case["call_counts"]
    }


def has_failing_executor(case: Case) -> bool:
    executors = case["expect"]["trace"].count("executor")
    return executors > len(case["input"]["powerValues"]) or (executors > 0 and "caught" in case["expect"])


def test_the_reference_state_machine_ends_as_recorded() -> None:
    """The recordings run one executor after the other; where one fails, the Map has started the others already."""
    recorded = vectors("end_to_end")
    reference = machine()
    complaints: list[tuple[str, Case, Case]] = []

    for case in recorded["cases"]:
        ours = run(reference, case, {**recorded["env"], **case.get("env", {})})
        theirs = expected(case)
        if has_failing_executor(case):
            ours, theirs = (
                {key: one[key] for key in ("status", "output", "world")} for one in (ours, theirs)
            )
        if not same(ours, theirs):
            complaints.append((case["id"], ours, theirs))

    assert complaints == []


def test_with_one_item_at_a_time_it_also_goes_as_recorded_when_executors_fail() -> None:
    recorded = vectors("end_to_end")
    in_turn = machine(TEXT.replace('"MaxConcurrency": 0', '"MaxConcurrency": 1'))
    complaints: list[tuple[str, Case, Case]] = []

    for case in recorded["cases"]:
        ours = run(in_turn, case, {**recorded["env"], **case.get("env", {})})
        if not same(ours, expected(case)):
            complaints.append((case["id"], ours, expected(case)))

    assert complaints == []
