"""REST APIs in front of other services: what the recordings leave open."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from stepsmith.cloud.gateways.requests import ApiAnswer
from stepsmith.cloud.local import LocalCloud


class Api:
    """A REST API of a cloud with one method."""

    def __init__(self, cloud: LocalCloud, path: str, **integration: Any) -> None:
        self.cloud = cloud
        self.client = cloud.client("apigateway")
        made = self.client.create_rest_api(name="api")
        self.id, parent = made["id"], made["rootResourceId"]
        for part in [part for part in path.split("/") if part]:
            parent = self.client.create_resource(restApiId=self.id, parentId=parent, pathPart=part)["id"]
        self.place = {"restApiId": self.id, "resourceId": parent, "httpMethod": "POST"}
        self.client.put_method(**self.place, authorizationType="NONE")
        self.client.put_integration(**self.place, integrationHttpMethod="POST", **integration)

    def respond(self, status: str = "200", **response: Any) -> Api:
        self.client.put_method_response(**self.place, statusCode=status)
        self.client.put_integration_response(**self.place, statusCode=status, **response)
        return self

    def deployed(self) -> Api:
        self.client.create_deployment(restApiId=self.id, stageName="dev")
        return self

    def post(self, path: str, body: Any = "", **headers: str) -> ApiAnswer:
        url = f"https://{self.id}.execute-api.us-east-1.amazonaws.com/dev{path}"
        text = body if isinstance(body, str) else json.dumps(body)
        return self.cloud.gateways.answer("POST", url, headers, text)


@pytest.fixture(scope="module")
def cloud() -> LocalCloud:
    """Give one cloud to all tests: each makes an API of its own."""
    return LocalCloud()


def function(cloud: LocalCloud, handler: Callable[[Any, Any], Any]) -> str:
    """Make a function; gives what an integration calls it by."""
    arn = cloud.functions.define(f"f-{uuid.uuid4()}", handler)
    return f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"


def test_a_request_starts_an_execution(cloud: LocalCloud) -> None:
    states = cloud.client("stepfunctions")
    machine = states.create_state_machine(
        name="m",
        roleArn="arn:aws:iam::123456789012:role/r",
        definition=json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}),
    )["stateMachineArn"]
    template = '{"input": "$util.escapeJavaScript($input.json(\'$\'))", "stateMachineArn": "' + machine + '"}'
    api = Api(
        cloud,
        "orders",
        type="AWS",
        uri="arn:aws:apigateway:us-east-1:states:action/StartExecution",
        requestTemplates={"application/json": template},
    )

    answer = api.respond().deployed().post("/orders", {"id": 7})
    cloud.settle()

    started = json.loads(answer.body)
    assert (answer.status, set(started)) == (200, {"executionArn", "startDate"})
    ended = states.describe_execution(executionArn=started["executionArn"])
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", {"id": 7})


def test_a_function_answers_with_status_headers_and_body(cloud: LocalCloud) -> None:
    events: list[Any] = []

    def handler(event: Any, context: Any) -> Any:
        events.append(event)
        return {"statusCode": 201, "headers": {"X-A": "b"}, "body": event["pathParameters"]["id"]}

    uri = function(cloud, handler)
    api = Api(cloud, "orders/{id}", type="AWS_PROXY", uri=uri).deployed()

    answer = api.post("/orders/a%20b?q=1", "text", Header="h")

    assert (answer.status, answer.body, answer.headers["X-A"]) == (201, "a b", "b")
    (event,) = events
    assert (event["resource"], event["queryStringParameters"], event["body"]) == (
        "/orders/{id}", {"q": "1"}, "text",
    )  # fmt: skip


@pytest.mark.parametrize("answer", [None, "text", {"statusCode": "no"}, {"body": 7}])
def test_a_function_that_answers_something_else_is_a_bad_gateway(cloud: LocalCloud, answer: Any) -> None:
    uri = function(cloud, lambda event, context: answer)

    found = Api(cloud, "x", type="AWS_PROXY", uri=uri).deployed().post("/x")

    assert (found.status, found.body) == (502, '{"message":"Internal server error"}')


def test_a_refusal_of_the_service_takes_the_response_whose_pattern_fits(cloud: LocalCloud) -> None:
    api = Api(
        cloud, "q", type="AWS", uri="arn:aws:apigateway:us-east-1:sqs:path/123456789012/absent",
        requestTemplates={"application/json": "Action=SendMessage&MessageBody=$input.body"},
    )  # fmt: skip
    api.respond("200", responseTemplates={"application/json": "fine"})
    api.respond(
        "400",
        selectionPattern="4\\d{2}",
        responseTemplates={"application/json": "no: $input.path('$.__type')"},
    )

    answer = api.deployed().post("/q", {"a": 1})

    assert (answer.status, answer.body) == (400, "no: AWS.SimpleQueueService.NonExistentQueue")


def test_a_mock_answers_what_its_template_says(cloud: LocalCloud) -> None:
    api = Api(
        cloud, "m", type="MOCK", requestTemplates={"application/json": '{"statusCode": 404}'},
    )  # fmt: skip
    api.respond("200")
    api.respond(
        "404",
        selectionPattern="404",
        responseTemplates={"application/json": "#set($context.responseOverride.status = 410)gone"},
    )

    assert api.deployed().post("/m").status == 410


def test_a_content_type_without_a_template_passes_or_is_refused(cloud: LocalCloud) -> None:
    api = Api(
        cloud, "m", type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'},
        passthroughBehavior="NEVER",
    ).respond().deployed()  # fmt: skip

    answer = api.post("/m", "x", **{"Content-Type": "text/plain"})

    assert (answer.status, answer.body) == (415, '{"message":"Unsupported Media Type"}')


@pytest.mark.parametrize(
    ("path", "message"),
    [("/absent", "Missing Authentication Token"), ("/../other", "Missing Authentication Token")],
)
def test_a_path_that_leads_nowhere_is_refused(cloud: LocalCloud, path: str, message: str) -> None:
    api = Api(cloud, "m", type="MOCK").deployed()

    assert (api.post(path).status, json.loads(api.post(path).body)) == (403, {"message": message})


def test_a_stage_or_api_that_is_not_there_is_forbidden(cloud: LocalCloud) -> None:
    answer = cloud.gateways.answer("GET", "https://none.execute-api.us-east-1.amazonaws.com/dev/x", {}, "")

    assert (answer.status, answer.body) == (403, '{"message":"Forbidden"}')


def test_a_function_sees_which_rule_has_asked_and_what_cloudfront_adds(cloud: LocalCloud) -> None:
    seen: list[Any] = []
    uri = function(cloud, lambda event, context: seen.append(event))
    api = Api(cloud, "sold", type="AWS_PROXY", uri=uri).deployed()
    events, rest = cloud.client("events"), cloud.caller.arn("execute-api", f"{api.id}/dev/POST/sold")
    events.put_rule(Name="sold", EventPattern='{"source": ["shop"]}')
    events.put_targets(Rule="sold", Targets=[{"Id": "api", "Arn": rest, "Input": "{}", "RetryPolicy": {
        "MaximumRetryAttempts": 0}}])  # fmt: skip
    events.put_events(Entries=[{"Source": "shop", "DetailType": "sold", "Detail": "{}"}])
    cloud.settle()

    (event,) = seen
    assert event["headers"]["X-Amz-Source-Arn"] == cloud.caller.arn("events", "rule/sold")
    assert event["headers"]["CloudFront-Forwarded-Proto"] == "https"
    assert (event["path"], event["headers"]["Host"]) == (
        "/sold/",
        f"{api.id}.execute-api.us-east-1.amazonaws.com",
    )


def test_an_api_of_one_region_is_not_behind_cloudfront(cloud: LocalCloud) -> None:
    seen: list[Any] = []
    uri = function(cloud, lambda event, context: seen.append(event))
    api = Api(cloud, "x", type="AWS_PROXY", uri=uri).deployed()
    change: Any = {"op": "replace", "path": "/endpointConfiguration/types/EDGE", "value": "REGIONAL"}
    api.client.update_rest_api(restApiId=api.id, patchOperations=[change])

    api.post("/x", host="mine")

    assert not any(name.startswith("CloudFront") for name in seen[0]["headers"])
    assert (seen[0]["headers"]["host"], "Host" in seen[0]["headers"]) == ("mine", False)
