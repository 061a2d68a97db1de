"""What there is on AWS, compared with what a template says, for each type of resource that people change by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, cast

from stepsmith.deploy.stacks.definition_diff import definition_difference
from stepsmith.deploy.stacks.values import UnknownValue, Values, filled_like
from stepsmith.expressions.types import Json
from stepsmith.integrations.clients.account import AwsAccount, AwsFailure, aws_failures

_GONE: Final = frozenset(
    ("StateMachineDoesNotExist", "ResourceNotFound", "ResourceNotFoundException", "NoSuchEntity")
)


class Gone(Exception):
    """A resource that somebody has deleted."""


@dataclass(frozen=True, slots=True)
class Look:
    """One resource, as the template has it and where it is found."""

    name: str
    type: str
    id: str
    """The physical id."""
    properties: Mapping[str, Json]
    account: AwsAccount
    values: Values

    @property
    def client(self) -> Any:
        """The client of its service."""
        return self.account.client(CHECKS[self.type].service)

    def wanted(self, *names: str) -> Json:
        """Give a property with its references worked out; None where it is absent or only CloudFormation knows it."""
        value: Json = cast("Json", self.properties)
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        try:
            return self.values.of(value)
        except UnknownValue:
            return None

    @contextmanager
    def reading(self) -> Generator[None]:
        """Raise Gone where the resource is not there, and AwsFailure where it cannot be read."""
        try:
            with aws_failures(f"looking at {self.name}"):
                yield
        except AwsFailure as failure:
            if failure.code in _GONE:
                raise Gone from None
            raise


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is other than the template says, in words."""

    lines: tuple[str, ...]
    put_back: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Check:
    """How one type of resource is compared."""

    service: str
    check: Callable[[Look], Iterator[Difference]]


def _machine(look: Look) -> Iterator[Difference]:
    with look.reading():
        live = look.client.describe_state_machine(stateMachineArn=look.id)
        tags = look.client.list_tags_for_resource(resourceArn=look.id)["tags"]
    definition: Json = json.loads(live["definition"])
    wanted = filled_like(
        json.loads(str(look.properties["DefinitionString"])), _substitutions(look), definition
    )
    if wanted != definition:
        lines = definition_difference(wanted, definition) or ["its definition is another"]
        yield Difference(
            tuple(lines),
            lambda: look.client.update_state_machine(
                stateMachineArn=look.id, definition=json.dumps(wanted, ensure_ascii=False)
            ),
        )
    settings = {
        "roleArn": look.wanted("RoleArn"),
        "loggingConfiguration": _camel(look.wanted("LoggingConfiguration")),
        "tracingConfiguration": _camel(look.wanted("TracingConfiguration")),
    }
    for name, value in settings.items():
        yield from _setting(
            name,
            value,
            live.get(name),
            lambda name=name, value=value: look.client.update_state_machine(
                stateMachineArn=look.id, **{name: value}
            ),
        )
    yield from _tags(look, {each["key"]: each["value"] for each in tags})


def _tags(look: Look, live: Mapping[str, str]) -> Iterator[Difference]:
    wanted = {
        str(each["Key"]): str(each["Value"])
        for each in cast("list[dict[str, Json]]", look.wanted("Tags") or [])
    }
    lost = {name: value for name, value in wanted.items() if live.get(name) != value}
    if lost:
        lines = tuple(f"tag {name} is {live.get(name)!r}, not {value!r}" for name, value in lost.items())
        tags = [{"key": name, "value": value} for name, value in lost.items()]
        yield Difference(lines, lambda: look.client.tag_resource(resourceArn=look.id, tags=tags))


def _alias(look: Look) -> Iterator[Difference]:
    version = look.wanted("DeploymentPreference", "StateMachineVersionArn")
    if version is None:
        return
    with look.reading():
        live = look.client.describe_state_machine_alias(stateMachineAliasArn=look.id)["routingConfiguration"]
    routes = [(each["stateMachineVersionArn"], each["weight"]) for each in live]
    if routes != [(version, 100)]:
        now = " and ".join(f"version {arn.rpartition(':')[2]} ({weight} %)" for arn, weight in routes)
        line = f"leads to {now}, not to version {str(version).rpartition(':')[2]}, as after a rollback"
        routing = [{"stateMachineVersionArn": version, "weight": 100}]
        yield Difference(
            (line,),
            lambda: look.client.update_state_machine_alias(
                stateMachineAliasArn=look.id, routingConfiguration=routing
            ),
        )


def _function(look: Look) -> Iterator[Difference]:
    with look.reading():
        live = look.client.get_function_configuration(FunctionName=look.id)
    names = ("Environment", "Handler", "MemorySize", "Role", "Runtime", "Timeout", "TracingConfig")
    settings = {name: look.wanted(name) for name in names}
    settings = {name: value for name, value in settings.items() if value is not None}
    found = {name: live.get(name) for name in settings}
    if live.get("Layers"):
        settings["Layers"], found["Layers"] = [], [str(each["Arn"]) for each in live["Layers"]]
    for name, value in settings.items():
        yield from _setting(
            name,
            value,
            found[name],
            lambda name=name, value=value: look.client.update_function_configuration(
                FunctionName=look.id, **{name: value}
            ),
        )


def _role(look: Look) -> Iterator[Difference]:
    client = look.client
    with look.reading():
        live = client.get_role(RoleName=look.id)["Role"]["AssumeRolePolicyDocument"]
        attached = client.list_attached_role_policies(RoleName=look.id)["AttachedPolicies"]
        inline = client.list_role_policies(RoleName=look.id)["PolicyNames"]
        documents = {name: client.get_role_policy(RoleName=look.id, PolicyName=name) for name in inline}
    trust = look.wanted("AssumeRolePolicyDocument")
    if trust is not None and _policy(live) != _policy(trust):
        yield Difference(
            ("others may take it on than the template says",),
            lambda: client.update_assume_role_policy(RoleName=look.id, PolicyDocument=json.dumps(trust)),
        )
    for each in attached:
        arn = each["PolicyArn"]
        yield Difference(
            (f"has the policy {each['PolicyName']} besides",),
            lambda arn=arn: client.detach_role_policy(RoleName=look.id, PolicyArn=arn),
        )
    policies = cast("list[dict[str, Json]]", look.properties.get("Policies") or [])
    for name in sorted(set(inline) - {str(each["PolicyName"]) for each in policies}):
        yield Difference(
            (f"has the inline policy {name} besides",),
            lambda name=name: client.delete_role_policy(RoleName=look.id, PolicyName=name),
        )
    for each in policies:
        name = str(each["PolicyName"])
        yield from _inline(look, name, each["PolicyDocument"], documents.get(name))


def _inline(look: Look, name: str, document: Json, live: Mapping[str, Any] | None) -> Iterator[Difference]:
    try:
        wanted = look.values.of(document)
    except UnknownValue:
        return
    if live is None or _policy(live["PolicyDocument"]) != _policy(wanted):
        line = f"policy {name} {'is gone' if live is None else 'allows other things than the template says'}"
        yield Difference(
            (line,),
            lambda: look.client.put_role_policy(
                RoleName=look.id, PolicyName=name, PolicyDocument=json.dumps(wanted)
            ),
        )


def _log_group(look: Look) -> Iterator[Difference]:
    with look.reading():
        groups = look.client.describe_log_groups(logGroupNamePrefix=look.id)["logGroups"]
    live = [each for each in groups if each["logGroupName"] == look.id]
    if not live:
        raise Gone
    days = look.wanted("RetentionInDays")
    yield from _setting(
        "RetentionInDays",
        days,
        live[0].get("retentionInDays"),
        lambda: look.client.put_retention_policy(logGroupName=look.id, retentionInDays=days),
    )


def _rule(look: Look) -> Iterator[Difference]:
    with look.reading():
        live = look.client.describe_rule(Name=look.id)
    state, pattern = look.wanted("State"), look.wanted("EventPattern")
    yield from _setting("State", state, live["State"], lambda: look.client.enable_rule(Name=look.id))
    yield from _setting(
        "EventPattern",
        pattern,
        json.loads(live.get("EventPattern") or "{}"),
        lambda: look.client.put_rule(Name=look.id, EventPattern=json.dumps(pattern), State=state),
    )


def _schedule(look: Look) -> Iterator[Difference]:
    with look.reading():
        live = look.client.get_schedule(Name=look.id)
    names = ("State", "ScheduleExpression", "ScheduleExpressionTimezone")
    for name in names:
        yield from _setting(
            name,
            look.wanted(name),
            live.get(name),
            lambda: look.client.update_schedule(
                Name=look.id, **cast("dict[str, Any]", look.values.of(cast("Json", look.properties)))
            ),
        )


def _setting(name: str, wanted: Json, live: Json, put_back: Callable[[], object]) -> Iterator[Difference]:
    """Compare a setting; what only CloudFormation knows is not compared."""
    if wanted is not None and wanted != live:
        yield Difference((f"{name} is {_short(live)}, not {_short(wanted)}",), put_back)


def _substitutions(look: Look) -> dict[str, str]:
    """Give the values of a definition's placeholders, those that are known here."""
    given = look.properties.get("DefinitionSubstitutions")
    found: dict[str, str] = {}
    for name, value in (given if isinstance(given, dict) else {}).items():
        try:
            found[name] = str(look.values.of(value))
        except UnknownValue:
            continue
    return found


def _camel(value: Json) -> Json:
    """Give a configuration as Step Functions names its members."""
    match value:
        case dict():
            return {name[:1].lower() + name[1:]: _camel(inner) for name, inner in value.items()}
        case list():
            return [_camel(inner) for inner in cast("list[Json]", value)]
        case _:
            return value


def _policy(document: Any) -> Json:
    """Give a policy in one form: lists sorted, and lists of one as what is in them."""
    try:
        return _normal(json.loads(document) if isinstance(document, str) else document)
    except ValueError:
        return None


def _normal(value: Json) -> Json:
    match value:
        case dict():
            return {name: _normal(inner) for name, inner in value.items()}
        case list():
            items = [_normal(inner) for inner in cast("list[Json]", value)]
            return items[0] if len(items) == 1 else sorted(items, key=lambda each: json.dumps(each))
        case _:
            return value


def _short(value: Json) -> str:
    text = "nothing" if value is None else json.dumps(value, sort_keys=True)
    return text if len(text) <= 100 else f"{text[:97]}..."


CHECKS: Final[Mapping[str, Check]] = {
    "AWS::Events::Rule": Check("events", _rule),
    "AWS::IAM::Role": Check("iam", _role),
    "AWS::Lambda::Function": Check("lambda", _function),
    "AWS::Logs::LogGroup": Check("logs", _log_group),
    "AWS::Scheduler::Schedule": Check("scheduler", _schedule),
    "AWS::StepFunctions::StateMachine": Check("stepfunctions", _machine),
    "AWS::StepFunctions::StateMachineAlias": Check("stepfunctions", _alias),
}
"""Type -> how it is compared."""
