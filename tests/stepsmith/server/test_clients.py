"""Real clients at the server: boto3 for Step Functions and for the services beside it."""

from __future__ import annotations

import io
import json
import socket
import threading
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from stepsmith.cloud.services import Caller
from tests.stepsmith.server.servers import ACCOUNT, REGION, ROLE, Server, serving


def create(client: Any, state: dict[str, Any], **more: Any) -> str:
    definition = json.dumps({"StartAt": "S", "States": {"S": {**state, "End": True}}})
    answer = client.create_state_machine(name=uuid4().hex, definition=definition, roleArn=ROLE, **more)
    return str(answer["stateMachineArn"])


def ended(client: Any, execution: str) -> dict[str, Any]:
    for _ in range(2000):
        found: dict[str, Any] = client.describe_execution(executionArn=execution)
        if found["status"] != "RUNNING":
            return found
        time.sleep(0.005)
    raise AssertionError("it runs and runs")


def invoke(function: str) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}"}


def test_an_execution_is_started_and_described(server: Server) -> None:
    client = server.client()
    machine = create(client, invoke("double"))

    started = client.start_execution(stateMachineArn=machine, input="21", name="n")

    found = ended(client, started["executionArn"])
    assert found["executionArn"] == f"{machine.replace(':stateMachine:', ':execution:')}:n"
    assert (found["output"], found["status"]) == ("42", "SUCCEEDED")
    assert abs(found["startDate"] - datetime.now(UTC)) < timedelta(minutes=1)
    assert found["startDate"] == started["startDate"]
    metadata = started["ResponseMetadata"]
    assert metadata["HTTPHeaders"]["content-type"] == "application/x-amz-json-1.0"
    assert metadata["RequestId"] == metadata["HTTPHeaders"]["x-amzn-requestid"]


def test_what_is_refused_is_boto3s_exception(server: Server) -> None:
    client = server.client()

    with pytest.raises(client.exceptions.StateMachineDoesNotExist) as caught:
        client.start_execution(stateMachineArn=f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:none")

    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_an_express_execution_is_waited_for_at_the_host_with_sync_before_it(server: Server) -> None:
    import botocore.awsrequest

    client = server.client()
    machine = create(client, invoke("double"), type="EXPRESS")

    def to_sync_host(request: botocore.awsrequest.AWSPreparedRequest, **_: object) -> None:
        request.headers["Host"] = f"sync-localhost:{server.port}"

    client.meta.events.register("before-send", to_sync_host)

    answer = client.start_sync_execution(stateMachineArn=machine, input="4")

    assert (answer["status"], answer["output"]) == ("SUCCEEDED", "8")


def test_a_worker_waits_for_its_task_while_others_are_served(server: Server) -> None:
    client = server.client(read_timeout=70)
    activity = client.create_activity(name="work")["activityArn"]
    tasks: list[Any] = []
    worker = threading.Thread(target=lambda: tasks.append(client.get_activity_task(activityArn=activity)))
    worker.start()

    execution = client.start_execution(stateMachineArn=create(client, {"Type": "Task", "Resource": activity}))
    worker.join(10)
    client.send_task_success(taskToken=tasks[0]["taskToken"], output='"done"')

    assert ended(client, execution["executionArn"])["output"] == '"done"'


def test_a_worker_that_has_gone_gets_no_task(server: Server) -> None:
    client, activities = server.client(read_timeout=10), server.cloud.step_functions.runner.activities
    activity = client.create_activity(name="left")["activityArn"]
    polls = server.cloud.step_functions.account(Caller(REGION, ACCOUNT)).pollers
    body = json.dumps({"activityArn": activity}).encode()
    scope = f"Credential={ACCOUNT}/20260101/{REGION}/states/aws4_request"
    head = (
        "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSStepFunctions.GetActivityTask\r\n"
        f"Content-Type: application/x-amz-json-1.0\r\nAuthorization: AWS4-HMAC-SHA256 {scope}, Signature=x\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(head.encode() + body)
        has_come = until(lambda: polls.get(activity) == 1)
    has_gone = until(lambda: polls.get(activity) == 0)

    client.start_execution(stateMachineArn=create(client, {"Type": "Task", "Resource": activity}))
    activities.waiting(activity, at_least=1, timeout_seconds=5)
    task = client.get_activity_task(activityArn=activity)

    assert (has_come, has_gone) == (True, True)
    assert task["input"] == "{}"


def until(is_so: Callable[[], bool]) -> bool:
    """Wait until something is so, at most five seconds."""
    end = time.monotonic() + 5
    while not is_so() and time.monotonic() < end:
        time.sleep(0.005)
    return is_so()


def test_other_services_are_there_too(server: Server) -> None:
    s3, table, queue = server.client("s3"), server.client("dynamodb"), server.client("sqs")
    s3.create_bucket(Bucket="photographs", CreateBucketConfiguration={"LocationConstraint": REGION})
    table.create_table(
        TableName="t", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST",
    )  # fmt: skip
    url = queue.create_queue(QueueName="q")["QueueUrl"]

    s3.put_object(Bucket="photographs", Key="a b/ü.txt", Body=b"\x00hello")
    table.put_item(TableName="t", Item={"id": {"S": "1"}})
    queue.send_message(QueueUrl=url, MessageBody="hi")

    assert s3.get_object(Bucket="photographs", Key="a b/ü.txt")["Body"].read() == b"\x00hello"
    assert table.scan(TableName="t")["Items"] == [{"id": {"S": "1"}}]
    assert queue.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "hi"
    with pytest.raises(queue.exceptions.QueueDoesNotExist):
        queue.get_queue_url(QueueName="none")
    assert server.client("sts").get_caller_identity()["Account"] == ACCOUNT


def test_tasks_use_the_services_of_the_same_server(server: Server) -> None:
    client, queue = server.client(), server.client("sqs")
    url = queue.create_queue(QueueName="from-tasks")["QueueUrl"]
    state = {
        "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": url, "MessageBody.$": "$.text"},
    }  # fmt: skip

    execution = client.start_execution(stateMachineArn=create(client, state), input='{"text": "from a task"}')

    assert ended(client, execution["executionArn"])["status"] == "SUCCEEDED"
    assert queue.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "from a task"


def test_a_bucket_may_be_a_part_of_the_host(server: Server) -> None:
    s3 = server.client("s3")
    s3.create_bucket(Bucket="in-the-host", CreateBucketConfiguration={"LocationConstraint": REGION})
    scope = f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/20260101/{REGION}/s3/aws4_request, SignedHeaders=host"
    head = f"Host: in-the-host.localhost:{server.port}\r\nAuthorization: {scope}\r\nConnection: close"

    server.send(f"PUT /k HTTP/1.1\r\n{head}\r\nContent-Length: 4\r\n\r\nbody".encode())
    configuration = server.send(f"GET /?notification HTTP/1.1\r\n{head}\r\n\r\n".encode())

    assert s3.get_object(Bucket="in-the-host", Key="k")["Body"].read() == b"body"
    assert b"200 OK" in configuration
    assert b"NotificationConfiguration" in configuration


def test_a_rule_starts_an_execution(server: Server) -> None:
    client, events = server.client(), server.client("events")
    machine = create(client, {"Type": "Pass"})
    events.put_rule(Name="orders", EventPattern='{"source": ["shop"]}')
    events.put_targets(Rule="orders", Targets=[{"Id": "1", "Arn": machine, "RoleArn": ROLE}])

    events.put_events(Entries=[{"Source": "shop", "DetailType": "order", "Detail": '{"id": 7}'}])

    executions: list[dict[str, Any]] = []
    for _ in range(500):
        executions = client.list_executions(stateMachineArn=machine)["executions"]
        if executions:
            break
        time.sleep(0.01)
    found = ended(client, executions[0]["executionArn"])
    assert json.loads(found["input"])["detail"] == {"id": 7}


@pytest.mark.slow
def test_a_function_sent_as_a_zip_finds_aws_here(server: Server) -> None:
    source = (
        "import os, urllib.request\n"
        "def handler(event, context):\n"
        "    url = os.environ['AWS_ENDPOINT_URL'] + '/_stepsmith/health'\n"
        "    return urllib.request.urlopen(url).status\n"
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("index.py", source)
    functions = server.client("lambda")

    functions.create_function(
        FunctionName="zipped", Runtime="python3.12", Handler="index.handler", Role=ROLE, Timeout=20,
        Code={"ZipFile": content.getvalue()},
    )  # fmt: skip

    assert functions.invoke(FunctionName="zipped")["Payload"].read() == b"200"


def test_a_clock_that_stands_still_is_moved_by_a_request() -> None:
    from urllib.request import Request, urlopen

    from stepsmith.service.clock import VirtualClock

    with serving(VirtualClock()) as server:
        client = server.client()
        execution = client.start_execution(stateMachineArn=create(client, {"Type": "Wait", "Seconds": 3600}))
        request = Request(
            f"{server.url}/_stepsmith/clock", b'{"advance": 3600}', {"content-type": "application/json"}
        )  # fmt: skip

        with urlopen(request, timeout=10) as answer:
            told = json.load(answer)

        found = client.describe_execution(executionArn=execution["executionArn"])
    assert told == {"now": "2026-01-01T01:00:00+00:00", "isVirtual": True}
    assert (found["status"], found["stopDate"] - found["startDate"]) == ("SUCCEEDED", timedelta(hours=1))


@pytest.mark.parametrize(
    ("sent", "kind", "status"),
    [
        (b'{"advance": -1}', "application/json", 400),
        (b'{"advance": true}', "application/json", 400),
        (b'{"advance": "3600"}', "application/json", 400),
        (b'{"advance": 1e9}', "application/json", 400),
        (b'{"advance": NaN}', "application/json", 400),
        (b"{}", "application/json", 400),
        (b"[3600]", "application/json", 400),
        (b"", "application/json", 400),
        (b'{"advance": 1' + b" " * 2000 + b"}", "application/json", 413),
        (b'{"advance": 1}', "text/plain", 415),
        (b'{"advance": 1}', "application/json", 409),
    ],
)
def test_a_clock_is_moved_by_nothing_else(server: Server, sent: bytes, kind: str, status: int) -> None:
    head = f"POST /_stepsmith/clock HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
    length = f"Content-Length: {len(sent)}\r\nConnection: close\r\n\r\n"

    answer = server.send((head + length).encode() + sent)

    assert int(answer.split(b" ", 2)[1]) == status
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["message"]


SLOW = """
import time

def handler(event, context):
    time.sleep(event["seconds"])
    return event
"""


def test_a_function_that_takes_its_time_holds_nobody(server: Server) -> None:
    client, functions = server.client(), server.client("lambda")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("app.py", SLOW)
    functions.create_function(
        FunctionName="slow", Runtime="python3.12", Handler="app.handler", Role=ROLE, Timeout=60,
        Code={"ZipFile": content.getvalue()},
    )  # fmt: skip

    functions.invoke(FunctionName="slow", InvocationType="Event", Payload=b'{"seconds": 30}')
    begun = time.monotonic()
    execution = client.start_execution(stateMachineArn=create(client, invoke("double")), input="21")

    assert ended(client, execution["executionArn"])["output"] == "42"
    assert time.monotonic() - begun < 15


def test_boto3_finds_the_host_with_sync_before_it_by_itself(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    import boto3

    resolve, asked = socket.getaddrinfo, list[str]()

    def resolve_here(host: Any, *more: Any, **options: Any) -> Any:
        asked.append(str(host))
        return resolve("127.0.0.1" if host == "sync-localhost" else host, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve_here)
    machine = create(server.client(), invoke("double"), type="EXPRESS")
    client = boto3.Session().client(  # pyright: ignore - any service
        "stepfunctions", endpoint_url=f"http://localhost:{server.port}", region_name=REGION,
        aws_access_key_id=ACCOUNT, aws_secret_access_key="x",
    )  # fmt: skip

    answer = client.start_sync_execution(stateMachineArn=machine, input="4")

    assert (answer["status"], answer["output"]) == ("SUCCEEDED", "8")
    assert "sync-localhost" in asked
