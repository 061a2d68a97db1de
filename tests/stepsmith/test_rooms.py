"""The names of rooms that open as far as they are entered."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

import pytest

import stepsmith
import stepsmith.service
import stepsmith.views

ROOMS = [stepsmith, stepsmith.service, stepsmith.views]
EVERY_NAME = [(room, name) for room in ROOMS for name in room.__all__]


@pytest.mark.parametrize(("room", "name"), EVERY_NAME, ids=lambda each: getattr(each, "__name__", str(each)))
def test_every_public_name_is_found_where_it_is_said_to_live(room: ModuleType, name: str) -> None:
    home = import_module(vars(room)["_HOMES"][name])

    assert getattr(room, name) is getattr(home, name)


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
def test_a_room_lists_what_it_gives(room: ModuleType) -> None:
    assert sorted(vars(room)["_HOMES"]) == sorted(room.__all__)


def test_a_name_that_is_not_there_is_named() -> None:
    with pytest.raises(AttributeError, match=r"module 'stepsmith\.service' has no attribute 'lode'"):
        getattr(stepsmith.service, "lode")  # noqa: B009 - a name that type checkers do not know
