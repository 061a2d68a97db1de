"""`stepsmith simulate`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.stepsmith.cli.conftest import Call

pytestmark = pytest.mark.usefixtures("project")


def test_a_workflow_is_simulated_with_figures_for_people(stepsmith: Call) -> None:
    outcome = stepsmith("simulate", "ordering", "--executions", "20")

    assert outcome.code == 0
    assert outcome.out.startswith("ordering: 20 executions, 20 SUCCEEDED (seed 0)\ndurations: p50 60.2 s")


def test_a_change_is_shown_beside_what_is(stepsmith: Call) -> None:
    outcome = stepsmith("simulate", "ordering", "--executions", "20", "--what-if", "tasks.price.seconds=5")
    figures = json.loads(
        stepsmith("simulate", "ordering", "--json", "--what-if", "tasks.price.seconds=5").out
    )

    assert (
        "with tasks.price.seconds=5:\n  p50                        60.2 s →           65 s\n" in outcome.out
    )
    assert (figures["seconds"]["p50"], figures["what_if"]["seconds"]["p50"]) == (60.2, 65.0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--executions", "many"], "--executions 'many' is no whole number from 0"),
        (["--executions", "0"], "it is a number from 1"),
        (["--what-if", "x"], "--what-if 'x' is not of the form PATH=JSON"),
        (["--what-if", "Prise.TimeoutSeconds=1"], "there is no state 'Prise'; did you mean 'Price'"),
        (["--model", "lost.yaml"], "lost.yaml"),
        (["--history", "lost.json"], "lost.json"),
    ],
)
def test_what_cannot_be_meant_is_refused(stepsmith: Call, arguments: list[str], words: str) -> None:
    outcome = stepsmith("simulate", "ordering", *arguments)

    assert outcome.code == 2
    assert words in outcome.err


def test_a_page_and_a_picture_are_written(stepsmith: Call, tmp_path: Path) -> None:
    call = ("simulate", "ordering", "--executions", "5", "--what-if", "tasks.price.seconds=5", "--chart")

    page, picture = stepsmith(*call, "found.html"), stepsmith(*call, "found.svg")
    refused = stepsmith(*call, "lost/found.html")

    assert (page.code, picture.code) == (0, 0)
    text = (tmp_path / "found.html").read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert text.count("<svg") == 2
    assert "With the change" in text
    assert (tmp_path / "found.svg").read_text(encoding="utf-8").startswith("<svg")
    assert refused.code == 2
    assert "--chart 'lost/found.html' cannot be written: No such file or directory" in refused.err
