from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.stepsmith.cli.conftest import Call

GOOD = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'
BAD = '{"StartAt": "A",\n "States": {"A": {"Type": "Pass", "Next": "B"}}}'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "definitions").mkdir()
    (tmp_path / "definitions" / "good.asl.json").write_text(GOOD)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_good_definitions_pass(stepsmith: Call) -> None:
    outcome = stepsmith("lint")

    assert (outcome.code, outcome.out, outcome.err) == (0, "", "1 definition checked, 0 errors\n")


def test_a_finding_is_one_line_with_its_place(stepsmith: Call, folder: Path) -> None:
    (folder / "bad.asl.json").write_text(BAD)

    outcome = stepsmith("lint", "bad.asl.json")

    assert outcome.code == 1
    assert outcome.out.startswith("bad.asl.json:2:")
    assert "MISSING_TRANSITION_TARGET" in outcome.out


def test_findings_come_as_json(stepsmith: Call, folder: Path) -> None:
    (folder / "bad.asl.json").write_text(BAD)

    found = json.loads(stepsmith("lint", "bad.asl.json", "--format", "json").out)

    assert {"path", "line", "column", "severity", "code", "rule", "message", "location"} == set(found[0])
    assert (found[0]["path"], found[0]["line"]) == ("bad.asl.json", 2)


def test_findings_come_as_sarif(stepsmith: Call, folder: Path) -> None:
    (folder / "bad.asl.json").write_text(BAD)

    log = json.loads(stepsmith("lint", "bad.asl.json", "--format", "sarif").out)

    result = log["runs"][0]["results"][0]
    place = result["locations"][0]["physicalLocation"]
    assert log["version"] == "2.1.0"
    assert (result["level"], place["artifactLocation"]["uri"], place["region"]["startLine"]) == (
        "error",
        "bad.asl.json",
        2,
    )


@pytest.mark.parametrize("content", [b"", b"\xff", b"{", b"[" * 10_000, b"null"])
def test_a_file_that_is_no_definition_is_a_finding(stepsmith: Call, folder: Path, content: bytes) -> None:
    (folder / "odd.asl.json").write_bytes(content)

    outcome = stepsmith("lint", "odd.asl.json")

    assert outcome.code == 1
    assert outcome.out.startswith("odd.asl.json")


def test_a_folder_without_definitions_is_a_wrong_call(stepsmith: Call, folder: Path) -> None:
    (folder / "empty").mkdir()

    outcome = stepsmith("lint", "empty")

    assert (outcome.code, outcome.err) == (2, "stepsmith: no *.asl.json or *.asl.yaml in empty\n")


def test_a_machine_may_be_checked_as_express(stepsmith: Call, folder: Path) -> None:
    sync = {
        "StartAt": "A",
        "States": {
            "A": {
                "Type": "Task",
                "Resource": "arn:aws:states:::states:startExecution.sync",
                "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:x"},
                "End": True,
            }
        },
    }
    (folder / "sync.asl.json").write_text(json.dumps(sync))

    assert stepsmith("lint", "sync.asl.json").code == 0
    assert (
        "Express state machine does not support '.sync'"
        in stepsmith("lint", "sync.asl.json", "--express").out
    )


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("none.json", "no definition 'none.json'"),
        ("x" * 5000, "no definition 'xxx"),
        ("a/" * 3000, "no definition 'a/a/"),
    ],
)
def test_a_path_that_is_not_there_is_named(stepsmith: Call, path: str, message: str) -> None:
    outcome = stepsmith("lint", path)

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"stepsmith: {message}")
    assert len(outcome.err) < 300


def test_links_that_lead_to_each_other_are_named(stepsmith: Call, folder: Path) -> None:
    (folder / "a.json").symlink_to(folder / "b.json")
    (folder / "b.json").symlink_to(folder / "a.json")

    outcome = stepsmith("lint", "a.json")

    assert outcome.code == 2
    assert outcome.err == (
        "stepsmith: definition 'a.json' cannot be read: Too many levels of symbolic links\n"
    )


def test_what_cannot_be_read_is_said_and_the_rest_is_checked(stepsmith: Call, folder: Path) -> None:
    (folder / "definitions" / "bad.asl.json").write_text(BAD)
    (folder / "definitions" / "away.asl.json").symlink_to(folder / "nowhere")
    (folder / "definitions" / "folder.asl.json").mkdir()
    (folder / "definitions" / "folder.asl.json" / "in.asl.json").write_text(GOOD)
    os.mkfifo(folder / "definitions" / "pipe.asl.json")

    outcome = stepsmith("lint")

    assert outcome.code == 1
    assert outcome.out.startswith("definitions/bad.asl.json:2:")
    assert sorted(outcome.err.splitlines()) == [
        "3 definitions checked, 2 errors, 2 not read",
        "stepsmith: definition 'definitions/away.asl.json' cannot be read: No such file or directory",
        "stepsmith: definition 'definitions/pipe.asl.json' cannot be read: it is no file",
    ]


def test_good_definitions_beside_one_that_cannot_be_read_are_no_success(
    stepsmith: Call, folder: Path
) -> None:
    (folder / "definitions" / "away.asl.json").symlink_to(folder / "nowhere")

    outcome = stepsmith("lint", "--format", "json")

    assert (outcome.code, outcome.out) == (2, "[]\n")


def test_a_folder_that_cannot_be_opened_is_named(
    stepsmith: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "definitions" / "closed").mkdir()
    opened = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return opened(path)

    monkeypatch.setattr(os, "scandir", refuse)

    outcome = stepsmith("lint")

    assert outcome.code == 2
    assert outcome.err.splitlines() == [
        "stepsmith: folder 'definitions/closed' cannot be read: Permission denied",
        "1 definition checked, 0 errors, 1 not read",
    ]


def test_a_definition_that_is_not_json_is_one_line_that_can_be_read(stepsmith: Call, folder: Path) -> None:
    (folder / "broken.asl.json").write_text(GOOD + "x" * 100_000)

    outcome = stepsmith("lint", "broken.asl.json")

    assert outcome.code == 1
    assert len(outcome.out) < 1100
    assert outcome.out.startswith("broken.asl.json:1:")


def test_a_file_that_is_too_large_is_a_finding_among_the_others(stepsmith: Call, folder: Path) -> None:
    (folder / "definitions" / "large.asl.json").write_text(GOOD + " " * 1_048_576)

    outcome = stepsmith("lint")

    assert outcome.code == 1
    assert (
        "large.asl.json:1:1: INVALID_JSON_DESCRIPTION: The definition has more than 1048576 bytes"
        in outcome.out
    )
    assert outcome.err == "2 definitions checked, 1 error\n"


def test_an_action_that_a_service_does_not_have_is_refused_with_the_nearest(
    stepsmith: Call, folder: Path
) -> None:
    state = (
        '{"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObjct", "Parameters": {}, "End": true}'
    )
    (folder / "call.asl.json").write_text(f'{{"StartAt": "A", "States": {{"A": {state}}}}}')

    outcome = stepsmith("lint", "call.asl.json")

    assert outcome.code == 1
    assert "did you mean 'getObject'?" in outcome.out


def test_without_definitions_the_way_to_them_is_told(
    stepsmith: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    outcome = stepsmith("lint")

    assert outcome.code == 2
    assert outcome.err == (
        "stepsmith: no folder 'definitions' here; name files or folders, or make it with: stepsmith compile\n"
    )


def test_definitions_in_yaml_and_in_templates_are_checked_with_their_places(
    stepsmith: Call, folder: Path
) -> None:
    (folder / "own").mkdir()
    (folder / "own" / "a.asl.yaml").write_text("StartAt: A\nStates:\n  A: {Type: Pass, Nxt: B, End: true}\n")
    (folder / "own" / "b.asl.yml").write_text("StartAt: [A\n")
    (folder / "template.yaml").write_text(
        "Resources:\n"
        "  M:\n"
        "    Type: AWS::Serverless::StateMachine\n"
        "    Properties:\n"
        "      Definition:\n"
        "        StartAt: A\n"
        "        States:\n"
        "          A: {Type: Task, Resource: !GetAtt F.Arn, Nxt: B, End: true}\n"
    )

    outcome = stepsmith("lint", "own", "template.yaml")

    places = [line.partition(": ")[0] for line in outcome.out.splitlines()]
    assert places == ["own/b.asl.yml:2:1", "own/a.asl.yaml:3:3", "template.yaml:8:11"]
    assert (outcome.code, outcome.err) == (1, "2 definitions checked, 3 errors\n")


def test_a_template_without_machines_is_said_to_have_none(stepsmith: Call, folder: Path) -> None:
    (folder / "template.yaml").write_text("Resources: {}\n")

    outcome = stepsmith("lint", "template.yaml")

    assert (outcome.code, outcome.err) == (2, "stepsmith: template.yaml has no state machine\n")
