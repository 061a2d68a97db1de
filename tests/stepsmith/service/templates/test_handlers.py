"""Python functions of templates."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from stepsmith.errors import NotFound
from stepsmith.service.templates.handlers import PythonHandler


def test_a_handler_is_imported_once_and_called_with_a_context(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "calls = []\n\n\ndef handle(event, context):\n    calls.append(event)\n"
        "    return [len(calls), context.function_name, context.invoked_function_arn.rpartition(':')[2]]\n"
    )
    handler = PythonHandler(tmp_path, "app.handle", {})

    assert handler(1) == [1, "app", "app"]
    assert handler(2) == [2, "app", "app"]
    assert str(tmp_path) not in sys.path


def test_two_folders_may_have_modules_of_one_name(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "app.py").write_text(f"def handle(event, context):\n    return {name!r}\n")

    assert [PythonHandler(tmp_path / name, "app.handle", {})(None) for name in ("a", "b")] == ["a", "b"]


@pytest.mark.parametrize("handler", ["src/app.handle", "src.app.handle"])
def test_a_handler_may_lie_in_a_package(tmp_path: Path, handler: str) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(
        "def handle(event, context):\n    return context.function_name\n"
    )

    assert PythonHandler(tmp_path, handler, {})({}) in ("app", "src.app")


@pytest.mark.parametrize("handler", ["app.other", "lost.handle", "handle", ""])
def test_a_handler_that_is_not_there_is_named(tmp_path: Path, handler: str) -> None:
    (tmp_path / "app.py").write_text("handle = 3\n")

    with pytest.raises(NotFound, match="is not there"):
        PythonHandler(tmp_path, handler, {})({})


def test_a_module_that_failed_is_imported_anew(tmp_path: Path) -> None:
    path = tmp_path / "app.py"
    path.write_text("raise ImportError('not yet')\n")
    handler = PythonHandler(tmp_path, "app.handle", {})

    with pytest.raises(ImportError, match="not yet"):
        handler({})
    path.write_text("def handle(event, context):\n    return 'now it is there'\n")
    assert handler({}) == "now it is there"
