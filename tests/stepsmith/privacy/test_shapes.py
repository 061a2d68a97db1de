"""Where personal parts are found, by annotation."""

from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, Field, TypeAdapter
from typing_extensions import TypedDict

from stepsmith import Personal
from stepsmith.privacy import Shape


class Place(BaseModel):
    street: str
    number: int


class Person(BaseModel):
    id: str
    email: Personal[str]
    nick: Personal[str] | None = None
    place: Personal[Place | None] = None
    phones: list[Personal[str]] = []
    friends: list["Person"] = []
    notes: dict[str, Personal[str]] = {}
    rates: Personal[dict[str, int]] = {}
    by_mail: dict[Personal[str], int] = {}
    born: Personal[Annotated[str, AfterValidator(str.strip)]] = Field(default="", alias="bornOn")


@dataclass
class Letter:
    to: Personal[str]
    text: str


class Call(TypedDict):
    phone: Personal[str]
    seconds: int


class Opaque:
    """Something that has no JSON schema."""


class Holder(BaseModel, arbitrary_types_allowed=True):
    secret: Personal[str]
    opaque: Opaque | None = None


@pytest.mark.parametrize(
    ("annotation", "value", "found"),
    [
        (Personal[str], "ada", {("", "ada")}),
        (Personal[str | None], None, set()),
        (str, "ada", set()),
        (Any, {"email": "ada"}, set()),
        (Person, {"id": "1", "email": "ada"}, {("email", "ada")}),
        (Person, {"nick": "a"}, {("nick", "a")}),
        (Person, {"place": {"street": "s", "number": 5}}, {("street", "s"), ("number", 5)}),
        (Person, {"phones": ["1", "2"]}, {("phones", "1"), ("phones", "2")}),
        (Person, {"friends": [{"friends": [{"email": "eve"}]}]}, {("email", "eve")}),
        (Person, {"notes": {"k": "v"}}, {("k", "v")}),
        (Person, {"rates": {"k": 5}}, {("", "k"), ("k", 5)}),
        (Person, {"by_mail": {"ada": 5}}, {("", "ada")}),
        (Person, {"bornOn": "1815"}, {("bornOn", "1815")}),
        (list[Person], [{"email": "ada"}, {"email": "eve"}], {("email", "ada"), ("email", "eve")}),
        (tuple[int, Personal[str]], [1, "ada"], {("", "ada")}),
        (Person | Place, {"email": "ada"}, {("email", "ada")}),
        (Letter, {"to": "ada", "text": "hi"}, {("to", "ada")}),
        (Call, {"phone": "12", "seconds": 5}, {("phone", "12")}),
        (Holder, {"secret": "s", "opaque": {"secret": "t"}}, {("secret", "s")}),
    ],
)
def test_marked_parts_are_found_with_the_names_of_their_members(
    annotation: object, value: Any, found: set[Any]
) -> None:
    assert set(Shape(lambda: annotation).find(value)) == found


@pytest.mark.parametrize("value", ["ada", 5, None, [], [[]], {"email": []}, {"email": {}}, {"place": 5}])
def test_a_value_of_another_type_is_passed_over(value: Any) -> None:
    assert {leaf for _, leaf in Shape(lambda: Person).find(value)} <= {5}


def test_a_type_without_marks_is_not_marked() -> None:
    assert not Shape(lambda: Place).is_marked
    assert Shape(lambda: Personal[Place]).is_marked


def test_a_type_that_no_value_can_have_has_no_marks() -> None:
    assert not Shape(lambda: Opaque).is_marked


def test_the_mark_stands_in_the_schema_and_changes_nothing_else() -> None:
    schema = TypeAdapter(Person).json_schema()

    assert schema["$defs"]["Person"]["properties"]["email"] == {
        "personal": True,
        "title": "Email",
        "type": "string",
    }
    assert Person.model_fields["email"].metadata == []
    assert Person(id="1", email="ada").email == "ada"
