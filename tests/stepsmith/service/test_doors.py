"""Half of a surrogate pair, and a number that no double holds, come in by no door."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stepsmith.cli.app import call
from stepsmith.diagnostics import InvalidDefinition
from stepsmith.engine.ports import Answer, TaskFailed
from stepsmith.errors import InvalidInput
from stepsmith.integrations import ClientRegistry
from stepsmith.service import TaskTokens, TokenError, WaitingTask, load, read_input
from stepsmith.service.definitions.mock_file import read_mock_file
from tests.stepsmith.service.small_machines import callback, machine, task

BAD = {
    "half": ("\ud83d", '"\\ud83d"'),
    "half in a name": ({"\udc00": 1}, '{"\\udc00": 1}'),
    "the second half first": (["\udc00\ud83d"], '["\\udc00\\ud83d"]'),
    "whole number": (10**400, "1" + "0" * 400),
    "negative": ([-(10**309)], "[-1" + "0" * 309 + "]"),
}
GOOD = {
    "pair": ("\U0001f600", '"\\ud83d\\ude00"'),
    "large": (10**300, "1" + "0" * 300),
}
PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}


def constant(text: str) -> str:
    return json.dumps(PASS).replace('"Pass"', f'"Pass", "Result": {text}')


def by_load_of_text(value: Any, text: str) -> None:
    load(constant(text))


def by_load_of_bytes(value: Any, text: str) -> None:
    load(constant(text).encode())


def by_load_of_a_value(value: Any, text: str) -> None:
    load({"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": value, "End": True}}})


def by_the_input_of_a_run(value: Any, text: str) -> None:
    load(PASS).run(value)


def by_the_text_of_an_input(value: Any, text: str) -> None:
    read_input(text)


def waiting() -> tuple[TaskTokens, list[Answer]]:
    """Tokens of their own with a task that waits with the token `t`, and what it is answered."""
    tokens, answers = TaskTokens(), list[Answer]()
    tokens.open(WaitingTask("t", "Ask", "arn", 1, None, True, answers.append))
    return tokens, answers


def by_send_task_success(value: Any, text: str) -> None:
    waiting()[0].send_success("t", text)


def by_a_mock_file(value: Any, text: str) -> None:
    path = Path("mock.json")
    answers = f'{{"M": {{"0": {{"Return": {text}}}}}}}'
    path.write_text(
        f'{{"StateMachines": {{"S": {{"TestCases": {{"T": {{}}}}}}}}, "MockedResponses": {answers}}}'
    )
    read_mock_file(path)


DOORS: list[Callable[[Any, str], None]] = [
    by_load_of_text,
    by_load_of_bytes,
    by_load_of_a_value,
    by_the_input_of_a_run,
    by_the_text_of_an_input,
    by_send_task_success,
    by_a_mock_file,
]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: str(door.__name__))
@pytest.mark.parametrize("bad", BAD)
def test_a_door_refuses_it(
    door: Callable[[Any, str], None], bad: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises((InvalidInput, InvalidDefinition, TokenError), match=r"surrogate|double|out of range"):
        door(*BAD[bad])


@pytest.mark.parametrize("door", DOORS, ids=lambda door: str(door.__name__))
@pytest.mark.parametrize("good", GOOD)
def test_a_door_lets_by_what_can_be_written(
    door: Callable[[Any, str], None], good: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    door(*GOOD[good])


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize(
    "arguments",
    [["--input", "{}"], ["--input", "@in.json"], ["--input", "-"], ["a={}"], ["--substitutions", "in.json"]],
)
def test_the_command_line_refuses_it(
    bad: str,
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    text = BAD[bad][1]
    (tmp_path / "machine.json").write_text(json.dumps(PASS))
    (tmp_path / "in.json").write_text(f'{{"a": {text}}}')
    with (tmp_path / "in.json").open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        given = [each.replace("{}", text) for each in arguments]

        code = call(["run", "machine.json", *given])

    captured = capsys.readouterr()
    if arguments == ["a={}"] and text[0] not in '"[{':
        assert json.loads(captured.out) == {"a": text}  # what reads as no JSON is text
    else:
        assert (code, captured.out) == (2, "")


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("caught", [False, True])
def test_a_task_that_returns_it_fails_by_name(bad: str, caught: bool) -> None:
    catch: dict[str, Any] = (
        {"Catch": [{"ErrorEquals": ["Runtime.MarshalError"], "Next": "After"}]} if caught else {}
    )

    execution = machine(("Work", task(**catch)), ("After", {"Type": "Pass"})).run(
        {}, tasks={"work": lambda _: BAD[bad][0]}
    )

    assert (execution.status, execution.error) == (
        ("SUCCEEDED", None) if caught else ("FAILED", "Runtime.MarshalError")
    )


@pytest.mark.parametrize("bad", BAD)
def test_a_responder_that_answers_it_fails_the_task(bad: str) -> None:
    execution = machine(("Ask", callback())).run(
        {}, tasks={"ask": lambda _: None}, responders={"Ask": lambda _: BAD[bad][0]}
    )

    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")
    assert "The payload holds " in (execution.cause or "")


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize(("kind", "around"), [("JSON", "[1, {}]"), ("JSONL", "1\n{}\n")])
def test_a_file_of_items_with_it_cannot_be_read(bad: str, kind: str, around: str) -> None:
    clients = ClientRegistry.local()
    clients.client("s3").create_bucket(Bucket="data")
    clients.client("s3").put_object(
        Bucket="data", Key="items", Body=around.replace("{}", BAD[bad][1]).encode()
    )
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": kind},
        "Parameters": {"Bucket": "data", "Key": "items"},
    }
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **PASS}
    each = {"Type": "Map", "ItemReader": reader, "ItemProcessor": processor}

    execution = machine(("Each", each)).run({}, clients=clients)

    assert (execution.status, execution.error) == ("FAILED", "States.ItemReaderFailed")
    assert (execution.cause or "").endswith(("Lone surrogate in a string", "Numeric value out of range"))


@pytest.mark.parametrize("member", ["error", "cause"])
def test_a_failure_that_is_sent_holds_no_half_of_a_surrogate_pair(member: str) -> None:
    tokens, answers = waiting()

    with pytest.raises(TokenError, match=f"Value at '{member}' holds half of a surrogate pair") as refused:
        tokens.send_failure("t", **{member: "\ud83d"})
    tokens.send_failure("t", "Wrong", "\U0001f600")

    assert refused.value.code == "ValidationException"
    assert answers == [TaskFailed(id=1, error="Wrong", cause="\U0001f600")]
