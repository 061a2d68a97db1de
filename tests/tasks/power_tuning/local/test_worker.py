import itertools
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tasks.power_tuning.local.worker import MOST_LOG, Event, Handler, LocalContext, answer_to, handler_named
from tests.tasks.power_tuning import local_handlers
from tests.tasks.power_tuning.worlds import ARN

HANDLERS = "tests.tasks.power_tuning.local_handlers"
EVENT = Event(payload='{"a": 1}', memory=256, arn=ARN, request_id="1-2", seconds=60)


def ticking(step: float) -> Any:
    ticks = itertools.count(7)
    return lambda: next(ticks) * step


def talk(reference: str, *events: Event) -> list[dict[str, Any]]:
    """What the process says."""
    process = subprocess.run(
        [sys.executable, "-m", "tasks.power_tuning.local.worker", reference],
        cwd=Path(__file__).parents[4],
        input="".join(json.dumps(event) + "\n" for event in events),
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stderr == ""
    return [json.loads(line) for line in process.stdout.splitlines()]


def test_a_handler_gets_the_event_and_a_context() -> None:
    answer = answer_to(local_handlers.echo, EVENT)

    assert json.loads(answer["payload"]) == {"event": {"a": 1}, "memory": 256, "name": "target"}


def test_the_context_has_what_lambda_gives() -> None:
    answer = answer_to(local_handlers.told, EVENT)

    group, stream = "/aws/lambda/target", "[$LATEST]12"
    assert json.loads(answer["payload"]) == [True, group, stream, "1-2", "$LATEST", ARN]


def test_a_run_is_measured() -> None:
    answer = answer_to(local_handlers.echo, EVENT, elapsed=ticking(0.1), cpu=ticking(0.04))

    assert (answer["elapsed"], answer["cpu"]) == (pytest.approx(0.1), pytest.approx(0.04))


@pytest.mark.parametrize(
    ("handler", "kind", "message"),
    [
        (local_handlers.raises, "ValueError", "no such colour"),
        (local_handlers.no_json, "Runtime.MarshalError", "Unable to marshal response: Object of type set"),
        (lambda event, context: float("nan"), "Runtime.MarshalError", "Out of range float values"),
        (local_handlers.no_arguments, "TypeError", "takes 0 positional arguments but 2 were given"),
    ],
)
def test_a_handler_that_fails_answers_as_lambda_does(handler: Handler, kind: str, message: str) -> None:
    answer = answer_to(handler, EVENT)

    error = json.loads(answer["payload"])
    assert (answer["has_failed"], error["errorType"]) == (True, kind)
    assert message in error["errorMessage"]


def test_the_trace_of_an_error_begins_in_the_handler() -> None:
    error = json.loads(answer_to(local_handlers.raises, EVENT)["payload"])

    assert [("in raises" in line) for line in error["stackTrace"]] == [True]


@pytest.mark.parametrize(
    ("module", "name", "told"),
    [
        ("no_such_module", "f", "there is no module 'no_such_module'"),
        ("json", "no_such", "the module 'json' has no function 'no_such'"),
    ],
)
def test_a_handler_that_is_not_there_is_named(module: str, name: str, told: str) -> None:
    with pytest.raises(LookupError, match=told):
        handler_named(module, name)


def test_a_thing_that_cannot_be_called_is_no_handler() -> None:
    with pytest.raises(TypeError, match="is not a function"):
        handler_named(HANDLERS, "NUMBER")


@pytest.mark.slow
def test_the_process_answers_line_by_line_with_what_was_printed() -> None:
    hello, first, second = talk(f"{HANDLERS}:prints", EVENT, EVENT)

    assert hello["init"] >= 0
    assert first["payload"] == second["payload"] == "null"
    assert first["printed"] == second["printed"]
    assert {"past Python", "to standard output"} < set(first["printed"].splitlines())


@pytest.mark.slow
def test_a_handler_does_not_read_what_is_the_tunings() -> None:
    _, first, second = talk(f"{HANDLERS}:reads", EVENT, EVENT)

    assert (first["payload"], second["payload"]) == ('""', '""')


@pytest.mark.slow
def test_a_handler_that_is_not_there_is_refused_before_anything_runs() -> None:
    (refusal,) = talk(f"{HANDLERS}:no_such", EVENT)

    assert refusal == {
        "refused": "LookupError",
        "message": f"the module '{HANDLERS}' has no function 'no_such'",
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("raise RuntimeError('at import')", "cannot be imported: RuntimeError: at import"),
        ("import sys; sys.exit(4)", "cannot be imported: SystemExit: 4"),
        ("def f(:", "cannot be imported: SyntaxError: invalid syntax"),
        ("from json import nothing", "cannot be imported: ImportError"),
    ],
)
def test_a_module_that_breaks_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, told: str
) -> None:
    (tmp_path / "broken.py").write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    (refusal,) = talk("broken:f", EVENT)

    assert refusal["refused"] == "TypeError"
    assert told in refusal["message"]


@pytest.mark.slow
def test_of_much_that_is_printed_the_end_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "chatty.py").write_text("def f(event, context): print('x' * 100_000 + 'end')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    _, answer = talk("chatty:f", EVENT)

    assert len(answer["printed"]) == MOST_LOG
    assert answer["printed"].endswith("xend\n")


def test_the_time_that_is_left_is_counted_from_the_start_and_never_below_0() -> None:
    started = time.monotonic()

    late = LocalContext(ARN, 128, "1", seconds=5, started=started - 60)
    early = LocalContext(ARN, 128, "1", seconds=5, started=started)

    assert late.get_remaining_time_in_millis() == 0
    assert 0 < early.get_remaining_time_in_millis() <= 5000


def test_an_attribute_that_a_module_itself_misses_is_not_the_handlers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "misses_something.py").write_text("import json\njson.no_such\n")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(AttributeError, match="no_such"):
        handler_named("misses_something", "handler")
