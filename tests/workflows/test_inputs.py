"""W-07: what no workflow takes, by the field, through `check_input` and on the command line."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from stepsmith import InvalidInput
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.cli.app import call
from stepsmith.service import Machine
from tests.tasks.power_tuning.worlds import ARN, FaultyLambda
from workflows.customer_onboarding import customer_onboarding
from workflows.delayed_vending import delayed_vending
from workflows.image_recognition import image_recognition
from workflows.power_tuning import power_tuning
from workflows.shopping_cart import shopping_cart
from workflows.vending_pass import vending_pass

GOOD: Mapping[Workflow[..., Any], dict[str, Any]] = {
    customer_onboarding: {"application_id": "a1"},
    delayed_vending: {"purchase": {"machine_id": "m1", "product": "cola", "price_cents": 150}},
    image_recognition: {"bucket": "photographs", "key": "uploads/a.jpg"},
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
MACHINE = Machine(power_tuning.definition, name="power_tuning")
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


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("field", ["lambdaARN", "num"])
def test_w_07_power_tuning_refuses_before_it_touches_anything(field: str, kind: str) -> None:
    lambda_ = FaultyLambda()
    before = lambda_.state()
    given = {**GOOD[power_tuning], field: BAD[kind]}

    try:
        checked = power_tuning.check_input(given)
        error = MACHINE.run(checked, tasks=power_tuning.tasks, clients={"lambda": lambda_}).error
    except InvalidInput:
        error = "InvalidInput"

    assert error == "InvalidInput"
    assert lambda_.state() == before


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
