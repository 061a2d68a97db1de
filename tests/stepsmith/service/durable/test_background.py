"""What this process drives in the background: started while others end, told apart from what others drive."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from stepsmith.errors import JournalError
from stepsmith.service.durable.background import Background


def test_a_conductor_that_was_told_of_another_execution_does_not_end(tmp_path: Path) -> None:
    background = Background(tmp_path / "j.db")
    conductor: Any = SimpleNamespace(has_news=True)
    background._conductor = conductor

    assert not background._is_over()
    assert background._conductor is conductor
    conductor.has_news = False
    assert background._is_over()
    assert background._conductor is None


def test_what_stops_this_process_says_nothing_of_what_others_drive(tmp_path: Path) -> None:
    background = Background(tmp_path / "j.db")
    background._problem = JournalError("no room")
    background._only.add(1)

    assert str(background.problem(1)) == "no room"
    assert background.problem(2) is None
