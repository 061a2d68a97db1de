"""What the integrations need whose resources are not one argument: functions, executions, messages, HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, cast
from urllib.parse import urlsplit

from stepsmith.deploy.errors import PermissionUnknown
from stepsmith.deploy.permissions.calls import Call, Unclear, member_of
from stepsmith.deploy.permissions.statements import Statement
from stepsmith.expressions.types import Json

_QUEUE: Final = re.compile(
    r"https://(?:sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?|[^/]+)/([0-9]{12})/([A-Za-z0-9_.-]+)"
)
_PLACED_QUEUE: Final = re.compile(r"\$\{([A-Za-z0-9]+)\.Arn\}")
_API: Final = re.compile(r"([a-z0-9]+)\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")
_BUS: Final = "default"
_GEOGRAPHIES: Final = frozenset(("apac", "au", "ca", "eu", "global", "jp", "us", "us-gov"))
"""How the ids of Bedrock's cross-region inference profiles begin."""


def invoke_function(call: Call) -> list[Statement]:
    """Let a function be invoked: the one, and its versions and aliases where none of them is named."""
    return [call.allow("lambda:InvokeFunction", *function_arns(call, call.text("FunctionName")))]


def function_arns(call: Call, name: str | None) -> list[str]:
    """Give the ARNs that cover one function. Raises Unclear where there is no name."""
    if name is None:
        raise Unclear("FunctionName is not given")
    if name.startswith("${"):
        return [name, f"{name}:*"]
    if not name.startswith("arn:"):
        account, _, rest = name.rpartition(":function:")
        plain, _, qualifier = rest.partition(":")
        arn = call.place.arn("lambda", f"function:{plain}")
        name = (
            f"arn:{call.place.partition}:lambda:{call.place.region}:{account}:function:{plain}"
            if account
            else arn
        )
        name = f"{name}:{qualifier}" if qualifier else name
    return [name] if len(name.split(":")) > 7 and "${" not in name else [name, f"{name}:*"]


def start_execution(call: Call) -> list[Statement]:
    """Let an execution be started and, with `.sync`, be looked at and stopped."""
    name = call.text("StateMachineArn")
    if name is None:
        raise Unclear("StateMachineArn is not given")
    machine = name if name.startswith(("arn:", "${")) else call.place.arn("states", f"stateMachine:{name}")
    found = [call.allow("states:StartExecution", machine)]
    if call.waits:
        why = f"state {call.state!r} waits for the execution that it starts, and stops it where it is aborted itself"
        executions = executions_of(call, machine)
        found.append(call.allow("states:DescribeExecution states:StopExecution", executions, why=why))
    return found


def executions_of(call: Call, machine: str) -> str:
    """Give the ARN pattern of the executions of a state machine."""
    if machine.startswith("${") and machine.endswith("}"):
        # CloudFormation tells the name of a state machine, not the ARN of its executions
        return call.place.arn("states", f"execution:{machine[:-1]}.Name}}:*")
    return f"{machine.replace(':stateMachine:', ':execution:', 1)}:*"


def send_message(call: Call) -> list[Statement]:
    """Let a message be sent to one queue."""
    return [call.allow("sqs:SendMessage", queue_arn(call, call.text("QueueUrl")))]


def queue_arn(call: Call, address: str | None) -> str:
    """Give the ARN of a queue by its URL. Raises Unclear where there is none."""
    if address is None:
        raise Unclear("QueueUrl is not given")
    if address.startswith(("arn:", "${")):
        return address
    found = _QUEUE.fullmatch(address)
    if found is None:
        raise PermissionUnknown(
            f"state {call.state!r}: QueueUrl is {address!r}, which is no address of a queue"
        )
    return f"arn:{call.place.partition}:sqs:{found[1] or call.place.region}:{found[2]}:{found[3]}"


def publish(call: Call) -> list[Statement]:
    """Let something be published on one topic; a phone number has no resource."""
    topic = call.text("TopicArn") or call.text("TargetArn")
    if topic is not None:
        return [call.allow("sns:Publish", topic)]
    if isinstance(call.arguments, dict) and any(name.startswith("PhoneNumber") for name in call.arguments):
        why = f"state {call.state!r} sends to a phone number, which has no resource"
        return [call.allow("sns:Publish", "*", why=why)]
    raise Unclear("neither TopicArn nor TargetArn is given")


def put_events(call: Call) -> list[Statement]:
    """Let events be put on the buses that the entries name."""
    entries = call.member("Entries")
    if not isinstance(entries, list):
        raise Unclear("Entries are made at run time")
    buses: set[str] = set()
    for entry in entries:
        if not isinstance(entry, dict) or "EventBusName.$" in entry:
            raise Unclear("EventBusName is made at run time")
        bus = entry.get("EventBusName", _BUS)
        if isinstance(bus, str) and bus.startswith("{%"):
            raise Unclear("EventBusName is made at run time")
        name = call.checked("EventBusName", bus)
        buses.add(name if name.startswith(("arn:", "${")) else call.place.arn("events", f"event-bus/{name}"))
    return [call.allow("events:PutEvents", *sorted(buses))]


def invoke_http(call: Call) -> list[Statement]:
    """Let this machine call one endpoint with one method, and read the credentials of its connection."""
    address, method = call.member("ApiEndpoint"), call.member("Method")
    if not isinstance(address, str) or not isinstance(method, str):
        raise Unclear("ApiEndpoint or Method is not given")
    if "*" in address or "?" in address or urlsplit(address).scheme != "https":
        raise PermissionUnknown(
            f"state {call.state!r}: ApiEndpoint is {address!r}, which is no https address"
        )
    condition: dict[str, Json] = {
        "StringEquals": {"states:HTTPEndpoint": address, "states:HTTPMethod": method}
    }
    found = [call.allow("states:InvokeHTTPEndpoint", call.machine, condition=condition)]
    connection = _connection(call)
    why = f"state {call.state!r} authenticates with this connection"
    found.append(call.allow("events:RetrieveConnectionCredentials", connection, why=why))
    secrets = call.place.arn("secretsmanager", "secret:events!connection/*")
    why = f"state {call.state!r} authenticates with a connection, whose secret EventBridge keeps under this prefix"
    found.append(call.allow("secretsmanager:GetSecretValue secretsmanager:DescribeSecret", secrets, why=why))
    return found


def _connection(call: Call) -> str:
    for holder in ("Authentication", "InvocationConfig"):
        value = call.member(holder)
        if isinstance(value, dict):
            arn = member_of(value, "ConnectionArn")
            if arn is None or (isinstance(arn, str) and arn.startswith("{%")):
                raise Unclear("ConnectionArn is made at run time")
            return call.checked("ConnectionArn", arn)
    raise Unclear("ConnectionArn is not given")


def invoke_api(call: Call) -> list[Statement]:
    """Let an API be called with IAM; without IAM no right is needed."""
    if call.text("AuthType") in (None, "NO_AUTH"):
        return []
    host, method = call.text("ApiEndpoint"), call.text("Method")
    found = _API.fullmatch(host or "")
    if found is None or method is None:
        raise Unclear("ApiEndpoint is no address of API Gateway")
    stage, path = call.text("Stage") or "$default", (call.text("Path") or "/").removeprefix("/")
    account = f"{call.place.account}:{found[1]}/{stage}/{method}/{path}"
    return [call.allow("execute-api:Invoke", f"arn:{call.place.partition}:execute-api:{found[2]}:{account}")]


def invoke_model_with_files(call: Call) -> list[Statement]:
    """Let one model be invoked, and its input and output be read and written in S3 where they are there."""
    found = [invoke_model(call, call.text("ModelId"))]
    for holder, action in (("Input", "s3:GetObject"), ("Output", "s3:PutObject")):
        value = call.member(holder)
        address = member_of(value, "S3Uri")
        if value is None:
            continue
        if not isinstance(address, str) or not address.startswith("s3://"):
            raise Unclear(f"{holder} is made at run time")
        found.append(call.allow(action, call.place.s3(call.checked("S3Uri", address).removeprefix("s3://"))))
    return found


def invoke_model(call: Call, model: str | None) -> Statement:
    """Let one model be invoked: one of this region, or one that an inference profile finds in any of its regions."""
    if model is None:
        raise Unclear("ModelId is not given")
    if model.startswith(("arn:", "${")):
        return call.allow("bedrock:InvokeModel", model)
    where = f"arn:{call.place.partition}:bedrock"
    geography, _, behind = model.partition(".")
    if geography not in _GEOGRAPHIES:
        return call.allow("bedrock:InvokeModel", f"{where}:{call.place.region}::foundation-model/{model}")
    profile = call.place.arn("bedrock", f"inference-profile/{model}")
    return call.allow("bedrock:InvokeModel", profile, f"{where}:*::foundation-model/{behind}")


SERVICE_GRANTS: Final[Mapping[str, Callable[[Call], list[Statement]]]] = {
    "lambda:invoke": invoke_function,
    "states:startExecution": start_execution,
    "sqs:sendMessage": send_message,
    "sns:publish": publish,
    "events:putEvents": put_events,
    "http:invoke": invoke_http,
    "apigateway:invoke": invoke_api,
    "bedrock:invokeModel": invoke_model_with_files,
}
"""`service:action` -> the function that gives its statements."""


def object_arn(call: Call, arguments: Mapping[str, Json], bucket: str, key: str) -> str:
    """Give the ARN of an object; of all objects of its bucket where the key is made at run time."""
    name = call.checked(bucket, _known(arguments, bucket))
    name = name if name.startswith(("arn:", "${")) else call.place.s3(name)
    try:
        value = _known(arguments, key)
    except Unclear:
        return f"{name}/*"
    return f"{name}/{call.checked(key, value)}"


def bucket_arn(call: Call, arguments: Mapping[str, Json]) -> str:
    """Give the ARN of the bucket that arguments name. Raises Unclear where it is made at run time."""
    name = call.checked("Bucket", _known(arguments, "Bucket"))
    return name if name.startswith(("arn:", "${")) else call.place.s3(name)


def _known(arguments: Mapping[str, Json], name: str) -> Json:
    value = arguments.get(name)
    if value is None:
        raise Unclear(f"{name} is {'made at run time' if f'{name}.$' in arguments else 'not given'}")
    if isinstance(value, str) and value.startswith("{%"):
        raise Unclear(f"{name} is made at run time")
    return value


def as_arguments(value: object) -> dict[str, Json]:
    """Give arguments that are an object. Raises Unclear otherwise."""
    if not isinstance(value, dict):
        raise Unclear("all of its arguments are made at run time")
    return cast("dict[str, Json]", value)
