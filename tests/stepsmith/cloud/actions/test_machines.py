"""State machines, their versions and their aliases."""

from __future__ import annotations

import json
from collections import Counter

from stepsmith.cloud.actions.constraints import service_model
from stepsmith.cloud.actions.service import ACTIONS
from tests.stepsmith.cloud.actions.services import PASS, ROLE, here, invoke, one


def test_every_action_of_the_api_is_there() -> None:
    assert sorted(ACTIONS) == sorted(service_model().operation_names)


def test_the_same_request_again_gives_the_same_machine_and_another_definition_is_refused() -> None:
    sfn = here()
    arn = sfn.create()
    sfn.advance(10)

    again = sfn.create(tags=[{"key": "other", "value": ""}])
    refused = sfn.refused(
        "CreateStateMachine", name="m", definition=json.dumps(one({"Type": "Succeed"})).replace(', "End": true', ""),
        roleArn=ROLE,
    )  # fmt: skip

    assert again == arn
    assert refused == ("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'")
    assert sfn("ListTagsForResource", resourceArn=arn) == {"tags": []}


def test_running_executions_keep_what_they_were_started_with() -> None:
    sfn = here()
    arn = sfn.create(one({"Type": "Wait", "Seconds": 60}))
    execution = sfn.start(arn, {"a": 1})
    sfn.service.turn()

    sfn("UpdateStateMachine", stateMachineArn=arn, definition=json.dumps(PASS))
    sfn.advance(60)

    used = sfn("DescribeStateMachineForExecution", executionArn=execution)
    assert json.loads(used["definition"]) == one({"Type": "Wait", "Seconds": 60})
    assert sfn.status(execution) == "SUCCEEDED"
    assert json.loads(sfn("DescribeStateMachine", stateMachineArn=arn)["definition"]) == PASS


def test_an_update_that_changes_nothing_keeps_the_revision() -> None:
    sfn = here()
    arn = sfn.create()

    same = sfn("UpdateStateMachine", stateMachineArn=arn, definition=json.dumps(PASS), publish=True)
    other = sfn("UpdateStateMachine", stateMachineArn=arn, roleArn=f"{ROLE}2")
    again = sfn("UpdateStateMachine", stateMachineArn=arn, roleArn=f"{ROLE}2")

    assert "revisionId" not in same
    assert same["stateMachineVersionArn"] == f"{arn}:1"
    assert other["revisionId"] == again["revisionId"]


def test_numbers_of_versions_are_never_used_again() -> None:
    sfn = here()
    arn = sfn.create(publish=True)
    sfn("DeleteStateMachineVersion", stateMachineVersionArn=f"{arn}:1")

    published = sfn("PublishStateMachineVersion", stateMachineArn=arn)

    assert published["stateMachineVersionArn"] == f"{arn}:2"
    assert sfn("PublishStateMachineVersion", stateMachineArn=arn) == published


def test_a_version_of_another_revision_than_asked_for_is_not_published() -> None:
    sfn = here()
    arn = sfn.create()

    refused = sfn.refused("PublishStateMachineVersion", stateMachineArn=arn, revisionId="other")

    assert refused == (
        "ConflictException",
        "Failed to publish the State Machine version for revision other. "
        "The current State Machine revision is INITIAL.",
    )


def test_an_alias_leads_to_its_versions_as_often_as_their_weights_say() -> None:
    sfn = here()
    arn = sfn.create(publish=True)
    sfn("UpdateStateMachine", stateMachineArn=arn, roleArn=f"{ROLE}2", publish=True)
    routing = [
        {"stateMachineVersionArn": f"{arn}:1", "weight": 20}, {"stateMachineVersionArn": f"{arn}:2", "weight": 80}
    ]  # fmt: skip
    alias = sfn("CreateStateMachineAlias", name="live", routingConfiguration=routing)["stateMachineAliasArn"]

    described = [sfn.run(alias) for _ in range(400)]

    chosen = Counter(each["stateMachineVersionArn"] for each in described)
    assert 50 <= chosen[f"{arn}:1"] <= 110
    assert chosen[f"{arn}:1"] + chosen[f"{arn}:2"] == 400
    assert {each["stateMachineAliasArn"] for each in described} == {alias}
    assert {each["stateMachineArn"] for each in described} == {arn}
    of_version = sfn("ListExecutions", stateMachineArn=f"{arn}:1", maxResults=1000)["executions"]
    assert len(of_version) == chosen[f"{arn}:1"]


def test_a_version_that_an_alias_leads_to_is_not_deleted() -> None:
    sfn = here()
    arn = sfn.create(publish=True)
    routing = [{"stateMachineVersionArn": f"{arn}:1", "weight": 100}]
    sfn("CreateStateMachineAlias", name="live", routingConfiguration=routing)

    code, message = sfn.refused("DeleteStateMachineVersion", stateMachineVersionArn=f"{arn}:1")

    assert code == "ConflictException"
    assert message.endswith("Current list of aliases referencing this version: [live]")


def test_a_deleted_machine_is_there_until_its_executions_have_been_stopped() -> None:
    sfn = here()
    arn = sfn.create(one({"Type": "Wait", "Seconds": 60}))
    execution = sfn.start(arn)
    sfn.service.turn()

    sfn("DeleteStateMachine", stateMachineArn=arn)

    assert sfn("DescribeStateMachine", stateMachineArn=arn)["status"] == "DELETING"
    assert sfn.refused("StartExecution", stateMachineArn=arn)[0] == "StateMachineDeleting"
    sfn.service.turn()
    assert sfn.status(execution) == "ABORTED"
    assert sfn.refused("DescribeStateMachine", stateMachineArn=arn)[0] == "StateMachineDoesNotExist"
    assert sfn.create() == arn


def test_names_are_those_of_an_account_in_a_region() -> None:
    sfn = here()
    sfn.create()

    from stepsmith.cloud.services import Caller

    elsewhere = sfn.service.call("ListStateMachines", {}, Caller("us-east-1", "111111111111"))

    assert elsewhere == {"stateMachines": []}
    assert len(sfn("ListStateMachines")["stateMachines"]) == 1


def test_a_definition_that_aws_refuses_is_refused_in_its_words() -> None:
    sfn = here()

    code, message = sfn.refused("CreateStateMachine", name="m", definition="{}", roleArn=ROLE)

    assert code == "InvalidDefinition"
    assert message.startswith(
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required"
    )


def test_a_state_is_tried_alone_and_a_definition_checked_without_a_machine() -> None:
    sfn = here(double=lambda n: n * 2)
    state = {**invoke("double"), "Next": "Then"}

    tried = sfn("TestState", definition=json.dumps(state), roleArn=ROLE, input="21")
    checked = sfn("ValidateStateMachineDefinition", definition="{}")

    assert tried == {"status": "SUCCEEDED", "output": "42", "nextState": "Then"}
    assert checked["result"] == "FAIL"
    assert sfn.refused("TestState", definition=json.dumps(state), input="1") == (
        "ValidationException", "RoleArn must be specified when testing a Task state"
    )  # fmt: skip


def test_a_part_of_a_machine_is_described_by_the_label_of_its_map_and_nothing_else() -> None:
    sfn = here()
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **PASS
    }  # fmt: skip
    arn = sfn.create(one({"Type": "Map", "Label": "L", "ItemProcessor": processor}))

    part = sfn("DescribeStateMachine", stateMachineArn=f"{arn}/L")

    assert (part["label"], json.loads(part["definition"])) == ("L", processor)
    missing = sfn.refused("DescribeStateMachine", stateMachineArn=f"{arn}/none")
    assert missing == ("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}/none'")
    for operation in ("StartExecution", "DeleteStateMachine", "ListExecutions", "PublishStateMachineVersion"):
        refused = sfn.refused(operation, stateMachineArn=f"{arn}/L")
        assert refused == ("ValidationException", "API does not support labeled ARNs")


def test_a_role_that_is_no_arn_of_one_is_refused() -> None:
    sfn = here()
    text = json.dumps(PASS)

    refused = sfn.refused("CreateStateMachine", name="m", definition=text, roleArn="r")

    assert refused == ("InvalidArn", "Invalid Role Arn: 'r'")
    arn = sfn.create()
    assert sfn.refused("UpdateStateMachine", stateMachineArn=arn, roleArn="r") == refused


def test_weights_are_a_hundred_in_all() -> None:
    sfn = here()
    arn = sfn.create(publish=True)
    routing = [{"stateMachineVersionArn": f"{arn}:1", "weight": 99}]

    refused = sfn.refused("CreateStateMachineAlias", name="live", routingConfiguration=routing)

    assert refused == (
        "ValidationException",
        "Sum of routing configuration weights must equal 100. Received: [99]",
    )
