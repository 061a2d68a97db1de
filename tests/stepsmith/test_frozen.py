"""Frozen classes behave as frozen dataclasses do, before and after their methods are made."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from dataclasses import FrozenInstanceError, field
from typing import Any

import pytest

from stepsmith.frozen import frozen


def point() -> type[Any]:
    @frozen
    class Point:
        """A point."""

        x: int
        y: int = 2
        tags: list[str] = field(default_factory=list[str])

        def moved(self) -> Point:
            return dataclasses.replace(self, x=self.x + 1)

    return Point


def named() -> type[Any]:
    @frozen(kw_only=True)
    class Named:
        """Something with a name."""

        name: str
        size: int | None = None

    return Named


def test_fields_are_given_by_place_and_by_name() -> None:
    made = point()(1, y=5)

    assert (made.x, made.y, made.tags) == (1, 5, [])


def test_every_object_has_its_own_default_list() -> None:
    kind = point()

    kind(1).tags.append("a")

    assert kind(1).tags == []


def test_keyword_only_fields_are_not_given_by_place() -> None:
    with pytest.raises(TypeError, match="positional"):
        named()("a")


def test_a_missing_field_is_named() -> None:
    with pytest.raises(TypeError, match="name"):
        named()()


def test_equal_fields_make_equal_objects_of_one_class() -> None:
    kind, other = named(), named()

    assert kind(name="a") == kind(name="a")
    assert kind(name="a") != kind(name="b")
    assert kind(name="a") != other(name="a")
    assert hash(kind(name="a")) == hash(kind(name="a"))


def test_objects_show_their_fields() -> None:
    assert repr(named()(name="a")).endswith("Named(name='a', size=None)")


@pytest.mark.parametrize(
    "change", [lambda made: setattr(made, "x", 3), lambda made: delattr(made, "x")], ids=["assign", "delete"]
)
def test_nothing_can_be_changed(change: Callable[[Any], None]) -> None:
    made = point()(1)

    with pytest.raises(FrozenInstanceError, match="'x'"):
        change(made)

    assert made.x == 1


def test_there_is_no_room_for_other_attributes() -> None:
    made = point()(1)

    assert not hasattr(made, "__dict__")
    with pytest.raises(AttributeError):
        object.__setattr__(made, "z", 1)


def test_replace_and_fields_take_it_for_a_dataclass() -> None:
    kind = point()

    assert [each.name for each in dataclasses.fields(kind)] == ["x", "y", "tags"]
    assert dataclasses.is_dataclass(kind)
    assert kind(1).moved() == kind(2)


def test_patterns_match_by_place_unless_fields_have_names_only() -> None:
    kind = point()

    match kind(1, 4):
        case kind(x, y):
            found = (x, y)
        case _:
            found = None

    assert found == (1, 4)
    assert named().__match_args__ == ()


def test_copies_are_equal() -> None:
    made = point()(1, 3, ["a"])

    assert copy.deepcopy(made) == made
    assert copy.deepcopy(made).tags is not made.tags


def test_a_method_of_its_own_stays() -> None:
    @frozen
    class Loud:
        """Says what it is."""

        x: int

        def __repr__(self) -> str:
            return "LOUD"

    assert repr(Loud(1)) == "LOUD"
    assert Loud(1) == Loud(1)


def test_methods_are_made_once() -> None:
    kind = named()
    before = kind.__init__

    kind(name="a")
    made = kind.__init__
    kind(name="b")

    assert before is not made
    assert kind.__init__ is made
