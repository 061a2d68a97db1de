"""Whoever drives an execution finds what answers its tasks: what is given, and the workflow that it came from."""

from __future__ import annotations

import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from stepsmith.errors import NotFound
from stepsmith.service.durable.recorded import Origin, Parent, start_of
from stepsmith.service.journals.resolving import (
    WorkflowResolver,
    find_workflow,
    known_workflow,
    machines_of,
)
from stepsmith.store import Start

TALK = """
from stepsmith import task, workflow


@task
def say(text: str) -> str:
    return "own"


@workflow
def talk(text: str) -> str:
    return say(text)
"""


@pytest.fixture(autouse=True)
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "talking_of_tests.py").write_text(TALK)
    (tmp_path / "broken_of_tests.py").write_text("import library_that_is_not_there\n")
    yield
    for name in set(sys.modules) - before:
        if name.endswith("_of_tests"):
            del sys.modules[name]


def start(workflow: str | None, *, parent: Parent | None = None, ends: int | None = None) -> Start:
    return start_of(
        "{}",
        "{}",
        machine="m",
        name="n",
        started=1.0,
        virtual=True,
        origin=Origin(workflow=workflow),
        parent=parent,
        ends=ends,
    )


def said(resolver: WorkflowResolver, workflow: str | None) -> object:
    function = resolver.means(1, start(workflow)).dispatcher.functions.find("say")
    return None if function is None else function.call({"text": "hello"})


def test_a_workflow_is_found_by_its_module_and_its_name() -> None:
    assert find_workflow("talking_of_tests:talk").name == "talk"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere_of_tests:talk", "the workflow talk is not here: there is no module nowhere_of_tests"),
        ("nowhere_of_tests.deeper:talk", "there is no module nowhere_of_tests.deeper"),
        ("talking_of_tests:say", "the module talking_of_tests has none of this name"),
    ],
)
def test_a_workflow_that_is_not_here_is_named(name: str, message: str) -> None:
    with pytest.raises(NotFound, match=message):
        find_workflow(name)
    assert machines_of(start(name)) == {}


def test_what_a_module_of_workflows_lacks_itself_is_not_hidden() -> None:
    with pytest.raises(ModuleNotFoundError, match="library_that_is_not_there"):
        find_workflow("broken_of_tests:talk")


def test_functions_that_are_given_come_before_those_of_the_workflow() -> None:
    given = {"say": lambda payload: "given"}

    assert said(WorkflowResolver(), "talking_of_tests:talk") == "own"
    assert said(WorkflowResolver(tasks=given), "talking_of_tests:talk") == "given"
    assert said(WorkflowResolver(tasks=given), None) == "given"
    assert said(WorkflowResolver(), None) is None


def test_a_workflow_is_known_once_its_module_is_imported() -> None:
    begun = start("talking_of_tests:talk")
    assert known_workflow(begun) is None

    found = find_workflow("talking_of_tests:talk")

    assert known_workflow(begun) is found
    assert known_workflow(start(None)) is None
    assert known_workflow(start("talking_of_tests:nothing")) is None


def test_what_a_workflow_starts_and_what_ends_its_records_are_no_executions_of_it() -> None:
    find_workflow("talking_of_tests:talk")
    parent = Parent(execution=1, command=1, pattern="sync", token="t", depth=1)

    assert known_workflow(start("talking_of_tests:talk", parent=parent)) is None
    assert known_workflow(start("talking_of_tests:talk", ends=1)) is None
