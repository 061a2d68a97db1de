"""The rooms as a whole: who imports whom, and how many files of which size lie side by side."""

from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("stepsmith", "tasks", "workflows")
RULES = ROOT / "stepsmith" / "authoring" / "rules"  # one rule, one file, however many and however short
MOST_SIDE_BY_SIDE = 20
LONGEST = 600
SHORT = 60


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, exclude_type_checking_imports=False, cache_dir=None)


def circles(graph: grimp.ImportGraph) -> Iterator[str]:
    """Give the shortest way back for each import that has one."""
    for module in sorted(graph.modules):
        for imported in sorted(graph.find_modules_directly_imported_by(module)):
            back = graph.find_shortest_chain(importer=imported, imported=module)
            if back is not None:
                yield " -> ".join((module, *back))


def sources() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def lines_of(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def test_no_module_imports_itself_by_way_of_others(imports: grimp.ImportGraph) -> None:
    assert list(circles(imports)) == []


def test_an_import_for_types_closes_a_circle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = tmp_path / "room_of_two"
    room.mkdir()
    (room / "__init__.py").touch()
    (room / "above.py").write_text("from room_of_two.below import Part\n")
    (room / "below.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from room_of_two.above import Whole\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))

    found = list(circles(grimp.build_graph("room_of_two", cache_dir=None)))

    assert found[0] == "room_of_two.above -> room_of_two.below -> room_of_two.above"


def test_a_circle_is_found() -> None:
    graph = grimp.ImportGraph()
    for importer, imported in ("ab", "bc", "ca", "cd"):
        graph.add_import(importer=importer, imported=imported)

    assert list(circles(graph)) == ["a -> b -> c -> a", "b -> c -> a -> b", "c -> a -> b -> c"]


def test_no_folder_has_more_than_twenty_files_side_by_side() -> None:
    folders: dict[Path, int] = {}
    for path in sources():
        if path.name != "__init__.py":
            folders[path.parent] = folders.get(path.parent, 0) + 1
    del folders[RULES]

    crowded = {str(folder.relative_to(ROOT)): n for folder, n in folders.items() if n > MOST_SIDE_BY_SIDE}

    assert crowded == {}


def test_no_file_is_longer_than_six_hundred_lines() -> None:
    long = {str(path.relative_to(ROOT)): n for path in sources() if (n := lines_of(path)) > LONGEST}

    assert long == {}


def test_at_most_a_fifth_of_the_files_are_short() -> None:
    counted = [path for path in sources() if path.name != "__init__.py" and path.parent != RULES]
    short = [str(path.relative_to(ROOT)) for path in counted if lines_of(path) < SHORT]

    assert len(short) * 5 <= len(counted), short


@pytest.mark.parametrize("folder", sorted({path.parent for path in sources()}), ids=lambda path: path.name)
def test_every_folder_says_what_lives_there(folder: Path) -> None:
    first = (folder / "__init__.py").read_text(encoding="utf-8").lstrip()

    assert first.startswith('"""')
    assert len(first.split('"""')[1].strip()) > 20
