from __future__ import annotations

from importlib import import_module

import pytest

from stepsmith.authoring.rules import codes
from stepsmith.cli.commands import COMMANDS
from stepsmith.cli.output.messages import nearest, one_line, visible
from tests.stepsmith.cli.conftest import Call


def test_help_lists_the_commands(stepsmith: Call) -> None:
    outcome = stepsmith("--help")

    assert outcome.code == 0
    assert all(name in outcome.out for name in COMMANDS)
    assert (
        "Exit codes: 0 done; 1 an execution failed, or a check found something; 2 the call was wrong;"
        in outcome.out
    )


def test_no_command_is_a_wrong_call(stepsmith: Call) -> None:
    assert stepsmith().code == 2


def test_the_version_is_told(stepsmith: Call) -> None:
    assert stepsmith("--version").out.startswith("stepsmith 0.")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(stepsmith: Call, command: str) -> None:
    outcome = stepsmith(command, "--help")

    assert outcome.code == 0
    assert outcome.out.startswith(f"usage: stepsmith {command}")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_examples_of_the_help_are_calls_that_are_understood(command: str) -> None:
    arguments = import_module(COMMANDS[command][0]).parser()

    for example in arguments.examples:
        call, _, _ = example.partition(" >")
        assert call.split()[:2] == ["stepsmith", command]
        assert arguments.parse(call.split()[2:]) is not None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rn"], "no command 'rn'; did you mean 'run'?"),
        (["zzzzzz"], "no command 'zzzzzz'; the commands are answer, compile, completion, "),
        (["run"], "the following arguments are required: NAME|FILE"),
        (["run", "x", "--relatime"], "no option '--relatime'; did you mean '--real-time'?"),
        (["run", "--relatime"], "no option '--relatime'; did you mean '--real-time'?"),
        (["list", "--zzzz"], "no option '--zzzz'; the options are --help, --json"),
        (["list", "--nope=5"], "no option '--nope'; the options are --help, --json"),
        (["list", "-x"], "no option '-x'"),
        (["run", "x", "--seed", "many"], "--seed 'many' is no whole number"),
        (["graph", "x", "-o", ""], "--out is empty"),
        (["explain", ""], "CODE is empty"),
        (["run", "x", "--input"], "argument --input: expected one argument"),
        (["list", "all"], "one argument too many: 'all'"),
        (["graph"], "the following arguments are required"),
        (["explain", "W999"], "no code 'W999'"),
        (["lint", "--format", "xml"], "argument --format: invalid choice: 'xml'"),
        (["lint", "no.json"], "no definition 'no.json'"),
        (["init", "a\0b"], "'a\\x00b' holds a null character, which no file and no name has"),
        (["list", "x" * 100_000], "one argument too many: 'xxx"),
        (["run", "x", "--region=--"], "argument --region: expected one argument"),
        (
            ["executions", "x", "--profile", "a\nb"],
            "finding the profile failed: The config profile (a b) could not",
        ),
    ],
)
def test_a_wrong_call_has_one_message_and_exit_code_2(
    stepsmith: Call, arguments: list[str], message: str
) -> None:
    outcome = stepsmith(*arguments)

    assert outcome.code == 2
    assert outcome.out == ""
    assert outcome.err.startswith(f"stepsmith: {message}")
    assert outcome.err.count("\n") == 1
    assert len(outcome.err) < 1600


def test_explain_without_a_code_lists_all_codes_with_their_titles(stepsmith: Call) -> None:
    outcome = stepsmith("explain")

    lines = outcome.out.splitlines()
    assert outcome.code == 0
    assert "W180  the clock, or chance." in lines
    assert [line.split("  ")[0] for line in lines] == codes()


def test_explain_writes_the_page_of_a_code(stepsmith: Call) -> None:
    outcome = stepsmith("explain", "w170")

    assert outcome.code == 0
    assert outcome.out.startswith("W170")


def test_control_characters_are_shown_and_not_sent() -> None:
    assert visible("a\x1b[31mb\x9b\x07\n") == "a\\x1b[31mb\\x9b\\x07\n"
    assert visible("\ud800\u2028") == "\\ud800\\u2028"
    assert one_line("a\n  b\tc") == "a b c"


def test_the_nearest_name_is_suggested_or_all_are_listed() -> None:
    assert nearest("ordring", ["ordering", "noting"], otherwise="there are") == "; did you mean 'ordering'?"
    assert nearest("x", ["b", "a"], otherwise="there are") == "; there are a, b"
    assert nearest("x", [], otherwise="there are") == ""
