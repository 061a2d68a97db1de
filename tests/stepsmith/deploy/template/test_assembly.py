import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from stepsmith import TaskToken, callback_task, task, workflow
from stepsmith.asl.requests import check_create_request
from stepsmith.deploy.application import Application, logical_name
from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.options import Options, Shift
from stepsmith.deploy.template.assembly import render_template, template_text, workflows_of
from stepsmith.deploy.template.functions import timeout_of
from stepsmith.deploy.template.preflight import check_template
from stepsmith.resources import Bucket, Queue, Stream, Table, Topic, allow
from stepsmith.service import load
from stepsmith.triggers import (
    Event,
    HttpRequest,
    QueueMessage,
    S3Upload,
    Schedule,
    StreamRecord,
    TopicMessage,
)
from tests.stepsmith.deploy.applications import (
    APART,
    PACKAGE,
    PROJECT,
    WORKFLOWS,
    project_template,
    template_of,
    templates_apart,
)
from tests.stepsmith.deploy.template_requests import Evaluator, requests, validation_errors


@task(
    memory=512, storage=1024, architecture="x86_64", environment={"SHOP": "1"}, timeout=timedelta(seconds=7)
)
def weigh(item: str) -> int:
    """Weigh an item."""
    return len(item)


@workflow(triggers=[Schedule(expression="rate(1 hour)", input={"item": "tea"})])
def weighing(item: str) -> int:
    """Weigh by the hour."""
    return weigh(item)


@workflow
def weighing_twice(item: str) -> int:
    """Weigh by way of another workflow."""
    return weighing(item)


def rendered(*workflows: Any, options: Options | None = None) -> dict[str, Any]:
    return render_template(Application(workflows), lambda task: PACKAGE, options)


def of_type(template: dict[str, Any], kind: str) -> dict[str, Any]:
    return {name: each for name, each in template["Resources"].items() if each["Type"] == kind}


def test_a_template_is_the_same_bytes_each_time() -> None:
    names = [each.name for each in PROJECT.chosen]

    assert template_text(template_of(*names)) == template_text(template_of(*reversed(names)))


def test_every_reference_leads_somewhere_and_every_placeholder_is_filled() -> None:
    check_template(project_template())
    for template in templates_apart():
        check_template(template)


def test_more_than_a_stack_takes_is_refused_with_what_can_stand_apart() -> None:
    everything = Application(
        tuple(WORKFLOWS.values()), PROJECT.functions + sum((each.functions for each in APART), ())
    )
    apart = "content_ingest content_refresh; customer_onboarding; .*; media_transform; .*; vending_pass"

    with pytest.raises(
        DeploymentError, match=f"a stack takes 500; give each of these .* of its own, .*: {apart}"
    ):
        render_template(everything, lambda task: PACKAGE)


def test_a_reference_to_nothing_is_found() -> None:
    template = json.loads(template_text(template_of("delayed_vending")))
    del template["Resources"]["VendingVoidPaymentFunction"]

    with pytest.raises(DeploymentError, match="VendingVoidPaymentFunction is not in the template"):
        check_template(template)


def test_the_service_models_accept_every_resource() -> None:
    problems = {
        f"{name} {operation}": errors
        for name, service, operation, arguments in requests(json.loads(template_text(project_template())))
        if (errors := validation_errors(service, operation, arguments))
    }

    assert problems == {}


def test_step_functions_would_take_every_machine() -> None:
    for _, service, operation, arguments in requests(json.loads(template_text(project_template()))):
        if (service, operation) == ("stepfunctions", "CreateStateMachine"):
            check_create_request(arguments)


def test_a_deployed_definition_runs_with_the_functions_it_names() -> None:
    template = json.loads(template_text(template_of("delayed_vending")))
    evaluator = Evaluator(template)
    definition = evaluator.definition("DelayedVendingMachine")
    functions = {
        evaluator.ref(value["Ref"]): WORKFLOWS["delayed_vending"].tasks[key]
        for key, value in template["Resources"]["DelayedVendingMachine"]["Properties"][
            "DefinitionSubstitutions"
        ].items()
        if "Ref" in value
    }

    execution = load(definition).run(
        {"purchase": {"machine_id": "m", "product": "cola", "price_cents": 5}}, tasks=functions
    )

    assert execution.output == {"authorisation": "auth-m-execution", "delivered": True}


def test_a_function_is_what_its_task_asks_for() -> None:
    template = rendered(weighing)
    (function,) = of_type(template, "AWS::Lambda::Function").values()

    properties = function["Properties"]
    assert properties["MemorySize"] == 512
    assert properties["EphemeralStorage"] == {"Size": 1024}
    assert properties["Architectures"] == ["x86_64"]
    assert properties["Timeout"] == 6
    assert properties["Environment"]["Variables"]["SHOP"] == "1"
    assert properties["Environment"]["Variables"]["STEPSMITH_TASK"] == f"{__name__}:weigh"
    assert properties["Code"] == {"S3Bucket": {"Ref": "PackageBucket"}, "S3Key": PACKAGE}


def test_machines_call_the_version_that_was_published_with_them() -> None:
    before = rendered(weighing)
    after = render_template(Application((weighing,)), lambda task: "packages/other.zip")

    old, new = (set(of_type(each, "AWS::Lambda::Version")) for each in (before, after))

    assert old.isdisjoint(new)
    substitutions = after["Resources"]["WeighingMachine"]["Properties"]["DefinitionSubstitutions"]  # type: ignore[index, call-overload]
    assert substitutions["weigh"] == {"Ref": new.pop()}


def test_a_machine_is_logged_without_data_and_traced() -> None:
    properties = rendered(weighing)["Resources"]["WeighingMachine"]["Properties"]

    assert properties["LoggingConfiguration"]["Level"] == "ERROR"
    assert properties["LoggingConfiguration"]["IncludeExecutionData"] is False
    assert properties["TracingConfiguration"] == {"Enabled": True}
    assert {"Key": "stepsmith:workflow", "Value": "weighing"} in properties["Tags"]


def test_a_canary_goes_back_on_alarms() -> None:
    shift = Shift(kind="CANARY", percentage=20, minutes=10, alarms=("too-slow",))

    alias = rendered(weighing, options=Options(shift=shift))["Resources"]["WeighingMachineAlias"]

    assert alias["Properties"]["DeploymentPreference"] == {
        "StateMachineVersionArn": {"Ref": "WeighingMachineVersion"},
        "Type": "CANARY",
        "Percentage": 20,
        "Interval": 10,
        "Alarms": [{"Ref": "WeighingFailedAlarm"}, {"Ref": "WeighingTimedOutAlarm"}, "too-slow"],
    }


def test_a_workflow_that_another_starts_comes_with_it_and_may_be_started() -> None:
    template = rendered(weighing_twice)

    assert workflows_of(template) == ["weighing", "weighing_twice"]
    role = template["Resources"]["WeighingTwiceMachineRole"]
    assert any("states:StartExecution" in line for line in role["Metadata"]["Reasons"])
    check_template(template)


def test_an_upload_starts_image_recognition_and_thumbnails_do_not() -> None:
    template: Any = template_of("image_recognition")
    rule = template["Resources"]["ImageRecognitionUpload1"]

    pattern, (target,) = rule["Properties"]["EventPattern"], rule["Properties"]["Targets"]
    assert pattern["detail"]["object"]["key"] == [{"wildcard": "uploads/*"}, {"wildcard": "*/uploads/*"}]
    expected = (
        '{"bucket": <bucket>, "etag": <etag>, "execution": <execution>, "key": <key>, "version": <version>}'
    )
    assert target["InputTransformer"]["InputTemplate"] == expected
    assert "DeadLetterConfig" in target


def test_a_schedule_brings_its_input_and_keeps_what_it_could_not_start() -> None:
    template = rendered(weighing)

    target = template["Resources"]["WeighingSchedule1"]["Properties"]["Target"]

    assert json.loads(target["Input"]) == {"item": "tea"}
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["WeighingSchedule1DeadLetters", "Arn"]}}


def test_a_trigger_keeps_its_name_and_kind_when_another_goes() -> None:
    hourly = Schedule(expression="rate(1 hour)", input={"item": "tea"})
    uploads = S3Upload(bucket="b", input={"item": "$.detail.object.key"})
    queued = QueueMessage(queue=Queue("teas"), input={"item": "$.body"})

    def names(*triggers: Any) -> set[tuple[str, str]]:
        @workflow(triggers=triggers)
        def steeping(item: str) -> int:
            return weigh(item)

        return {(name, part["Type"]) for name, part in rendered(steeping)["Resources"].items()}

    assert names(hourly, queued) < names(uploads, hourly, queued)
    assert names(queued) < names(hourly, queued)


def test_two_triggers_of_one_name_are_refused() -> None:
    events = [Event(name=name, pattern={}, input={"item": "$.id"}) for name in ("a-b", "a_b")]

    @workflow(triggers=events)
    def steeping(item: str) -> int:
        return weigh(item)

    with pytest.raises(DeploymentError, match="are both called SteepingEventAB"):
        rendered(steeping)


def test_workflows_that_a_template_cannot_tell_apart_are_refused() -> None:
    @workflow
    def tea_time(item: str) -> int:
        return weigh(item)

    @workflow
    def teaTime(item: str) -> int:
        return weigh(item)

    with pytest.raises(DeploymentError, match="would both be called TeaTimeMachine"):
        rendered(tea_time, teaTime)


def test_an_action_that_no_service_has_is_refused_before_anything_is_sent() -> None:
    template = json.loads(template_text(template_of("image_recognition")))
    properties = template["Resources"]["ImageRecognitionMachine"]["Properties"]
    state = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObjekt", "End": True}
    properties["DefinitionString"] = json.dumps({"StartAt": "T", "States": {"T": state}})

    with pytest.raises(DeploymentError, match="getObjekt"):
        check_template(template)


@pytest.mark.parametrize(
    ("trigger", "message"),
    [
        (Schedule(expression="rate(1 hour)"), "item is missing"),
        (Schedule(expression="rate(1 hour)", input={"item": 5}), "item"),
        (S3Upload(bucket="b"), "there is no input 'bucket'"),
        (Event(name="e", pattern={}, input={}), "item is missing"),
    ],
)
def test_a_trigger_whose_input_does_not_fit_is_refused(trigger: Any, message: str) -> None:
    @workflow(triggers=[trigger])
    def weighing_later(item: str) -> int:
        return weigh(item)

    with pytest.raises(DeploymentError, match=message):
        rendered(weighing_later)


def test_what_holds_data_stays_when_the_stack_goes() -> None:
    template: Any = project_template()

    for kind in ("AWS::DynamoDB::Table", "AWS::S3::Bucket"):
        for resource in of_type(template, kind).values():
            assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
            assert resource["UpdateReplacePolicy"] == "Retain"


def test_items_of_a_table_expire_by_the_attribute_that_it_names() -> None:
    resources: Any = project_template()["Resources"]

    expiry = {"AttributeName": "expires_at", "Enabled": True}
    assert resources["CartsTable"]["Properties"]["TimeToLiveSpecification"] == expiry
    assert "TimeToLiveSpecification" not in resources["CheckoutsTable"]["Properties"]


def test_tasks_of_one_name_in_two_modules_are_two_functions() -> None:
    names = [name for name in Application(tuple(WORKFLOWS.values())).tasks if "AuthorisePayment" in name]

    assert names == ["CartPaymentsAuthorisePayment", "VendingAuthorisePayment"]


def test_a_task_that_takes_longer_than_lambda_is_refused() -> None:
    @task(timeout=timedelta(hours=1))
    def brew(item: str) -> int:
        return 1

    @workflow
    def brewing(item: str) -> int:
        return brew(item)

    with pytest.raises(DeploymentError, match="brew may take 3600 s"):
        rendered(brewing)
    assert logical_name(brew).endswith("Brew")


STOCK = Table("stock", stream="NEW_IMAGE")
OTHER_STREAM = "arn:aws:kinesis:eu-west-1:999999999999:stream/of-others"
EVERYTHING = Options(
    shift=Shift(kind="CANARY", alarms=("too-slow",)),
    tags={"team": "tea shop"},
    notify="arn:aws:sns:eu-west-1:123456789012:alarms",
    express=frozenset(["answering"]),
)


@task(policies=[allow("sns:Publish", on=Topic("news")), allow("sqs:SendMessage", on=Queue("parcels"))])
def pack(item: str) -> int:
    """Pack an item."""
    return len(item)


@workflow(
    triggers=[
        Schedule(expression="cron(0 6 * * ? *)", timezone="Europe/Paris", input={"item": "tea"}),
        S3Upload(bucket=Bucket("goods"), input={"item": "$.detail.object.key"}),
        S3Upload(bucket="of-others", input={"item": "$.detail.object.key"}),
        Event(name="bought", pattern={"source": ["shop"]}, input={"item": "$.detail.item"}),
        HttpRequest(path="/parcels"),
        QueueMessage(queue=Queue("orders"), input={"item": "$.body.item"}, batch=50, window=5),
        QueueMessage(queue="arn:aws:sqs:eu-west-1:999999999999:of-others", input={"item": "$.body"}),
        TopicMessage(topic=Topic("news"), input={"item": "$.body.item"}, filter={"body": {"kind": ["new"]}}),
        TopicMessage(topic="arn:aws:sns:eu-west-1:999999999999:of-others", input={"item": "$.body"}),
        StreamRecord(stream=Stream("clicks"), input={"item": "$.data.item"}, start="TRIM_HORIZON"),
        StreamRecord(stream=STOCK, input={"item": "$.dynamodb.Keys.pk.S"}, batch=10, window=5, attempts=3),
        StreamRecord(stream=OTHER_STREAM, input={"item": "$.data"}, filter={"data": {"kind": ["new"]}}),
    ]
)
def packing(item: str) -> int:
    """Pack whatever comes from anywhere."""
    return pack(item)


@workflow(triggers=[HttpRequest(path="/weights/quick")])
def answering(item: str) -> int:
    """Answer a request at once."""
    return weigh(item)


def test_a_request_starts_the_alias_and_has_to_be_signed() -> None:
    found = rendered(packing, answering, options=EVERYTHING)["Resources"]

    route, integration = (
        found["PackingRequestParcels"],
        found["PackingRequestParcelsIntegration"]["Properties"],
    )
    assert route["Properties"]["RouteKey"] == "POST /parcels"
    assert route["Properties"]["AuthorizationType"] == "AWS_IAM"
    assert integration["IntegrationSubtype"] == "StepFunctions-StartExecution"
    assert integration["RequestParameters"] == {
        "StateMachineArn": {"Ref": "PackingMachineAlias"},
        "Input": "$request.body",
    }
    quick = found["AnsweringRequestWeightsQuickIntegration"]["Properties"]
    assert quick["IntegrationSubtype"] == "StepFunctions-StartSyncExecution"


def test_the_service_models_accept_every_trigger() -> None:
    template = rendered(packing, answering, options=EVERYTHING)
    check_template(template)

    for name, service, operation, arguments in requests(json.loads(template_text(template))):
        assert validation_errors(service, operation, arguments) == "", (name, operation)


def test_a_path_is_used_once_and_is_one() -> None:
    @workflow(triggers=[HttpRequest(path="/parcels")])
    def packing_too(item: str) -> int:
        return pack(item)

    with pytest.raises(DeploymentError, match="two triggers or functions answer POST /parcels"):
        rendered(packing, packing_too)
    for path in ("", "/", "parcels", "/a b", "/{proxy+}", "/a//b", "/a/"):
        with pytest.raises(ValueError, match="is no path such as"):
            HttpRequest(path=path)


def test_what_cannot_be_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(DeploymentError, match="kept for 31 days; there are 1, 3, 5, 7"):
        Options(retention=31)
    with pytest.raises(DeploymentError, match="'wieghing' is to be Express, and is none"):
        rendered(weighing, options=Options(express=frozenset(["wieghing"])))


def test_everything_that_can_have_tags_has_them() -> None:
    found = rendered(packing, answering, options=EVERYTHING)["Resources"]

    untagged = {part["Type"] for part in found.values() if "team" not in json.dumps(part.get("Properties"))}

    assert untagged == {
        "AWS::ApiGatewayV2::Integration",
        "AWS::ApiGatewayV2::Route",
        "AWS::CloudWatch::Dashboard",
        "AWS::Lambda::Version",
        "AWS::Logs::MetricFilter",
        "AWS::Logs::QueryDefinition",
        "AWS::S3::BucketPolicy",
        "AWS::SNS::Subscription",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::QueuePolicy",
        "AWS::Scheduler::Schedule",
        "AWS::StepFunctions::StateMachineAlias",
        "AWS::StepFunctions::StateMachineVersion",
    }


@pytest.mark.slow
def test_cfn_lint_finds_nothing_in_any_partition(tmp_path: Path) -> None:
    from tests.stepsmith.deploy.settings.test_choices import options

    everything = rendered(packing, answering, options=EVERYTHING)
    chosen = rendered(packing, answering, options=options())
    paths = [
        tmp_path / f"{name}.json"
        for name in ("project", "everything", "chosen", "media", "content", "images")
    ]
    for path, template in zip(
        paths, (project_template(), everything, chosen, *templates_apart()), strict=True
    ):
        check_template(template)
        path.write_text(template_text(template))

    assert cfn_lint(["eu-west-1"], *paths[1:]) == (0, "")
    assert cfn_lint(
        ["eu-west-1", "us-gov-west-1", "us-gov-east-1", "cn-north-1", "cn-northwest-1"], paths[0]
    ) == (
        0,
        "",
    )


def cfn_lint(regions: list[str], *paths: Path) -> tuple[int, str]:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("cfn-lint")), "--regions", *regions, "--", *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize(("waits", "runs"), [(1, 1), (2, 1), (10, 9), (30, 27), (100, 90), (900, 890)])
def test_a_function_is_stopped_before_its_state_gives_up(waits: int, runs: int) -> None:
    assert timeout_of(weighing.tasks["weigh"].with_options(timeout=timedelta(seconds=waits))) == runs


@pytest.mark.parametrize(("waits", "runs"), [(20, 18), (66, 60), (90_000, 60)])
def test_asking_takes_a_minute_and_never_as_long_as_waiting_for_the_answer(waits: int, runs: int) -> None:
    @callback_task(str, timeout=timedelta(seconds=waits))
    def ask(token: TaskToken) -> None: ...

    assert timeout_of(ask) == runs
