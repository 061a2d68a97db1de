import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.asl import check, parse, parse_state, read_text, render, variable_references
from stepsmith.asl.model import Choice, ChoiceRule, DataTest, Map, Not, Parallel, Pass, Task
from stepsmith.diagnostics import InvalidDefinition
from stepsmith.expressions.types import UNDEFINED, Json
from tests.stepsmith.asl.machines import FUNCTION, map_state, one_state, task


def refusal(definition: Any, **options: Any) -> str:
    with pytest.raises(InvalidDefinition) as refused:
        parse(definition, **options)
    return str(refused.value)


def test_text_bytes_and_json_give_the_same_machine() -> None:
    definition = one_state({"Type": "Pass", "Comment": "ü", "End": True})
    text = json.dumps(definition, ensure_ascii=False)

    assert parse(definition) == parse(text) == parse(text.encode())


def test_fields_become_attributes() -> None:
    machine = parse(
        one_state(
            task(
                Retry=[{"ErrorEquals": ["E"], "MaxAttempts": 2}],
                Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Z", "ResultPath": None}],
                InputPath=None,
                Next="Z",
            )
        )
    )

    state = machine.states["A"]
    assert isinstance(state, Task)
    assert (state.resource, state.input_path, state.output_path) == (FUNCTION, None, UNDEFINED)
    assert state.retry[0].max_attempts == 2
    assert (state.catch[0].next, state.catch[0].result_path) == ("Z", None)


def test_rules_become_a_tree() -> None:
    rule = {
        "Not": {"Variable": "$.a", "NumericEquals": 1, "Comment": "inner"},
        "Next": "Z",
        "Comment": "outer",
    }

    state = parse(one_state({"Type": "Choice", "Choices": [rule]})).states["A"]

    assert isinstance(state, Choice)
    inner = DataTest(variable="$.a", operator="NumericEquals", operand=1, comment="inner")
    assert state.choices == (ChoiceRule(next="Z", rule=Not(rule=inner), comment="outer"),)


def test_the_old_iterator_is_an_item_processor() -> None:
    old = map_state()
    old["Iterator"] = old.pop("ItemProcessor")

    assert parse(one_state(old)) == parse(one_state(map_state()))


def test_branches_and_processors_hold_states() -> None:
    branch = {"StartAt": "B", "States": {"B": {"Type": "Pass", "End": True}}}

    machine = parse(one_state({"Type": "Parallel", "Branches": [branch], "End": True}))

    state = machine.states["A"]
    assert isinstance(state, Parallel)
    assert state.branches[0].states["B"] == Pass(end=True)


def test_values_are_shared_with_the_text_that_was_read() -> None:
    machine = parse(one_state({"Type": "Pass", "Result": {"a": [1]}, "End": True}))

    state = machine.states["A"]
    assert isinstance(state, Pass)
    assert state.result == {"a": [1]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object at null"),
        (" \n", "SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object at null"),
        ("[1, 2]", "SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object at null"),
        ("{}", "SCHEMA_VALIDATION_FAILED: These fields are required: [States, StartAt] at /"),
        (
            "{'StartAt': 1}",
            "INVALID_JSON_DESCRIPTION: Unexpected character (''' (code 39)): was expecting double-quote to start "
            "field name\n at [Source: (String)\"{'StartAt': 1}\"; line: 1, column: 3]",
        ),
    ],
)
def test_a_text_that_is_no_definition_is_refused_as_aws_refuses_it(text: str, message: str) -> None:
    assert refusal(text) == f"Invalid State Machine Definition: '{message}'"


def test_a_repeated_key_is_refused() -> None:
    text = (
        '{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"A":{"Type":"Succeed"},"B":{"Type":"Fail"}}}'
    )

    assert "INVALID_JSON_DESCRIPTION: Duplicate field 'A'" in refusal(text)


def test_deep_nesting_is_refused_and_not_crashed_on() -> None:
    assert "TOO_DEEPLY_NESTED" in refusal("[" * 100_000)


def test_a_definition_over_one_mebibyte_is_refused() -> None:
    text = json.dumps(one_state({"Type": "Succeed"}, Comment="é" * 524_288), ensure_ascii=False)

    assert "The definition has more than 1048576 bytes" in refusal(text)


def test_a_definition_of_one_mebibyte_is_read() -> None:
    definition = one_state({"Type": "Succeed"}, Comment="")
    room = 1_048_576 - len(json.dumps(definition))

    assert parse(json.dumps({**definition, "Comment": "x" * room})).comment == "x" * room


@pytest.mark.parametrize(
    "value", [{1, 2}, {"a": float("nan")}, {"a": object()}, {"StartAt": "\ud800", "States": {}}]
)
def test_python_values_that_are_not_json_are_refused(value: Any) -> None:
    assert refusal(value).startswith("Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION")


def test_every_mistake_is_reported_with_its_place_and_nothing_hides_another() -> None:
    text = json.dumps(
        {
            "StartAt": "A",
            "States": {
                "A": {"Type": "Pas"},
                "B": {"Type": "Wait", "Seconds": -1, "End": True},
                "C": {"Type": "Pass", "Next": "Nowhere"},
            },
        },
        indent=2,
    )

    errors = [(str(finding), finding.line, finding.column) for finding in check(text)]

    assert (
        "SCHEMA_VALIDATION_FAILED: The field 'Type' should have one of these values: "
        "[Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map] at /States/A/Type",
        5,
        7,
    ) in errors
    assert (
        "SCHEMA_VALIDATION_FAILED: Minimum value is 0 at /States/B/Seconds",
        9,
        7,
    ) in errors
    assert ("MISSING_TRANSITION_TARGET: Missing 'Next' target: Nowhere at /States/C/Next", 14, 7) in errors


def test_a_place_that_is_not_in_the_text_is_the_closest_one_around_it() -> None:
    finding = check('{"StartAt": "A",\n "States": {\n  "A": {}}}')[0]

    assert (finding.pointer, finding.line, finding.column) == ("/States/A/Type", 3, 3)


def test_findings_on_json_have_no_line() -> None:
    finding = check({"StartAt": "A", "States": {"A": {}}})[0]

    assert (finding.line, finding.column) == (None, None)


def test_a_model_can_be_checked() -> None:
    machine = parse(one_state({"Type": "Pass", "End": True}))

    assert check(machine) == ()


def test_one_state_is_parsed_without_a_machine_around_it() -> None:
    assert parse_state('{"Type": "Pass", "Next": "Elsewhere"}') == Pass(next="Elsewhere")
    assert parse_state({"Type": "Pass", "Output": 1, "End": True}, query_language="JSONata") == Pass(
        output=1, end=True
    )


def test_the_place_of_a_mistake_in_one_state_is_the_one_that_test_state_gives() -> None:
    with pytest.raises(InvalidDefinition) as refused:
        parse_state('{"Type": "Parallel",\n "Branches": [], "End": true}')

    (finding,) = refused.value.findings
    assert str(finding) == "SCHEMA_VALIDATION_FAILED: Value cannot be empty at /States/StateName/Branches"
    assert (finding.line, finding.column) == (2, 2)


def test_read_text_gives_json() -> None:
    assert read_text(b'{"a": [1, null]}') == {"a": [1, None]}


VALUES: list[Json] = [
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "x",
    "$.a",
    "{% 1 %}",
    "{%",
    [],
    {},
    [None],
    [{}],
    {"a": 1},
    [[]],
]
SEEDS = [
    one_state(task(Retry=[{"ErrorEquals": ["E"]}], Catch=[{"ErrorEquals": ["E"], "Next": "Z"}], Next="Z")),
    one_state({"Type": "Choice", "Choices": [{"And": [{"Variable": "$.a", "IsNull": True}], "Next": "Z"}]}),
    one_state(
        map_state(
            {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}},
            ItemReader={"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"}},
            ItemBatcher={"MaxItemsPerBatch": 1},
            ResultWriter={"WriterConfig": {"OutputType": "JSON"}},
        )
    ),
    one_state(
        {"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "Z"}]}, QueryLanguage="JSONata"
    ),
    one_state(
        {
            "Type": "Parallel",
            "Branches": [{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}],
            "End": True,
        }
    ),
]


def places(value: Json, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [inner for key, item in items for inner in ((*place, key), *places(item, (*place, key)))]


@given(st.sampled_from(SEEDS), st.data())
def test_whatever_stands_anywhere_is_accepted_or_refused_but_never_crashed_on(
    seed: Json, data: st.DataObject
) -> None:
    definition: Any = json.loads(json.dumps(seed))
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(places({**definition, "Comment": ""})))
        parent = definition
        for step in way:
            parent = parent[step]
        if data.draw(st.booleans()):
            parent[last] = json.loads(json.dumps(data.draw(st.sampled_from(VALUES))))
        else:
            parent.pop(last, None) if isinstance(parent, dict) else parent.pop(last)

    errors = [finding for finding in check(json.dumps(definition)) if finding.severity == "ERROR"]

    assert all(finding.line and finding.column and finding.rule for finding in errors)
    if errors:
        assert refusal(definition)
    else:
        machine = parse(definition)
        assert parse(render(machine)) == machine
    assert isinstance(variable_references(definition), dict)


def test_the_processor_of_a_map_is_a_scope() -> None:
    state = parse(one_state(map_state())).states["A"]

    assert isinstance(state, Map)
    assert state.item_processor.states["I"] == Pass(end=True)
