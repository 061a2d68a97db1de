from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any

import pytest

from stepsmith.asl import check, check_unfilled, parse_unfilled
from stepsmith.diagnostics import InvalidDefinition
from stepsmith.errors import InvalidInput
from stepsmith.integrations.services.models import service_model
from tests.shared_data import SHARED, needs_shared

SNS = "arn:${AWS::Partition}:states:::sns:publish"


def machine(state: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": state, "B": {"Type": "Succeed"}}, **more}


def query(state: dict[str, Any]) -> dict[str, Any]:
    return machine(state, QueryLanguage="JSONata")


def task(**fields: Any) -> dict[str, Any]:
    return machine({"Type": "Task", "Resource": "${Function.Arn}", "Next": "B", **fields})


def messages(definition: Any, **values: Any) -> list[str]:
    return [
        each.message for each in check_unfilled(definition, services=service_model, substitutions=values)[0]
    ]


@pytest.mark.parametrize(
    "definition",
    [
        task(),
        task(Resource="arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:${Name}"),
        task(Resource="arn:aws:states:us-east-1:123456789012:activity:${Name}"),
        task(Resource=SNS, Parameters={"TopicArn": "${Topic}", "Message": "m"}),
        task(Resource="arn:aws:states:::${Service}:publish"),
        task(TimeoutSeconds="${T}", HeartbeatSeconds="${H}"),
        task(Parameters={"a.$": "$.${Field}", "b.$": "States.Format('{}', ${X})", "${K}.$": "$.x"}),
        task(ResultPath="$.${R}", InputPath="${P}", OutputPath="x${P}"),
        task(Retry=[{"ErrorEquals": ["${E}"], "MaxAttempts": "${N}", "BackoffRate": "${B}"}]),
        task(Catch=[{"ErrorEquals": ["${E}"], "Next": "${Handler}"}]),
        task(Next="${After}"),
        task(Credentials={"RoleArn": "${Role}"}),
        task(Assign={"${V}": 1, "ok.$": "$.x"}),
        task(Type="${Type}"),
        task(Retry="${Retry}", Parameters="${Parameters}"),
        machine({"Type": "Wait", "Seconds": "${W}", "Next": "B"}),
        machine({"Type": "Wait", "Timestamp": "${W}", "Next": "B"}),
        machine({"Type": "Pass", "Next": "B"}, StartAt="${First}"),
        machine({"Type": "Pass", "Next": "B"}, QueryLanguage="${Language}"),
        query({"Type": "Pass", "Output": "{% ${X} %}", "Next": "B"}),
        query({"Type": "Pass", "Output": "{% $x + '${Y}' %}", "Assign": {"${V}": 1}, "Next": "B"}),
        machine(
            {"Type": "Choice", "Choices": [{"Variable": "$.${V}", "NumericEquals": "${N}", "Next": "B"}]}
        ),
        machine({"Type": "Choice", "Choices": ["${Rule}"], "Default": "B"}),
        {
            "StartAt": "${S}",
            "States": {"${S}": {"Type": "Pass", "Next": "${T}"}, "${T}": {"Type": "Succeed"}},
        },
        {"StartAt": "A", "States": {"${S}": {"Type": "Succeed"}}},
        {"StartAt": "A", "States": {"A": "${State}"}},
        {"StartAt": "A", "States": "${States}"},
        {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": "${End}"}}},
        {"StartAt": "A", "${Key}": 1, "States": {"A": {"Type": "Pass", "${K}": "x"}}},
    ],
)
def test_nothing_is_said_about_a_placeholder(definition: dict[str, Any]) -> None:
    assert messages(definition) == []
    assert messages(json.dumps(definition)) == []


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (
            task(Resource=SNS, Parameters={"Message": "m", "Topic": "x"}),
            'The field "Topic" is not supported by Step Functions',
        ),
        (task(Resource=f"{SNS}h"), "The resource provided arn:aws:states:::sns:publishh is not recognized."),
        (task(Resource=SNS), "Parameters field is required for resource ARN"),
        (task(Catch=[{"ErrorEquals": ["${E}"], "Next": "C"}]), "Missing 'Next' target: C"),
        (task(Retry=[{"ErrorEquals": ["${E}"], "MaxAttempts": -1}]), "Minimum value is 0"),
        (task(TimeoutSeconds="${T}", HeartbeatSeconds=0), "Minimum value is 1"),
        (task(Wrong="${T}"), "Field 'Wrong' is not supported"),
        (
            {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A", "Comment": "${C}"}}},
            "Workflow has no terminal state",
        ),
        (
            task(Parameters={"a.$": "$.x", "b.$": "$[", "c": "${C}"}),
            "The value for the field 'b.$' must be a valid JSONPath",
        ),
    ],
)
def test_what_is_wrong_whatever_placeholders_stand_for_is_found(
    definition: dict[str, Any], message: str
) -> None:
    assert [each[: len(message)] for each in messages(definition)] == [message]


def test_a_state_in_another_language_is_wrong_in_every_language() -> None:
    state = {"Type": "Pass", "Output": "x", "Parameters": {}, "Next": "B"}

    assert messages(machine({**state, "QueryLanguage": "${L}"})) == []
    assert len(messages(machine(state))) == 1


def test_values_are_checked_where_they_stand() -> None:
    definition = json.dumps(task(Resource="${F}", TimeoutSeconds="${T}"), indent=1)

    found, used = check_unfilled(definition, substitutions={"F": "f", "T": "0"})

    assert sorted((each.pointer, each.line) for each in found) == [
        ("/States/A/Resource", 6),
        ("/States/A/TimeoutSeconds", 8),
    ]
    assert used == {"F", "T"}


def test_values_that_make_a_definition_too_large_are_a_finding() -> None:
    found, _ = check_unfilled(task(Comment="${V}" * 100), substitutions={"V": "x" * 100_000})

    assert [each.rule for each in found] == ["definition-size"]


def test_a_definition_with_placeholders_becomes_a_model() -> None:
    found = parse_unfilled(
        task(TimeoutSeconds="${T}", Comment="${C}", Parameters={"a": "${P}"}), substitutions={"P": "p"}
    )

    assert {each.name for each in found.open} == {"Function.Arn", "T"}
    assert found.used == {"P"}
    assert list(found.machine.states) == ["A", "B"]


@pytest.mark.parametrize(
    ("definition", "name", "place"),
    [
        (task(Type="${X}"), "X", "/States/A/Type"),
        (task(Next="${X}"), "X", "/States/A/Next"),
        (task(Catch=[{"ErrorEquals": ["E"], "Next": "${X}"}]), "X", "/States/A/Catch[0]/Next"),
        (task(Retry="${X}"), "X", "/States/A/Retry"),
        (task(Catch=["${X}"]), "X", "/States/A/Catch"),
        ({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": "${X}"}}}, "X", "/States/A/End"),
        (machine({"Type": "Pass", "${X}": 1, "Next": "B"}), "X", "/States/A/${X}"),
        (machine({"Type": "Pass", "Next": "B"}, StartAt="${X}"), "X", "/StartAt"),
        (machine({"Type": "Pass", "Next": "B"}, QueryLanguage="${X}"), "X", "/QueryLanguage"),
        (machine({"Type": "Choice", "Choices": ["${X}"], "Default": "B"}), "X", "/States/A/Choices"),
        (machine({"Type": "Choice", "Choices": [{"Not": "${X}", "Next": "B"}]}), "X", "/States/A/Choices[0]/Not"),
        ({"StartAt": "A", "States": {"A": "${X}"}}, "X", "/States"),
    ],
)  # fmt: skip
def test_a_placeholder_that_gives_the_definition_its_shape_needs_a_value(
    definition: dict[str, Any], name: str, place: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_unfilled(definition)

    assert str(refused.value) == (
        f"${{{name}}} at {place} has no value, and without one the definition has no shape: "
        f"write --substitute {name}=..., or load(..., substitutions={{'{name}': ...}})"
    )


def test_what_is_wrong_in_any_case_is_refused() -> None:
    with pytest.raises(InvalidDefinition, match="Missing 'Next' target: C"):
        parse_unfilled(task(Next="C"))


def valid_definitions() -> Iterator[tuple[dict[str, Any], Any]]:
    index = json.loads((SHARED / "corpus" / "index.json").read_text())
    for entry in index["entries"]:
        if entry["verdict"] == "valid":
            yield entry, json.loads((SHARED / "corpus" / entry["file"]).read_text())


def put(definition: Any, pointer: str, value: Any) -> bool:
    """Put a value where an entry says; some pointers of the corpus are ambiguous."""
    *steps, last = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    found: Any = definition
    for step in steps:
        key: Any = int(step) if isinstance(found, list) else step
        if isinstance(found, dict) and key not in found:
            return False
        found = found[key]
    found[int(last) if isinstance(found, list) else last] = value
    return True


@needs_shared
@pytest.mark.slow
def test_published_definitions_with_their_placeholders_have_no_more_findings() -> None:
    seen = 0
    for entry, definition in valid_definitions():
        options: Any = {"type": entry.get("machine_type") or "STANDARD", "services": service_model}
        raw = deepcopy(definition)
        holes = [each for each in entry.get("placeholders", ()) if "${" in str(each["was"])]
        seen += bool([put(raw, hole["at"], hole["was"]) for hole in holes])

        filled = {(each.message, each.pointer) for each in check(definition, **options)}
        unfilled = {(each.message, each.pointer) for each in check_unfilled(raw, **options)[0]}

        assert unfilled <= filled, entry["id"]
    assert seen > 100


@needs_shared
@pytest.mark.slow
def test_a_placeholder_anywhere_in_a_valid_definition_makes_no_finding() -> None:
    chance = Random(20)
    for entry, definition in valid_definitions():
        options: Any = {"type": entry.get("machine_type") or "STANDARD", "services": service_model}
        places = list(_places(definition))
        known = {each.message for each in check(definition, **options)}
        for place, is_name in chance.sample(places, min(2, len(places))):
            with_one = _with_placeholder(definition, place, is_name=is_name)

            found = [each.message for each in check_unfilled(with_one, **options)[0]]

            assert set(found) <= known, (entry["id"], place)


def _places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], bool]]:
    """Give the places of all values inside a value, and of the names of fields."""
    if place:
        yield place, False
    for step, item in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        if isinstance(value, dict):
            yield (*place, step), True
        yield from _places(item, (*place, step))


def _with_placeholder(definition: Any, place: tuple[Any, ...], *, is_name: bool) -> Any:
    changed = deepcopy(definition)
    around = changed
    for step in place[:-1]:
        around = around[step]
    if is_name:
        members = list(around.items())
        around.clear()
        around.update({"${Name}" if key == place[-1] else key: item for key, item in members})
    else:
        around[place[-1]] = "a${Text}b"
    return changed
