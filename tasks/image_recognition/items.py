"""JSON as DynamoDB's typed attributes, and back."""

from typing import TYPE_CHECKING, cast

from stepsmith.expressions.types import Json

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef


def to_attribute(value: Json) -> "AttributeValueTypeDef":
    """Return the attribute for a JSON value."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int() | float():
            return {"N": repr(value)}
        case list():
            return {"L": [to_attribute(each) for each in value]}
        case dict():
            return {"M": to_item(value)}


def to_item(value: dict[str, Json]) -> dict[str, "AttributeValueTypeDef"]:
    """Return the item for a JSON object; members that are null are left out."""
    return {name: to_attribute(each) for name, each in value.items() if each is not None}


def from_attribute(attribute: "AttributeValueTypeDef") -> Json:
    """Return the JSON value of an attribute."""
    kind, value = next(iter(attribute.items()))
    match kind:
        case "N":
            text = cast("str", value)
            return int(text) if text.lstrip("-").isdigit() else float(text)
        case "L":
            return [from_attribute(each) for each in cast("list[AttributeValueTypeDef]", value)]
        case "M":
            return from_item(cast("dict[str, AttributeValueTypeDef]", value))
        case "NULL":
            return None
        case _:
            return cast("Json", value)


def from_item(item: dict[str, "AttributeValueTypeDef"]) -> dict[str, Json]:
    """Return the JSON object of an item."""
    return {name: from_attribute(each) for name, each in item.items()}
