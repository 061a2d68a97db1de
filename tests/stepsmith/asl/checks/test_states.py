"""One mistake for each rule, and the exact words and place of its finding."""

from typing import Any

import pytest

from stepsmith.asl import check
from tests.stepsmith.asl.machines import DISTRIBUTED, FUNCTION, map_state, one_state, task

SCHEMA = "SCHEMA_VALIDATION_FAILED: "
ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:work"
WAIT_PASS = {"Type": "Pass", "End": True}


def errors(definition: Any, **options: Any) -> list[str]:
    return [str(finding) for finding in check(definition, **options) if finding.severity == "ERROR"]


def rules(definition: Any, **options: Any) -> set[str]:
    return {finding.rule for finding in check(definition, **options) if finding.severity == "ERROR"}


@pytest.mark.parametrize(
    ("definition", "rule", "text"),
    [
        ({**one_state(WAIT_PASS), "a": 1}, "unknown-field", "Field 'a' is not supported at /"),
        (
            one_state(WAIT_PASS, Version="2.0"),
            "bad-version",
            "Value should be one of the following: [1.0] at /Version",
        ),
        (
            one_state(WAIT_PASS, QueryLanguage="jsonata"),
            "bad-query-language",
            "Value should be one of the following: [JSONPath, JSONata] at /QueryLanguage",
        ),
        (
            one_state(WAIT_PASS, QueryLanguage=5),
            "bad-query-language",
            "Expected value of type [STRING] at /QueryLanguage",
        ),
        (one_state(WAIT_PASS, Comment=1), "field-type", "Expected value of type [STRING] at /Comment"),
        (
            one_state(WAIT_PASS, TimeoutSeconds=1.2),
            "number-type",
            "Expected value of type Integer at /TimeoutSeconds",
        ),
        (
            one_state(WAIT_PASS, TimeoutSeconds=-1),
            "number-range",
            "Minimum value is 0 at /TimeoutSeconds",
        ),
        ({"StartAt": "A", "States": []}, "states-shape", "Expected value of type [OBJECT] at /States"),
        (
            {"StartAt": "A", "States": {"A": "Pass"}},
            "states-shape",
            "Expected value of type [OBJECT] at /States/A",
        ),
        (
            {"States": {"A": {"Type": "Succeed"}}},
            "missing-start-at",
            "These fields are required: [StartAt] at /",
        ),
        ({"StartAt": "A"}, "missing-states", "These fields are required: [States] at /"),
        (
            one_state({"Type": "pass"}),
            "state-type",
            "The field 'Type' should have one of these values: "
            "[Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map] at /States/A/Type",
        ),
        (
            one_state({"Type": "Fail", "Assign": {}}),
            "field-not-supported",
            "Field 'Assign' is not supported at /States/A",
        ),
        (
            one_state({"Type": "Succeed", "End": True}),
            "field-not-supported",
            "Field 'End' is not supported at /States/A",
        ),
        (
            one_state({"Type": "Task", "End": True}),
            "required-field",
            "These fields are required: [Resource] at /States/A",
        ),
        (
            one_state({"Type": "Pass", "Next": "Z", "End": True}),
            "next-xor-end",
            "There should only be one of the following fields: [Next, End] at /States/A",
        ),
        (
            one_state({"Type": "Wait", "End": True}),
            "wait-one-of",
            "This object should have only one of the following fields: "
            "[SecondsPath, Seconds, TimestampPath, Timestamp] at /States/A",
        ),
        (
            one_state(task(TimeoutSeconds=5, TimeoutSecondsPath="$.t")),
            "exclusive-fields",
            "There should only be one of the following fields: [TimeoutSeconds, TimeoutSecondsPath] at /States/A",
        ),
        (
            one_state(task(TimeoutSeconds=0)),
            "number-range",
            "Minimum value is 1 at /States/A/TimeoutSeconds",
        ),
        (
            one_state({"Type": "Wait", "Seconds": 10**8, "End": True}),
            "number-range",
            "Maximum value is 99999999 at /States/A/Seconds",
        ),
        (
            one_state({"Type": "Wait", "Seconds": True, "End": True}),
            "number-type",
            "Expected value of type Integer at /States/A/Seconds",
        ),
        (
            one_state({"Type": "Wait", "Timestamp": "2030-13-01T00:00:00Z", "End": True}),
            "timestamp",
            "String does not match RFC3339 timestamp at /States/A/Timestamp",
        ),
        (
            one_state({"Type": "Pass", "InputPath": "a", "End": True}),
            "path-syntax",
            "Value must be a valid JSONPath. at /States/A/InputPath",
        ),
        (
            one_state({"Type": "Pass", "ResultPath": "$.a[*]", "End": True}),
            "result-path",
            "Value is not a Reference Path at /States/A/ResultPath",
        ),
        (
            one_state({"Type": "Wait", "SecondsPath": "$.a[*]", "End": True}),
            "path-syntax",
            "Value is not a Reference Path at /States/A/SecondsPath",
        ),
        (
            one_state({"Type": "Fail", "CausePath": "States.MathAdd(1, 2)"}),
            "fail-path",
            "Value must be a valid JSONPath or a valid intrinsic function call at /States/A/CausePath",
        ),
        (
            one_state({"Type": "Pass", "Parameters": {"a": {"b.$": "hello"}}, "End": True}),
            "intrinsic-syntax",
            "The value for the field 'b.$' must be a valid JSONPath or a valid intrinsic function call "
            "at /States/A/Parameters/a",
        ),
        (
            one_state({"Type": "Pass", "Parameters": {"a.$": None}, "End": True}),
            "payload-path",
            "The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call "
            "at /States/A/Parameters",
        ),
        (
            one_state({"Type": "Pass", "Parameters": {"a.$": "$", "a": 1}, "End": True}),
            "payload-duplicate-key",
            "The fields 'a' and 'a.$' cannot both be given at /States/A/Parameters",
        ),
        (
            one_state({"Type": "Pass", "Output": 1, "End": True}),
            "wrong-language-field",
            "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' "
            "QueryLanguage at /States/A",
        ),
        (
            one_state({"Type": "Pass", "Result": 1, "End": True}, QueryLanguage="JSONata"),
            "wrong-language-field",
            "The QueryLanguage is set to 'JSONata', but field 'Result' is only supported for the 'JSONPath' "
            "QueryLanguage at /States/A",
        ),
        (
            one_state({"Type": "Pass", "QueryLanguage": "JSONPath", "End": True}, QueryLanguage="JSONata"),
            "query-language-downgrade",
            "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at /States/A",
        ),
        (
            one_state(map_state({"QueryLanguage": "JSONata"})),
            "unknown-field",
            "Field 'QueryLanguage' is not supported at /States/A/ItemProcessor",
        ),
        (
            one_state({"Type": "Parallel", "Branches": [], "End": True}),
            "branches",
            "Value cannot be empty at /States/A/Branches",
        ),
        (
            one_state({"Type": "Parallel", "Branches": [[]], "End": True}),
            "branches",
            "Expected value of type [OBJECT] at /States/A/Branches[0]",
        ),
        (
            one_state({"Type": "Parallel", "End": True}),
            "branches",
            "These fields are required: [Branches] at /States/A",
        ),
        (
            one_state({"Type": "Map", "End": True}),
            "map-processor",
            "These fields are required: [ItemProcessor] at /States/A",
        ),
    ],
)
def test_a_mistake_in_a_state_is_named_in_aws_words_at_its_place(
    definition: Any, rule: str, text: str
) -> None:
    assert errors(definition) == [SCHEMA + text]
    assert rules(definition) == {rule}


def test_a_state_without_a_successor_does_not_end_the_machine() -> None:
    assert errors({"StartAt": "A", "States": {"A": {"Type": "Pass"}}}) == [
        f"{SCHEMA}This object should have only one of the following fields: [Next, End] at /States/A",
        "MISSING_END_STATE: Workflow has no terminal state at null",
    ]


@pytest.mark.parametrize(
    ("fields", "texts"),
    [
        ({"InputType": "CSV"}, ["The field 'CSVHeaderLocation' is required"]),
        ({"InputType": "CSV", "CSVHeaderLocation": "GIVEN"}, ["The field 'CSVHeaders' is required"]),
        (
            {"InputType": "JSONL", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["id"]},
            ["Field 'CSVHeaderLocation' is not supported", "Field 'CSVHeaders' is not supported"],
        ),
        ({"InputType": "JSON", "ManifestType": "ATHENA_DATA"}, ["Field 'ManifestType' is not supported"]),
    ],
)
def test_what_a_kind_of_file_needs_and_lacks_is_said_in_aws_words(fields: Any, texts: list[str]) -> None:
    reader = {**READER, "ReaderConfig": fields}

    assert errors(one_state(map_state(DISTRIBUTED, ItemReader=reader))) == [
        f"{SCHEMA}{text} at /States/A/ItemReader/ReaderConfig" for text in texts
    ]


@pytest.mark.parametrize("length", [0, 81])
def test_the_name_of_a_state_has_1_to_80_characters(length: int) -> None:
    name = "x" * length
    found = check({"StartAt": name, "States": {name: {"Type": "Succeed"}}})

    assert [(finding.code, finding.rule) for finding in found] == [("INVALID_STATE_NAME", "state-name")]
    assert errors({"StartAt": "x" * 80, "States": {"x" * 80: {"Type": "Succeed"}}}) == []


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Pass", "End": False, "Next": "Z"},
        {"Type": "Wait", "Seconds": 0, "End": True},
        {"Type": "Wait", "Timestamp": "2030-01-01T00:00:00.123456789+02:00", "End": True},
        {
            "Type": "Pass",
            "InputPath": None,
            "OutputPath": None,
            "ResultPath": None,
            "Parameters": "x",
            "End": True,
        },
        {"Type": "Pass", "Assign": {"a.$": "$.b"}, "End": True},
        {"Type": "Fail", "ErrorPath": "$$.State.Name", "CausePath": "States.Format('{}', $.a)"},
        {"Type": "Fail"},
        {"Type": "Pass", "QueryLanguage": "JSONata", "Output": None, "End": True},
        task(Retry=[], Catch=[]),
        task(Retry=[{"ErrorEquals": ["A"], "IntervalSeconds": 0, "MaxAttempts": 0, "BackoffRate": 1}]),
        task(HeartbeatSecondsPath="$h", TimeoutSecondsPath="$$.a.b"),
        map_state(MaxConcurrency=0, ToleratedFailurePercentage=12.5),
        map_state(DISTRIBUTED, ItemsPath="$$.Execution.Input.items", Label="a-b_c"),
    ],
)
def test_what_aws_accepts_has_no_error(state: Any) -> None:
    assert errors(one_state(state)) == []


@pytest.mark.parametrize(
    ("resource", "place", "text"),
    [
        (ACTIVITY, "Resource", "Express state machine does not support Activity ARN"),
        (
            "arn:aws:states:::states:startExecution.sync:2",
            "Resource",
            "Express state machine does not support '.sync' service integration",
        ),
        (
            "arn:aws:states:::states:startExecution.waitForTaskToken",
            "Resource",
            "Express state machine does not support '.waitForTaskToken' service integration ",
        ),
    ],
)
def test_express_machines_answer_at_once(resource: str, place: str, text: str) -> None:
    state = {"Type": "Task", "Resource": resource, "Parameters": {"StateMachineArn": "x"}, "End": True}
    express = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
        "StartAt": "I",
        "States": {"I": state},
    }

    assert errors(one_state(state)) == []
    assert errors(one_state(state), type="EXPRESS") == [f"{SCHEMA}{text} at /States/A/{place}"]
    assert errors(one_state(map_state(express))) == [
        f"{SCHEMA}{text} at /States/A/ItemProcessor/States/I/{place}"
    ]


def test_express_machines_have_no_distributed_map() -> None:
    assert rules(one_state(map_state(DISTRIBUTED)), type="EXPRESS") == {"express"}


@pytest.mark.parametrize(
    ("fields", "rule", "text"),
    [
        (
            {"Resource": "arn:aws:states:::dynamodb:query", "Parameters": {}},
            "resource",
            "The resource provided arn:aws:states:::dynamodb:query is not recognized. The value is not a valid "
            "resource ARN, or the resource is not available in this region. at /States/A/Resource",
        ),
        (
            {"Resource": "arn:aws:states:::lambda:invoke.sync", "Parameters": {"FunctionName": "f"}},
            "integration-pattern",
            "The resource provided arn:aws:states:::lambda:invoke.sync is not recognized. The value is not a valid "
            "resource ARN, or the resource is not available in this region. at /States/A/Resource",
        ),
        (
            {"Resource": "arn:aws:states:::dynamodb:putItem"},
            "integration-arguments",
            "Parameters field is required for resource ARN: arn:aws:states:::dynamodb:putItem at /States/A",
        ),
        (
            {"Resource": "arn:aws:states:::dynamodb:putItem", "Parameters": {"TableName.$": "$.t"}},
            "integration-arguments",
            "The field 'Item' is required but was missing at /States/A/Parameters",
        ),
        (
            {"Resource": "arn:aws:states:::aws-sdk:s3:listBuckets"},
            "integration-arguments",
            "Parameters field is required for resource ARN: arn:aws:states:::aws-sdk:s3:listBuckets at /States/A",
        ),
        (
            {"Resource": FUNCTION, "Credentials": {}},
            "credentials",
            "The field 'RoleArn' is required but was missing at /States/A/Credentials",
        ),
        (
            {"Resource": FUNCTION, "Credentials": {"RoleArn": 5}},
            "credentials",
            "Expected value of type [STRING] at /States/A/Credentials/RoleArn",
        ),
        (
            {"Resource": ACTIVITY, "Credentials": {"RoleArn": "arn:aws:iam::123456789012:role/r"}},
            "credentials",
            "The field 'Credentials' is not supported for activities at /States/A/Credentials",
        ),
        ({"Resource": None}, "resource", "Expected value of type [STRING] at /States/A/Resource"),
    ],
)
def test_a_task_needs_a_resource_and_what_belongs_to_it(fields: Any, rule: str, text: str) -> None:
    definition = one_state({"Type": "Task", "End": True, **fields})

    assert errors(definition) == [SCHEMA + text]
    assert rules(definition) == {rule}


def test_arguments_that_are_an_expression_may_hold_anything() -> None:
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Arguments": "{% $states.input %}",
        "End": True,
    }

    assert errors(one_state(state, QueryLanguage="JSONata")) == []


def test_a_role_may_come_from_a_path() -> None:
    assert errors(one_state(task(Credentials={"RoleArn.$": "$.role"}))) == []


@pytest.mark.parametrize(
    ("fields", "rule", "text"),
    [
        ({"Retry": {}}, "retry-catch-shape", "Expected value of type [ARRAY] at /States/A/Retry"),
        ({"Retry": [{}]}, "error-equals", "These fields are required: [ErrorEquals] at /States/A/Retry[0]"),
        (
            {"Retry": [{"ErrorEquals": []}]},
            "error-equals",
            "Value cannot be empty at /States/A/Retry[0]/ErrorEquals",
        ),
        (
            {"Retry": [{"ErrorEquals": "E"}]},
            "error-equals",
            "Expected value of type [ARRAY] at /States/A/Retry[0]/ErrorEquals",
        ),
        (
            {"Retry": [{"ErrorEquals": [1]}]},
            "error-equals",
            "Expected value of type [STRING] at /States/A/Retry[0]/ErrorEquals[0]",
        ),
        (
            {"Retry": [{"ErrorEquals": ["E"], "Next": "A"}]},
            "retry-catch-shape",
            "Field 'Next' is not supported at /States/A/Retry[0]",
        ),
        (
            {"Retry": [{"ErrorEquals": ["E"], "JitterStrategy": "full"}]},
            "jitter-strategy",
            "Value should be one of the following: [NONE, FULL] at /States/A/Retry[0]/JitterStrategy",
        ),
        (
            {"Retry": [{"ErrorEquals": ["E"], "BackoffRate": 0.5}]},
            "number-range",
            "Minimum value is 1.0 at /States/A/Retry[0]/BackoffRate",
        ),
        (
            {"Retry": [{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["E"]}]},
            "states-all-last",
            "States.ALL must appear alone and at end of list at /States/A/Retry[0]",
        ),
        (
            {"Retry": [{"ErrorEquals": ["E", "States.ALL"]}]},
            "states-all-last",
            "States.ALL must appear alone and at end of list at /States/A/Retry[0]",
        ),
        (
            {"Catch": [{"ErrorEquals": ["E"]}]},
            "catch-next",
            "These fields are required: [Next] at /States/A/Catch[0]",
        ),
    ],
)
def test_a_mistake_in_retry_or_catch_is_named_at_its_place(fields: Any, rule: str, text: str) -> None:
    definition = one_state(task(**fields))

    assert errors(definition) == [SCHEMA + text]
    assert rules(definition) == {rule}


READER = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}}


@pytest.mark.parametrize(
    ("processor", "fields", "rule"),
    [
        (DISTRIBUTED, {"Label": "a b"}, "map-label"),
        (DISTRIBUTED, {"Label": ""}, "map-label"),
        (DISTRIBUTED, {"Label": "x" * 41}, "map-label"),
        (DISTRIBUTED, {"Label": "a\u009fb"}, "map-label"),
        ({"ProcessorConfig": {"Mode": "DISTRIBUTED"}}, {}, "processor-config"),
        ({"ProcessorConfig": {"Mode": "INLINE", "ExecutionType": "STANDARD"}}, {}, "processor-config"),
        ({"ProcessorConfig": {"Mode": "FAST"}}, {}, "processor-config"),
        ({"ProcessorConfig": {"Threads": 1}}, {}, "processor-config"),
        (DISTRIBUTED, {"ItemReader": {"Parameters": {}}}, "item-reader"),
        (DISTRIBUTED, {"ItemReader": {**READER, "Resource": "arn:aws:states:::s3:getTable"}}, "item-reader"),
        (DISTRIBUTED, {"ItemReader": {**READER, "ReaderConfig": {"InputType": "XML"}}}, "item-reader"),
        (DISTRIBUTED, {"ItemReader": {**READER, "ReaderConfig": {"InputType": "CSV"}}}, "item-reader"),
        (
            DISTRIBUTED,
            {"ItemReader": {**READER, "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "GIVEN"}}},
            "item-reader",
        ),
        (
            DISTRIBUTED,
            {
                "ItemReader": {
                    **READER,
                    "ReaderConfig": {"InputType": "JSON", "CSVHeaderLocation": "FIRST_ROW"},
                }
            },
            "item-reader",
        ),
        (
            DISTRIBUTED,
            {"ItemReader": {**READER, "ReaderConfig": {"InputType": "JSON", "ManifestType": "ATHENA_DATA"}}},
            "item-reader",
        ),
        (
            DISTRIBUTED,
            {"ItemReader": {**READER, "ReaderConfig": {"InputType": "JSON", "ManifestType": "S3_INVENTORY"}}},
            "item-reader",
        ),
        (
            DISTRIBUTED,
            {"ItemReader": {**READER, "ReaderConfig": {"InputType": "JSON", "ItemsPointer": "a/b"}}},
            "item-reader",
        ),
        (
            DISTRIBUTED,
            {"ItemReader": {**READER, "ReaderConfig": {"InputType": "CSV", "ManifestType": "S3_INVENTORY"}}},
            "item-reader",
        ),
        (
            DISTRIBUTED,
            {
                "ItemReader": {
                    **READER,
                    "ReaderConfig": {"InputType": "PARQUET", "ManifestType": "S3_INVENTORY"},
                }
            },
            "item-reader",
        ),
        (DISTRIBUTED, {"MaxConcurrencyPath": "$$.Execution.Input.n"}, "path-syntax"),
        (
            DISTRIBUTED,
            {"ItemReader": {**READER, "ReaderConfig": {"Transformation": "LOAD_AND_FLATTEN"}}},
            "item-reader",
        ),
        (DISTRIBUTED, {"ItemReader": {**READER, "ReaderConfig": {"MaxItems": -1}}}, "number-range"),
        (
            DISTRIBUTED,
            {"ItemReader": {**READER, "ReaderConfig": {"MaxItems": 1, "MaxItemsPath": "$.n"}}},
            "exclusive-fields",
        ),
        (DISTRIBUTED, {"ItemBatcher": {"MaxItemsPerBatch": 0}}, "number-range"),
        (DISTRIBUTED, {"ItemBatcher": {"MaxInputBytesPerBatch": 262_145}}, "number-range"),
        (DISTRIBUTED, {"ItemBatcher": {"Size": 1}}, "item-batcher"),
        (DISTRIBUTED, {"ResultWriter": {}}, "result-writer"),
        (
            DISTRIBUTED,
            {"ResultWriter": {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {}}},
            "result-writer",
        ),
        (DISTRIBUTED, {"ResultWriter": {"WriterConfig": {"Transformation": "ZIP"}}}, "result-writer"),
        (DISTRIBUTED, {"ResultWriter": {"WriterConfig": {"OutputType": "CSV"}}}, "result-writer"),
        ({}, {"Parameters": {}, "ItemSelector": {}}, "exclusive-fields"),
        ({}, {"MaxConcurrency": -1}, "number-range"),
        ({}, {"ToleratedFailurePercentage": 100.5}, "number-range"),
        ({}, {"ItemsPath": None}, "path-syntax"),
    ],
)
def test_a_mistake_in_a_map_is_found(processor: Any, fields: Any, rule: str) -> None:
    assert rules(one_state(map_state(processor, **fields))) == {rule}


@pytest.mark.parametrize(
    "config",
    [
        {"InputType": "JSONL"},
        {"InputType": "MANIFEST"},
        {"ManifestType": "S3_INVENTORY"},
        {"InputType": "CSV", "ManifestType": "ATHENA_DATA"},
        {"InputType": "JSON", "ItemsPointer": ""},
        {"MaxItems": 0},
    ],
)
def test_readers_that_aws_accepts_have_no_error(config: Any) -> None:
    assert errors(one_state(map_state(DISTRIBUTED, ItemReader={**READER, "ReaderConfig": config}))) == []


@pytest.mark.parametrize(
    ("items", "accepted"),
    [
        ([1], True),
        ({"a": 1}, True),
        ("{% $states.input %}", True),
        ("LIST", False),
        (1, False),
        (None, False),
    ],
)
def test_items_are_an_array_an_object_or_an_expression(items: Any, accepted: bool) -> None:
    assert (errors(one_state(map_state(Items=items), QueryLanguage="JSONata")) == []) is accepted
