"""Models of tasks, arrivals and limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stepsmith import load
from stepsmith.errors import InvalidInput, NotFound
from stepsmith.simulation import read_model, simulate

MACHINE: dict[str, Any] = {
    "StartAt": "A",
    "States": {"A": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:a", "End": True}},
}


@pytest.mark.parametrize("name", ["model.json", "model.yaml", "model.yml"])
def test_a_model_is_read_from_json_and_yaml(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text('{"tasks": {"a": {"seconds": 3}}, "inputs": [1, {"value": 2, "weight": 5}]}')

    found = read_model(path)

    assert found.tasks["a"].seconds == 3
    assert [(each.value, each.weight) for each in found.inputs or ()] == [(1, 1), (2, 5)]


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ({"task": {}}, "task: Extra inputs are not permitted; did you mean 'tasks'"),
        ({"tasks": {"a": {"second": 1}}}, "tasks.a.second: .*did you mean 'seconds'"),
        ({"tasks": {"a": {"seconds": -1}}}, "tasks.a.seconds"),
        ({"tasks": {"a": {"seconds": float("nan")}}}, "tasks.a.seconds"),
        ({"tasks": {"a": {"seconds": {"uniform": [3, 1]}}}}, "larger than the second"),
        ({"tasks": {"a": {"seconds": {"observed": []}}}}, "tasks.a.seconds"),
        ({"tasks": {"a": {"fails": {"X": 0.7, "Y": 0.7}}}}, "more than 1"),
        ({"tasks": {"a": {"fails": {"X": 2}}}}, "tasks.a.fails.X"),
        ({"tasks": {"a": {"one_of": []}}}, "tasks.a.one_of"),
        ({"arrivals": {"per_second": 0}}, "arrivals.per_second"),
        ({"arrivals": {"pattern": "sometimes"}}, "arrivals.pattern"),
        ({"limits": {"functions": 0}}, "limits.functions"),
        ({"inputs": []}, "inputs"),
        ({"inputs": 3}, "inputs"),
        ([], "the whole"),
    ],
)
def test_what_is_no_model_is_refused_with_its_place(model: Any, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_model(model if isinstance(model, dict) else {"tasks": model}) if model != [] else _of_a_list()


def _of_a_list() -> None:
    from stepsmith.simulation.model import _checked

    _checked([], "the model")


def test_a_file_that_is_not_there_or_broken_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="lost"):
        read_model(tmp_path / "lost.json")
    path = tmp_path / "model.json"
    path.write_text("{")
    with pytest.raises(InvalidInput, match=r"model\.json:1"):
        read_model(path)


def test_a_task_that_no_state_calls_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no state calls 'b'"):
        simulate(load(MACHINE), model={"tasks": {"b": {}}})


def test_the_state_counts_before_the_function() -> None:
    found = simulate(load(MACHINE), executions=1, model={"tasks": {"a": {"seconds": 1}, "A": {"seconds": 2}}})

    assert found.tally.durations == [2.0]
