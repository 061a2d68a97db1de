from pathlib import Path

import pytest

from stepsmith.deploy.application import Application, logical_name
from stepsmith.deploy.errors import PackageRefused
from stepsmith.deploy.packaging.modules import Modules
from stepsmith.deploy.packaging.package import Packages
from tests.stepsmith.deploy.applications import WORKFLOWS
from tests.stepsmith.deploy.packaged import ROOT


def reached(root: Path, files: dict[str, str], *modules: str) -> list[str]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return [entry.name for entry in Modules(root).reached(modules)]


FILES = {
    "tasks/__init__.py": "",
    "tasks/sell.py": "from tasks import prices\nimport boto3, json\n",
    "tasks/prices.py": "from .money.cents import Cents\n",
    "tasks/money/__init__.py": "from ..rounding import half\n",
    "tasks/money/cents.py": "Cents = int\n",
    "tasks/money/dollars.py": "",
    "tasks/rounding.py": "",
    "tasks/other.py": "import tasks.sell\n",
    "tasks/rates.json": "{}",
    "shared.py": "",
    "workflows/selling.py": "import tasks.sell\n",
}


def test_a_task_has_what_it_imports_directly_or_not_and_the_files_beside(tmp_path: Path) -> None:
    assert reached(tmp_path, FILES, "tasks.sell") == [
        "tasks/__init__.py",
        "tasks/money/__init__.py",
        "tasks/money/cents.py",
        "tasks/prices.py",
        "tasks/rates.json",
        "tasks/rounding.py",
        "tasks/sell.py",
    ]


def test_who_imports_a_task_does_not_come_with_it(tmp_path: Path) -> None:
    found = reached(tmp_path, FILES, "tasks.rounding")

    assert found == ["tasks/__init__.py", "tasks/rates.json", "tasks/rounding.py"]


@pytest.mark.parametrize(
    "text",
    [
        "from importlib import import_module\nimport_module(name)\n",
        "import pkgutil\npkgutil.iter_modules(path)\n",
        "__import__(f'tasks.{name}')\n",
        "from importlib import import_module\nimport_module('.other', package)\n",
    ],
)
def test_modules_that_are_found_at_run_time_all_come(tmp_path: Path, text: str) -> None:
    found = reached(tmp_path, {**FILES, "tasks/rounding.py": text}, "tasks.rounding")

    assert {name for name in FILES if name.startswith("tasks/")} == set(found)


def test_a_module_that_is_named_where_it_is_imported_late_comes_alone(tmp_path: Path) -> None:
    text = "def f():\n    from importlib import import_module\n    import_module('tasks.money.dollars')\n"
    text += "    import shared\n"

    found = reached(tmp_path, {**FILES, "tasks/rounding.py": text}, "tasks.rounding")

    assert "tasks/money/dollars.py" in found
    assert "shared.py" in found
    assert "tasks/other.py" not in found


def test_a_star_brings_the_modules_of_a_package(tmp_path: Path) -> None:
    found = reached(tmp_path, {**FILES, "tasks/other.py": "from tasks.money import *\n"}, "tasks.other")

    assert "tasks/money/dollars.py" in found
    assert "tasks/sell.py" not in found


def test_what_is_no_python_is_refused_where_it_is_reached(tmp_path: Path) -> None:
    with pytest.raises(PackageRefused, match=r"tasks/rounding\.py is no Python"):
        reached(tmp_path, {**FILES, "tasks/rounding.py": "def"}, "tasks.sell")


def test_a_change_in_one_module_makes_new_packages_for_its_own_functions_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tasks = Application(tuple(WORKFLOWS.values())).tasks
    packages, changed = Packages(ROOT, "python3.13"), Packages(ROOT, "python3.13")
    before = {logical_name(task): packages.of(task) for task in tasks.values()}
    monkeypatch.setattr(
        "stepsmith.deploy.packaging.package.digest",
        lambda entry: "another" if entry.name == "tasks/vending.py" else entry.name,
    )
    keys = {logical_name(task): changed.of(task).key for task in tasks.values()}
    monkeypatch.setattr("stepsmith.deploy.packaging.package.digest", lambda entry: entry.name)

    other = {name for name, package in before.items() if package.key != keys[name]}

    assert {name for name, task in tasks.items() if task.function.__module__ == "tasks.vending"} <= other
    assert other == {
        name
        for name, package in before.items()
        if "tasks/vending.py" in {entry.name for entry in package.code}
    }
    assert not any(name.startswith(("Onboarding", "PowerTuning")) for name in other)
