from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from stepsmith.cli.commands.init import project_name
from tests.stepsmith.cli.conftest import Call


def test_a_new_project_has_the_usual_folders_and_a_definition(stepsmith: Call, project: Path) -> None:
    outcome = stepsmith("init", "shop")

    assert outcome.code == 0
    assert sorted(path.name for path in (project / "shop").iterdir()) == [
        ".gitignore",
        "README.md",
        "definitions",
        "notebooks",
        "pyproject.toml",
        "tasks",
        "tests",
        "workflows",
    ]
    assert (project / "shop" / "definitions" / "greeting.asl.json").read_text().endswith("}\n")
    assert 'name = "shop"' in (project / "shop" / "pyproject.toml").read_text()


@pytest.mark.slow
def test_the_new_project_works(stepsmith: Call, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stepsmith("init", "shop")
    monkeypatch.chdir(project / "shop")

    ran = stepsmith("run", "greeting", "name=Ada")

    assert (ran.code, ran.out) == (0, '"Hello, Ada!"\n')
    assert stepsmith("compile", "--check").code == 0
    assert stepsmith("run", "greeting", "name= ").code == 1


@pytest.mark.slow
def test_the_tests_of_the_new_project_pass(stepsmith: Call, project: Path) -> None:
    stepsmith("init", "shop")

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=project / "shop",
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


def test_a_folder_that_holds_something_is_left_alone(stepsmith: Call, project: Path) -> None:
    outcome = stepsmith("init", "tasks")

    assert (outcome.code, outcome.err) == (2, "stepsmith: tasks exists and is not an empty folder\n")
    assert sorted(path.name for path in (project / "tasks").iterdir() if path.suffix == ".py") == [
        "__init__.py",
        "selling.py",
    ]


def test_a_file_in_the_way_is_left_alone(stepsmith: Call, project: Path) -> None:
    (project / "shop").write_text("x")

    assert stepsmith("init", "shop").code == 2
    assert (project / "shop").read_text() == "x"


@pytest.mark.parametrize(("folder", "name"), [("My Shop", "my-shop"), ("öl", "l"), ("---", "project")])
def test_the_name_is_one_that_packaging_takes(folder: str, name: str) -> None:
    assert project_name(Path(folder)) == name


def test_a_project_names_the_folder_that_stepsmith_is_installed_from(
    stepsmith: Call, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = project / "site" / "stepsmith-9.dist-info"
    site.mkdir(parents=True)
    (site / "METADATA").write_text("Name: stepsmith\nVersion: 9\n")
    (site / "direct_url.json").write_text(
        '{"url": "file:///a%20b/stepsmith", "dir_info": {"editable": true}}'
    )
    monkeypatch.syspath_prepend(str(site.parent))

    stepsmith("init", "shop")

    found = tomllib.loads((project / "shop" / "pyproject.toml").read_text())["tool"]["uv"]["sources"]
    assert found == {"stepsmith": {"path": "/a b/stepsmith", "editable": True}}


def test_a_project_names_no_folder_where_stepsmith_is_from_an_index(
    stepsmith: Call, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = project / "site" / "stepsmith-9.dist-info"
    site.mkdir(parents=True)
    (site / "METADATA").write_text("Name: stepsmith\nVersion: 9\n")
    monkeypatch.syspath_prepend(str(site.parent))

    stepsmith("init", "shop")

    assert "uv" not in tomllib.loads((project / "shop" / "pyproject.toml").read_text())["tool"]


def test_instructions_for_agents_are_written_alone_or_with_a_project(stepsmith: Call, project: Path) -> None:
    alone = stepsmith("init", "--instructions")
    made = stepsmith("init", "shop", "--instructions")
    plain = stepsmith("init", "other")

    assert alone.out.startswith("## Workflows\n")
    assert (project / "shop" / "AGENTS.md").read_text() == alone.out
    assert (made.code, plain.code) == (0, 0)
    assert not (project / "other" / "AGENTS.md").exists()


def test_without_a_folder_there_is_nothing_to_make(stepsmith: Call) -> None:
    outcome = stepsmith("init")

    assert (outcome.code, outcome.err) == (2, "stepsmith: name the folder to make: stepsmith init DIR\n")
