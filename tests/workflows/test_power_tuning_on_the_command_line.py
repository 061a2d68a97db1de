"""`stepsmith run power_tuning`, with and without a local function."""

import json
from pathlib import Path

import pytest

from stepsmith.cli.app import call

PROJECT = Path(__file__).resolve().parents[2]
FUNCTION = "lambdaARN=arn:aws:lambda:eu-west-1:123456789012:function:target"


@pytest.fixture(autouse=True)
def _in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)


def called(*arguments: str) -> int:
    """The exit code of the command."""
    return call(["run", "power_tuning", FUNCTION, "num=5", "powerValues=[128,512]", *arguments])


@pytest.mark.slow
def test_without_aws_a_performance_model_is_tuned_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    code = called()

    assert code == 0
    assert json.loads(capsys.readouterr().out)["measuredBy"] == "a performance model"


@pytest.mark.slow
def test_a_local_function_is_tuned_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    code = called("--local-function", "tests.tasks.power_tuning.local_handlers:echo")

    assert code == 0
    assert json.loads(capsys.readouterr().out)["measuredBy"].startswith(
        "the local handler tests.tasks.power_tuning"
    )


@pytest.mark.parametrize("reference", ["json", "json:no_such", "no_such_module:handler"])
def test_a_local_function_that_is_not_there_is_a_wrong_call(
    reference: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called("--local-function", reference) == 2
    assert "--local-function" in capsys.readouterr().err


def test_a_local_function_and_aws_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert called("--local-function", "json:dumps", "--aws") == 2
    assert "without AWS" in capsys.readouterr().err
