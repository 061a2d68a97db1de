"""Definitions with placeholders on the command line and in `load`, and the page of the guide about them."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from stepsmith import InvalidInput, load
from stepsmith.service import Machine
from tests import guides
from tests.stepsmith.cli.conftest import Call

GUIDE = guides.text_of("running")
SECTION = GUIDE.partition("### Definitions with placeholders")[2].partition("\n### ")[0]
COMMANDS = [
    line for block in re.findall(r"```sh\n(.*?)```", SECTION, re.DOTALL) for line in block.splitlines()
]
(EXAMPLE,) = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)

CHECK = "arn:aws:lambda:us-east-1:123456789012:function:check"
ORDER: dict[str, Any] = {
    "StartAt": "Check",
    "States": {
        "Check": {"Type": "Task", "Resource": "${CheckArn}", "TimeoutSeconds": "${Timeout}", "Next": "Keep"},
        "Keep": {"Type": "Pass", "Comment": "in ${Table}", "Result": {"table": "${Table}"}, "End": True},
    },
}
VALUES = {"Table": "orders", "Timeout": 60, "CheckArn": CHECK, "Unused": True}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "definitions").mkdir()
    for path in (tmp_path / "order.asl.json", tmp_path / "definitions" / "order.asl.json"):
        path.write_text(json.dumps(ORDER))
    (tmp_path / "values.json").write_text(json.dumps(VALUES))
    (tmp_path / "answers.py").write_text("def check(payload):\n    return payload\n")
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command.split()[1]))
def test_the_commands_of_the_guide_do_what_it_says(stepsmith: Call, command: str) -> None:
    _, name, *arguments = shlex.split(command)
    more = ["--tasks", "answers.py", "--substitute", "Timeout=60"] if name == "run" else []

    outcome = stepsmith(name, *arguments, *more)

    assert outcome.code == 0
    if name == "run":
        assert json.loads(outcome.out) == {"table": "orders"}


def test_the_example_of_the_guide_loads_a_machine() -> None:
    names: dict[str, Any] = {"load": load}
    exec(EXAMPLE, names)

    machine: Machine = names["machine"]
    assert machine.run({}, tasks={"CheckArn": lambda payload: payload}).output == {"table": "orders"}


def test_a_run_says_which_placeholder_has_no_value_where_and_what_to_write(stepsmith: Call) -> None:
    outcome = stepsmith("run", "order.asl.json")

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == (
        "stepsmith: ${CheckArn} at /States/Check/Resource has no value (and so have ${Table}, ${Timeout}): write "
        "--substitute CheckArn=..., or load(..., substitutions={'CheckArn': ...}), or give a function of this name\n"
    )


def test_a_function_stands_for_the_placeholder_that_names_it(stepsmith: Call, folder: Path) -> None:
    (folder / "answers.py").write_text("def CheckArn(payload):\n    return payload\n")
    given = ["--substitutions", "values.json", "--substitute", "CheckArn=${CheckArn}"]
    (folder / "some.json").write_text(json.dumps({"Table": "t", "Timeout": 1}))

    of_its_name = stepsmith("run", "order.asl.json", "--tasks", "answers.py", "--substitutions", "some.json")

    assert (of_its_name.code, json.loads(of_its_name.out)) == (0, {"table": "t"})
    assert stepsmith("run", "order.asl.json", "--tasks", "answers.py", *given).code == 0


def test_mocked_answers_need_no_value_for_what_they_stand_for(stepsmith: Call, folder: Path) -> None:
    mock = {
        "StateMachines": {"Order": {"TestCases": {"Good": {"Check": "Fine"}}}},
        "MockedResponses": {"Fine": {"0": {"Return": {}}}},
    }
    (folder / "mock.json").write_text(json.dumps(mock))

    outcome = stepsmith(
        "run", "order.asl.json", "--mock", "mock.json", "--substitute", "Table=t", "--substitute", "Timeout=5"
    )

    assert outcome.code == 0


def test_the_command_counts_before_the_file(stepsmith: Call) -> None:
    outcome = stepsmith(
        *("run", "order.asl.json", "--tasks", "answers.py"),
        *("--substitutions", "values.json", "--substitute", "Table=other"),
    )

    assert json.loads(outcome.out) == {"table": "other"}


def test_a_value_is_text_whatever_it_looks_like(stepsmith: Call) -> None:
    value = '"}, "Injected": {"x": "${Timeout}\\u0041{% 1 %}'

    outcome = stepsmith(
        *("run", "order.asl.json", "--tasks", "answers.py"),
        *("--substitutions", "values.json", "--substitute", f"Table={value}"),
    )

    assert json.loads(outcome.out) == {"table": value}


def test_the_text_of_a_placeholder_can_be_meant(stepsmith: Call) -> None:
    outcome = stepsmith(
        *("run", "order.asl.json", "--tasks", "answers.py"),
        *("--substitutions", "values.json", "--substitute", "Table=${Table}"),
    )

    assert json.loads(outcome.out) == {"table": "${Table}"}


def test_lint_says_nothing_about_placeholders_and_checks_values(stepsmith: Call) -> None:
    unknown = stepsmith("lint")
    wrong = stepsmith("lint", "--substitute", "Timeout=soon", "--substitute", "CheckArn=check")

    assert (unknown.code, unknown.out) == (0, "")
    assert wrong.code == 1
    assert "Expected value of type Integer at /States/Check/TimeoutSeconds" in wrong.out
    assert "The resource provided check is not recognized" in wrong.out


def test_a_picture_shows_values_or_the_placeholders(stepsmith: Call) -> None:
    outcome = stepsmith("graph", "order.asl.json", "--format", "text")
    filled = stepsmith("graph", "order.asl.json", "--format", "text", "--substitutions", "values.json")

    assert "Check [Task ${CheckArn}]" in outcome.out
    assert "Check [Task check]" in filled.out


def test_machines_next_to_a_definition_get_the_values_too(stepsmith: Call, folder: Path) -> None:
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": "${Child}", "Input": {}},
        "OutputPath": "$.Output",
        "End": True,
    }
    (folder / "parent.asl.json").write_text(json.dumps({"StartAt": "S", "States": {"S": start}}))
    child = "Child=arn:aws:states:us-east-1:123456789012:stateMachine:order"

    outcome = stepsmith(
        *("run", "parent.asl.json", "--tasks", "answers.py"),
        *("--substitute", child, "--substitutions", "values.json"),
    )

    assert json.loads(outcome.out) == {"table": "orders"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--substitute", "Tabel=x"], "--substitute 'Tabel': there is no ${Tabel} to put it for; did you mean"),
        (["--substitute", "Table"], "--substitute 'Table' is not of the form NAME=VALUE"),
        (["--substitute", "=x"], "--substitute '=x' is not of the form NAME=VALUE"),
        (
            ["--substitute", "Table=1", "--substitute", "Table=2"],
            "--substitute 'Table=2' gives 'Table' a second value; give one",
        ),
        (["--substitutions", "no.json"], "--substitutions 'no.json' cannot be read: No such file or directory"),
        (["--substitutions", "."], "--substitutions '.' cannot be read: Is a directory"),
        (["--substitutions", "list.json"], 'list.json is no object; write {"NAME": "VALUE"}'),
        (["--substitutions", "broken.json"], "broken.json:1:2: Unexpected end-of-input"),
        (["--substitutions", "nested.json"], "nested.json: the value of 'Table' is no text, number, true or false"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["run", "lint", "graph"])
def test_a_wrong_value_is_a_wrong_call(
    stepsmith: Call, folder: Path, command: str, arguments: list[str], message: str
) -> None:
    for name, text in {"list": "[]", "broken": "{", "nested": '{"Table": {}}'}.items():
        (folder / f"{name}.json").write_text(text)

    outcome = stepsmith(command, "order.asl.json", *arguments)

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"stepsmith: {message}")
    assert outcome.err.count("\n") == 1


def test_two_fields_that_become_one_are_told_with_the_file(stepsmith: Call, folder: Path) -> None:
    state = {"Type": "Pass", "Parameters": {"${K}": 1, "a": 2}, "End": True}
    (folder / "two.json").write_text(json.dumps({"StartAt": "A", "States": {"A": state}}))

    for command in ("lint", "run", "graph"):
        outcome = stepsmith(command, "two.json", "--substitute", "K=a")

        assert outcome.code == 2
        assert "the values make two fields 'a' of one object, at /States/A/Parameters" in outcome.err


@pytest.mark.usefixtures("project")
def test_values_are_for_definitions_and_not_for_workflows(stepsmith: Call) -> None:
    outcome = stepsmith("run", "ordering", "--substitute", "A=b")

    assert (outcome.code, outcome.err) == (
        2,
        "stepsmith: --substitute and --substitutions are for files with a definition\n",
    )


def test_load_refuses_a_value_that_the_definition_does_not_take() -> None:
    with pytest.raises(
        InvalidInput, match=r"substitutions has 'Tabel'; the definition has no \$\{Tabel\}; did you mean"
    ):
        load(ORDER, substitutions={"Tabel": "x"})


def test_load_fills_a_model_too() -> None:
    model = load(ORDER, substitutions={"Timeout": 60, "CheckArn": CHECK}).definition

    assert load(model, substitutions={"Table": "t"}).run({}, tasks={"check": lambda _: 1}).output == {
        "table": "t"
    }


def test_a_run_of_a_child_says_what_it_lacks() -> None:
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": "order", "Input": {}},
        "End": True,
    }
    parent = load({"StartAt": "S", "States": {"S": start}})

    execution = parent.run({}, machines={"order": load(ORDER)})

    assert execution.error == "States.Runtime"
    assert "${CheckArn} at /States/Check/Resource has no value" in (execution.cause or "")


def test_tasks_that_a_workflow_calls_by_way_of_a_helper_elsewhere_are_found_in_its_module(
    stepsmith: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).resolve().parents[3])
    purchase = {"machine_id": "m1", "product": "stuck", "price_cents": 150}

    outcome = stepsmith(
        "run",
        "definitions/delayed_vending.asl.json",
        "--tasks",
        "workflows.delayed_vending",
        "--input",
        json.dumps({"purchase": purchase}),
    )

    assert outcome.code == 0
    assert json.loads(outcome.out)["delivered"] is False
