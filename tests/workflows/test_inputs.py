"""W-07: what no workflow takes, by the field: through `check_input`, on the command line, and in the state machine.

A state machine that something else starts than we gets whatever is sent. Its first task checks it.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from stepsmith import InvalidInput
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.cli.app import call
from stepsmith.service import Machine
from tests.tasks.power_tuning.worlds import ARN
from workflows.content_ingest import content_ingest
from workflows.content_ingest_ended import content_ingest_ended
from workflows.customer_onboarding import customer_onboarding
from workflows.customer_onboarding_ended import customer_onboarding_ended
from workflows.delayed_vending import delayed_vending
from workflows.delayed_vending_ended import delayed_vending_ended
from workflows.image_recognition import image_recognition
from workflows.image_recognition_ended import image_recognition_ended
from workflows.media_transform import media_transform
from workflows.power_tuning import power_tuning
from workflows.shopping_cart import shopping_cart
from workflows.shopping_cart_ended import shopping_cart_ended
from workflows.vending_pass import vending_pass
from workflows.vending_pass_ended import vending_pass_ended

GOOD: Mapping[Workflow[..., Any], dict[str, Any]] = {
    content_ingest: {"bucket": "content", "key": "feeds/news/a.xml"},
    customer_onboarding: {"application_id": "a1"},
    delayed_vending: {"purchase": {"machine_id": "m1", "product": "cola", "price_cents": 150}},
    image_recognition: {"bucket": "photographs", "key": "uploads/a.jpg"},
    media_transform: {"path": "300x200/a.jpg"},
    power_tuning: {"lambdaARN": ARN, "num": 5},
    shopping_cart: {
        "checkout": {
            "cart": {"id": "c1", "signed_in": False},
            "customer_id": "u1",
            "payment_method": "card",
            "idempotency_key": "k1",
        }
    },
    vending_pass: {
        "swipe": {"swipe_id": "s1", "participant": "p1", "machine": "m1", "product": "cola"},
        "execution_id": "e1",
    },
}
BAD: Mapping[str, Any] = {
    "wrong type": [1],
    "null": None,
    "object": {},
    "empty": "",
    "over-long": "x" * 5000,
    "NUL": "a\0b",
    "half a surrogate pair": "a\ud800",
    "huge whole number": 10**40,
    "huge number": 1e308,
}
CHECKED_BY_A_TASK = power_tuning
"""Takes the input of aws-lambda-power-tuning as it is, and refuses in its first task."""
ENDINGS = (
    content_ingest_ended,
    customer_onboarding_ended,
    delayed_vending_ended,
    image_recognition_ended,
    shopping_cart_ended,
    vending_pass_ended,
)
ALL: Mapping[Workflow[..., Any], dict[str, Any]] = {
    **GOOD,
    **{ending: {"detail": {"status": "ABORTED", "input": "{}"}} for ending in ENDINGS},
}
MACHINES = {workflow: Machine(workflow.definition, name=workflow.name) for workflow in ALL}
PAST_THE_DOOR: Mapping[str, Any] = {
    **{kind: bad for kind, bad in BAD.items() if kind != "half a surrogate pair"},
    "a path": "a/b",
    "negative": -1,
    "a number": 5,
    "true": True,
}
"""What gets into a state machine; half of a surrogate pair does not."""
TAKES: Mapping[str, tuple[str, ...]] = {
    "key": ("a path",),
    "num": ("a number",),
    "price_cents": ("a number",),
    "signed_in": ("true",),
}
"""What is no bad input after all, by the field."""
Path_ = tuple[str, ...]


def leaves(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    else:
        yield path


def changed(value: Any, path: Path_, new: Any) -> Any:
    return {**value, path[0]: changed(value[path[0]], path[1:], new)} if path else new


def without(value: dict[str, Any], path: Path_) -> dict[str, Any]:
    if len(path) == 1:
        return {name: inner for name, inner in value.items() if name != path[0]}
    return {**value, path[0]: without(value[path[0]], path[1:])}


FIELDS = [(workflow, path) for workflow, good in GOOD.items() for path in leaves(good)]
OPTIONAL = ("checkout", "cart", "signed_in")


def named(value: Any) -> str | None:
    return (
        value.name if isinstance(value, Workflow) else ".".join(value) if isinstance(value, tuple) else None
    )


@pytest.mark.parametrize("workflow", GOOD, ids=named)
def test_good_input_is_taken(workflow: Workflow[..., Any]) -> None:
    taken = workflow.check_input(GOOD[workflow])

    assert taken.items() >= GOOD[workflow].items()


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize(
    ("workflow", "path"), [field for field in FIELDS if field[0] is not CHECKED_BY_A_TASK], ids=named
)
def test_w_07_a_field_that_does_not_fit_is_named(
    workflow: Workflow[..., Any], path: Path_, kind: str
) -> None:
    with pytest.raises(InvalidInput, match=path[0]):
        workflow.check_input(changed(GOOD[workflow], path, BAD[kind]))


@pytest.mark.parametrize(("workflow", "path"), [field for field in FIELDS if field[1] != OPTIONAL], ids=named)
def test_w_07_a_field_that_is_missing_is_named(workflow: Workflow[..., Any], path: Path_) -> None:
    with pytest.raises(InvalidInput, match=path[-1]):
        workflow.check_input(without(GOOD[workflow], path))


@pytest.mark.parametrize("workflow", GOOD, ids=named)
def test_w_07_a_field_that_is_unknown_is_named(workflow: Workflow[..., Any]) -> None:
    with pytest.raises(InvalidInput, match="surprise"):
        workflow.check_input({**GOOD[workflow], "surprise": 1})


@pytest.mark.parametrize(("workflow", "path"), [field for field in FIELDS if len(field[1]) > 1], ids=named)
def test_w_07_a_field_that_is_unknown_inside_is_named(workflow: Workflow[..., Any], path: Path_) -> None:
    with pytest.raises(InvalidInput, match="surprise"):
        workflow.check_input(
            changed(GOOD[workflow], (*path[:-1],), {**_inside(workflow, path), "surprise": 1})
        )


def _inside(workflow: Workflow[..., Any], path: Path_) -> dict[str, Any]:
    value: Any = GOOD[workflow]
    for name in path[:-1]:
        value = value[name]
    return value


class Untouched:
    """A client that nothing may be asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> object:
        self.asked.append(name)
        raise AssertionError(f"{name} was called")


def past_the_door(workflow: Workflow[..., Any], given: Any) -> Any:
    """Run the state machine with an input that nobody has checked, and see that no service was asked anything."""
    services = ("dynamodb", "lambda", "rekognition", "s3", "ses", "sns", "sqs")
    clients = {service: Untouched() for service in services}
    execution = MACHINES[workflow].run(given, tasks=workflow.tasks, clients=clients)
    asked = [name for client in clients.values() for name in client.asked if name != "meta"]
    assert asked == []
    assert sum(event["type"] == "TaskScheduled" for event in execution.history) <= 1
    return execution


@pytest.mark.parametrize("kind", PAST_THE_DOOR)
@pytest.mark.parametrize(("workflow", "path"), FIELDS, ids=named)
def test_w_07_the_state_machine_refuses_a_field_that_does_not_fit(
    workflow: Workflow[..., Any], path: Path_, kind: str
) -> None:
    if kind in TAKES.get(path[-1], ()):
        return

    execution = past_the_door(workflow, changed(GOOD[workflow], path, PAST_THE_DOOR[kind]))

    assert execution.error in ("InvalidInput", "States.QueryEvaluationError")
    assert path[-1] in execution.cause


@pytest.mark.parametrize(
    ("workflow", "path"),
    [field for field in FIELDS if field[1] != OPTIONAL] + [(ending, ("detail",)) for ending in ENDINGS],
    ids=named,
)
def test_w_07_the_state_machine_names_a_field_that_is_missing(
    workflow: Workflow[..., Any], path: Path_
) -> None:
    execution = past_the_door(workflow, without(ALL[workflow], path))

    assert execution.error in ("InvalidInput", "States.QueryEvaluationError")
    assert path[-1] in execution.cause


@pytest.mark.parametrize("workflow", ALL, ids=named)
def test_w_07_the_state_machine_names_a_field_that_is_unknown(workflow: Workflow[..., Any]) -> None:
    for path in [(), *(path[:-1] for path in leaves(GOOD.get(workflow, {})))]:
        inside: Any = ALL[workflow]
        for name in path:
            inside = inside[name]

        execution = past_the_door(workflow, changed(ALL[workflow], path, {**inside, "surprise": 1}))

        assert execution.error == "InvalidInput"
        assert "surprise" in execution.cause


@pytest.mark.parametrize("given", [[], [{}], "text", 5, None, True], ids=str)
@pytest.mark.parametrize("workflow", ALL, ids=named)
def test_w_07_the_state_machine_refuses_what_is_no_object(workflow: Workflow[..., Any], given: Any) -> None:
    execution = past_the_door(workflow, given)

    assert execution.error in ("InvalidInput", "States.QueryEvaluationError")


def test_w_07_no_word_stands_for_true() -> None:
    execution = past_the_door(
        shopping_cart, changed(GOOD[shopping_cart], ("checkout", "cart", "signed_in"), "yes")
    )

    assert execution.error == "InvalidInput"
    assert "signed_in" in execution.cause


@pytest.mark.parametrize(
    "more",
    [
        {"dryRun": "true"},
        {"dryRun": 1},
        {"num": 5.5},
        {"num": True},
        {"powerValues": "128"},
        {"powerValues": [128, "much"]},
        {"balancedWeight": "0.5"},
        {"strategy": "best"},
        {"payloadS3": 5},
        {"sleepBetweenRunsMs": -1},
        {"run_id": "mine"},
        {"comment": "a field of nobody"},
    ],
    ids=str,
)
def test_pt_08_power_tuning_refuses_what_fits_no_option(more: dict[str, Any]) -> None:
    execution = past_the_door(power_tuning, {**GOOD[power_tuning], **more})

    assert execution.error == "InvalidInput"
    assert next(iter(more)) in execution.cause


@pytest.mark.parametrize("workflow", GOOD, ids=named)
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "input"),
        (b"{", "input"),
        (b"[]", "input"),
        (b"null", "input"),
        (b'{"a": "\xff\xfe"}', "UTF-8"),
        (b'{"surprise": 1}', "surprise"),
    ],
    ids=["empty", "torn", "a list", "null", "no UTF-8", "unknown"],
)
def test_w_07_what_is_no_input_never_runs(
    workflow: Workflow[..., Any],
    content: bytes,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "input.json"
    file.write_bytes(content)
    monkeypatch.chdir(Path(__file__).parents[2])

    code = call(["run", workflow.name, "--input", f"@{file}"])

    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert words in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("workflow", "path"), [field for field in FIELDS if field[0] is not CHECKED_BY_A_TASK], ids=named
)
def test_w_07_a_bad_field_on_the_command_line_is_a_wrong_call(
    workflow: Workflow[..., Any],
    path: Path_,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])

    code = call(["run", workflow.name, "--input", json.dumps(changed(GOOD[workflow], path, "a\0b"))])

    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert path[-1] in said.err
