"""`stepsmith openapi`: the document of what a project answers."""

from __future__ import annotations

import json
from pathlib import Path

from tests.stepsmith.cli.conftest import Call

PAGES = '''\
from stepsmith.http import route


@route("GET", "/prices/{sku}", access="public")
def price_of(sku: str) -> int:
    """Tell a price."""
    return 250
'''


def test_the_routes_of_a_project_are_written(project: Path, stepsmith: Call) -> None:
    (project / "tasks/pages.py").write_text(PAGES, encoding="utf-8")

    called = stepsmith("openapi", "--server", "http://127.0.0.1:4599", "--title", "shop")
    told = json.loads(called.out)

    assert (called.code, told["openapi"], told["info"]) == (0, "3.1.0", {"title": "shop", "version": "0"})
    assert told["servers"] == [{"url": "http://127.0.0.1:4599"}]
    assert told["paths"]["/prices/{sku}"]["get"]["summary"] == "Tell a price."


def test_it_goes_to_a_file(project: Path, stepsmith: Call) -> None:
    (project / "tasks/pages.py").write_text(PAGES, encoding="utf-8")

    called = stepsmith("openapi", "--out", "api.json")

    assert (called.code, called.out) == (0, "")
    assert "/prices/{sku}" in (project / "api.json").read_text(encoding="utf-8")


def test_a_project_that_answers_nothing_has_no_document(project: Path, stepsmith: Call) -> None:
    called = stepsmith("openapi")

    assert called.code != 0
    assert "no function of this project has a route" in called.err
