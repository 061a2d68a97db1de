"""The SDK's schemas as models."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from stepsmith.errors import InvalidInput
from stepsmith.sdk import input_model
from tests.stepsmith.sdk.environment import SDK

ExecutionInput = SDK.inputs.ExecutionInput
SCHEMA = {
    "id": str,
    "cents": int,
    "rate": float,
    "gift": bool,
    "lines": list,
    "any": dict,
    "to": {"street-name": str},
}
FITTING: dict[str, Any] = {
    "id": "o1",
    "cents": 5,
    "rate": 0.5,
    "gift": False,
    "lines": [1],
    "any": {"x": None},
    "to": {"street-name": "Elm"},
}


def model_of(schema: dict[str, Any]) -> type[BaseModel]:
    model = input_model(ExecutionInput(schema=schema))
    assert model is not None
    return model


def test_an_input_that_fits_comes_back_as_it_was() -> None:
    model = model_of(SCHEMA)

    assert model.model_validate(FITTING).model_dump() == FITTING


def test_an_object_of_any_members_fits_here_though_the_sdk_refuses_it() -> None:
    given = {"any": {"x": 1}}

    assert not ExecutionInput(schema={"any": dict}).validate(given).valid
    assert model_of({"any": dict}).model_validate(given).model_dump() == given


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"cents": "5"}, ("cents",)),
        ({"cents": True}, ("cents",)),
        ({"gift": 1}, ("gift",)),
        ({"id": 5}, ("id",)),
        ({"lines": {}}, ("lines",)),
        ({"to": {}}, ("to", "street-name")),
    ],
)
def test_an_input_that_does_not_fit_is_refused_with_its_place(
    change: dict[str, Any], place: tuple[str]
) -> None:
    with pytest.raises(ValidationError) as caught:
        model_of(SCHEMA).model_validate({**FITTING, **change})

    assert [error["loc"] for error in caught.value.errors()] == [place]


def test_members_that_the_schema_does_not_have_are_allowed() -> None:
    assert model_of({"id": str}).model_validate({"id": "o1", "more": 1}).model_dump() == {
        "id": "o1",
        "more": 1,
    }


def test_a_member_used_without_a_type_is_a_text_and_one_that_was_indexed_a_list() -> None:
    used = ExecutionInput()
    _ = used["name"], used["items"][0]

    model = input_model(used)

    assert model is not None
    assert model.model_validate({"name": "x", "items": ["a"]})
    with pytest.raises(ValidationError):
        model.model_validate({"name": 3, "items": "a"})


def test_members_are_there_by_their_names() -> None:
    found: Any = model_of({"limit": int, "to": {"street": str}}).model_validate(
        {"limit": 3, "to": {"street": "Elm"}}
    )

    assert (found.limit, found.to.street) == (3, "Elm")


@pytest.mark.parametrize(
    "name",
    [
        "_private",
        "model_config",
        "model_id",
        "copy",
        "json",
        "schema",
        "class",
        "member_0",
        "two words",
        "",
        "größe",
    ],
)
def test_a_member_may_have_a_name_that_no_field_has(name: str) -> None:
    given = {name: "x", "member_1": "y"}

    assert model_of({name: str, "other": int}).model_validate({**given, "other": 1}).model_dump() == {
        **given,
        "other": 1,
    }


def test_only_what_has_a_schema_has_a_model() -> None:
    with pytest.raises(
        InvalidInput, match="Pass is not a Workflow or ExecutionInput of the stepfunctions SDK"
    ):
        input_model(SDK.steps.Pass("A"))
