"""The README is true: its Python runs, its links lead somewhere, and CI runs each of its commands."""

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("command", [line for block in blocks("sh") for line in block.splitlines() if line])
def test_ci_runs_each_command_of_the_readme(command: str) -> None:
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_the_python_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "readme_example.py").write_text("\n\n".join(blocks("python")), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    module = importlib.import_module("readme_example")
    tests = [value for name, value in vars(module).items() if name.startswith("test_")]
    for test in tests:
        test()

    assert len(tests) == 2


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)", README))))
def test_each_link_of_the_readme_leads_somewhere(target: str) -> None:
    assert (ROOT / target).exists()


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.name)
def test_each_link_of_the_documentation_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#\s]+)", page.read_text(encoding="utf-8"))

    assert [target for target in targets if not (page.parent / target).exists()] == []
