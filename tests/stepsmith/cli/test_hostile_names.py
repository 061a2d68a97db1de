"""Names, errors and causes of others are shown on the terminal, and neither obeyed nor taken for lines of ours."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from stepsmith.cli.output.progress import Progress
from stepsmith.cli.output.reports import history_lines
from stepsmith.deploy.stacks.plan import make_plan
from stepsmith.service.executions.shown import report_on
from stepsmith.terminal_text import one_line, visible, visible_json, whole_line
from stepsmith.testing.coverage_report import coverage_text
from stepsmith.testing.definition_coverage import DefinitionCoverage
from stepsmith.views import report_text, to_text
from tests.stepsmith.cli.conftest import Call
from tests.stepsmith.service.small_machines import machine, task

OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ud800-\udfff]")
FORGED = "\nSUCCEEDED after 0 s"
HOSTILE = (
    "\x1b[31mred\x1b]0;owned\x07\x1b[2J",
    "\x9b31mred",
    "\u202egpj.exe\u202c",
    "\u2066a\u2069\u200f\u061c",
    f"a{FORGED}",
    f"a\r{FORGED}\r\n",
    f"a\u2028{FORGED}",
    "[bold red]a[/bold red]",
    "\x7f\x08\x08\x08",
)


def assert_harmless(text: str) -> None:
    assert OBEYED.findall(text) == []
    assert FORGED not in text


def definition(text: str) -> str:
    failing = {"Type": "Fail", "Error": text, "Cause": text}
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.a", "StringEquals": text, "Next": text}],
        "Default": text,
    }
    return json.dumps({"StartAt": "C", "States": {"C": {**choice, "Comment": text}, text: failing}})


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "arguments",
    [
        ["lint", "a.json"],
        ["lint", "a.json", "--format", "json"],
        ["lint", "bad.json"],
        ["lint", "bad.json", "--format", "sarif"],
        ["graph", "a.json", "--format", "text"],
        ["graph", "a.json", "--format", "mermaid"],
        ["graph", "bad.json", "--format", "text"],
        ["run", "a.json", "--input", '{"a": 1}'],
        ["run", "a.json", "--input", '{"a": 1}', "--json"],
        ["run", "bad.json"],
    ],
)
def test_no_command_obeys_a_definition(
    stepsmith: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.json").write_text(definition(text))
    (tmp_path / "bad.json").write_text(definition(text).replace('"Fail"', json.dumps(text)))

    outcome = stepsmith(*arguments)

    assert_harmless(outcome.out)
    assert_harmless(outcome.err)
    assert outcome.out + outcome.err


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "command", ["run", "graph", "lint", "explain", "deploy", "template", "compile", "start"]
)
def test_no_command_obeys_its_arguments(
    stepsmith: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, text: str
) -> None:
    monkeypatch.chdir(tmp_path)

    outcome = stepsmith(command, text)

    assert outcome.code == 2
    assert_harmless(outcome.err)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_command_obeys_the_name_of_a_file(
    stepsmith: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    name = text.replace("/", "") + ".json"
    (tmp_path / name).write_text("{}")

    for arguments in (["run", name], ["graph", name], ["lint", name], ["run", name, "--mock", name]):
        outcome = stepsmith(*arguments)
        assert_harmless(outcome.out)
        assert_harmless(outcome.err)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_error_of_a_task_is_obeyed(
    stepsmith: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.json").write_text(json.dumps({"StartAt": "A", "States": {"A": {**task(), "End": True}}}))
    (tmp_path / "answers.py").write_text(
        f"class Wrong(Exception):\n    error_name = {text!r}\n\n\ndef work(_):\n    raise Wrong({text!r})\n"
    )

    outcome = stepsmith("run", "a.json", "--tasks", "answers.py")

    assert outcome.code == 1
    assert_harmless(outcome.err)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_form_obeys_a_history(text: str) -> None:
    failing = machine((text, {"Type": "Fail", "Error": text, "Cause": text}), name=text)
    execution = failing.run()
    coverage = DefinitionCoverage(text, failing.definition)

    assert_harmless(to_text(failing.definition))
    assert_harmless(report_text(report_on(execution)))
    assert_harmless("\n".join(coverage_text([coverage])))
    assert_harmless("\n".join(history_lines(execution)))  # type: ignore[arg-type] - it has what an execution on AWS has


@pytest.mark.parametrize("text", HOSTILE)
def test_no_plan_of_a_deployment_is_obeyed(text: str) -> None:
    def template(value: str) -> dict[str, object]:
        states = {value: {"Type": "Task", "Parameters": {value: value}, "Retry": [{"ErrorEquals": [value]}]}}
        properties = {"DefinitionString": json.dumps({"States": states}), value: value}
        return {"Resources": {value: {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}

    plan = make_plan(text, template("a"), template(text))  # type: ignore[arg-type] - a template is JSON

    assert_harmless("\n".join(map(whole_line, plan.lines())))


@pytest.mark.parametrize("text", HOSTILE)
def test_the_running_states_are_shown_without_markup(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(spin=True)
    machine((text, task())).run({}, tasks={"work": lambda _: 1}, watcher=progress)
    progress.close()

    written = capsys.readouterr().err

    assert one_line(text).replace(" ", "") in written.replace("\n", "").replace(" ", "")


def test_what_is_shown_can_be_read_again() -> None:
    assert [visible(text) for text in ("\x1b[0m", "\u202e", "\ud800", "a\n\tb")] == [
        "\\x1b[0m",
        "\\u202e",
        "\\ud800",
        "a\n\tb",
    ]
    assert whole_line("  a\nb\tc") == "  a\\nb\\tc"
    assert json.loads(visible_json(json.dumps("\x9b\u202e\x7fé", ensure_ascii=False))) == "\x9b\u202e\x7fé"
