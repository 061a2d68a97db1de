"""The page on the architecture is true: its picture is that of the code, and its paths lead somewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PICTURE = ROOT / "docs" / "pictures" / "architecture.svg"
PLACES = sorted(
    set(re.findall(r"`((?:stepsmith|tasks|workflows|definitions|tests|docs|tools)/[^`\s]*)`", PAGE))
)
ROWS = [line for line in PAGE.splitlines() if line.startswith(("| a ", "| an ", "| some"))]


def test_the_picture_is_that_of_the_code() -> None:
    script = "import sys, architecture; sys.stdout.buffer.write(architecture.draw().encode())"

    drawn = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT / "tools", capture_output=True, check=True
    ).stdout

    assert drawn == PICTURE.read_bytes(), "run python tools/architecture.py"


@pytest.mark.parametrize("place", PLACES)
def test_each_place_that_the_page_names_is_there(place: str) -> None:
    assert (ROOT / place).exists()


def test_the_page_says_where_to_go_for_what_is_added_most() -> None:
    places = [re.findall(r"`[a-z]+/[^`]*`", row.split("|")[2]) for row in ROWS]

    assert len(ROWS) >= 15
    assert [row for row, found in zip(ROWS, places, strict=True) if not found] == []


@pytest.mark.parametrize("room", sorted(path.parent.name for path in ROOT.glob("stepsmith/*/__init__.py")))
def test_the_picture_shows_each_room(room: str) -> None:
    assert f">{room}</text>" in PICTURE.read_text(encoding="utf-8")
