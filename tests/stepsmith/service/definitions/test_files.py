"""Files with definitions, and what is none."""

from pathlib import Path

import pytest

from stepsmith.asl import LARGEST
from stepsmith.diagnostics import InvalidDefinition
from stepsmith.errors import InvalidInput, NotFound
from stepsmith.service import load, read_definition
from stepsmith.service.definitions.files import machine_name, shortened


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("gone.json", "No such file or directory"),
        (".", "Is a directory"),
        ("a\0b", "embedded null byte"),
        ("x" * 5000, "File name too long"),
        ("a/" * 3000, "File name too long"),
    ],
)
def test_what_cannot_be_read_is_named_with_the_reason(
    name: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(NotFound) as caught:
        load(name)

    assert str(caught.value).endswith(f" cannot be read: {reason}")
    assert len(str(caught.value)) < 300


def test_links_that_lead_to_each_other_are_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.json").symlink_to(tmp_path / "b.json")
    (tmp_path / "b.json").symlink_to(tmp_path / "a.json")

    with pytest.raises(NotFound, match="Too many levels of symbolic links"):
        load(tmp_path / "a.json")


def test_of_a_file_without_end_no_more_is_read_than_a_definition_may_have() -> None:
    endless = Path("/dev/zero")
    if not endless.exists():
        pytest.skip("there is no /dev/zero here")

    assert len(read_definition(endless)) == LARGEST + 1
    with pytest.raises(InvalidDefinition, match="more than 1048576 bytes"):
        load(endless)


@pytest.mark.parametrize("source", [[], 5, None, 1.5, object(), {1, 2}])
def test_what_is_no_source_of_a_definition_is_named_by_its_type(source: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        load(source)  # type: ignore[arg-type] # what somebody without a type checker gives

    assert str(caught.value) == (
        f"load takes a file, a JSON text, an object or a model, and this is a {type(source).__name__}"
    )


@pytest.mark.parametrize(
    ("file", "name"),
    [("a.asl.json", "a"), ("b.json", "b"), ("c", "c"), ("d.asl", "d.asl"), (".json", "machine")],
)
def test_a_machine_has_the_name_of_its_file(file: str, name: str) -> None:
    assert machine_name(Path("folder") / file) == name


def test_a_name_that_nobody_could_read_is_cut() -> None:
    assert shortened("short") == "short"
    assert shortened("x" * 500, 3) == "xxx…"
