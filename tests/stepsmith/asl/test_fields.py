import dataclasses
import json

import pytest

from stepsmith.asl import model
from stepsmith.asl.fields import PARTS, STATES, Field
from tests.shared_data import SHARED, needs_shared

ALL = {**STATES, **PARTS}
RULE_ATTRIBUTE = {"ChoiceRule": {"rule"}}


@pytest.mark.parametrize("name", ALL)
def test_the_table_and_the_model_have_the_same_attributes(name: str) -> None:
    attributes = {field.name for field in dataclasses.fields(getattr(model, name))}

    assert {field.attribute for field in ALL[name]} == attributes - RULE_ATTRIBUTE.get(name, set())


@pytest.mark.parametrize("name", ALL)
def test_required_fields_have_no_default_in_the_model(name: str) -> None:
    defaults = {field.name: field.default for field in dataclasses.fields(getattr(model, name))}

    for field in ALL[name]:
        if field.required:
            assert defaults[field.attribute] is dataclasses.MISSING


@needs_shared
def test_the_table_has_the_fields_and_query_languages_of_the_reference() -> None:
    reference = json.loads((SHARED / "spec" / "asl_fields.json").read_text())
    names = {"machine": "StateMachine", "Choice rule": "ChoiceRule"}
    operators = {"Variable", "<operator>", "And", "Or", "Not", "Type", "Iterator"}

    for kind, fields in reference.items():
        if kind == "legend":
            continue
        ours: dict[str, Field] = {field.name: field for field in ALL[names.get(str(kind), str(kind))]}
        theirs = {name: row[0] for name, row in fields.items() if name not in operators}
        assert {name: field.modes for name, field in ours.items()} == theirs, kind
