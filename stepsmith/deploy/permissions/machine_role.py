"""The rights of a state machine's role, derived from its definition: the least that its states need."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from stepsmith.asl.model import ItemProcessor, Map, Parallel, State, StateMachine, Task
from stepsmith.asl.resources import Resource, recognise
from stepsmith.authoring.tasks.provisions import Policy
from stepsmith.deploy.errors import PermissionUnknown
from stepsmith.deploy.permissions.calls import Call, Unclear
from stepsmith.deploy.permissions.grants import DEMANDS, GRANTS, besides, from_table
from stepsmith.deploy.permissions.sdk_grants import WITHOUT_RESOURCES, from_sdk, iam_action
from stepsmith.deploy.permissions.service_grants import (
    SERVICE_GRANTS,
    as_arguments,
    bucket_arn,
    function_arns,
    object_arn,
)
from stepsmith.deploy.permissions.statements import Place, Statement, merge
from stepsmith.expressions.types import UNDEFINED, Json, Undefined

NO_RESOURCES: Final = frozenset({"lambda", "activity"})


class Deriver:
    """Derives the statements of one state machine."""

    def __init__(
        self,
        *,
        machine: str,
        place: Place,
        substitutions: Mapping[str, str],
        policies: Sequence[Policy],
    ) -> None:
        self.machine = machine
        self.place = place
        self.substitutions = substitutions
        self.allowed = {action for policy in policies for action in policy.actions}
        """The actions that are allowed in so many words."""

    def statements(self, name: str, state: State) -> Iterator[Statement]:
        """Give the statements that one state needs, those inside it left out."""
        match state:
            case Task():
                yield from self._task(name, state)
            case Map():
                yield from self._map(name, state)
            case _:
                return

    def _task(self, name: str, state: Task) -> Iterator[Statement]:
        credentials = (state.credentials or {}).get("RoleArn")
        if state.credentials is not None:
            call = self._call(name, "sts:assumeRole", "", {"RoleArn": credentials})
            yield from self._told(call, "sts:AssumeRole", lambda: [self._assume(call)])
            return
        resource = recognise(state.resource)
        if resource is None or resource.kind in NO_RESOURCES:
            yield from self._function(name, state, resource)
            return
        prefix = "aws-sdk:" if resource.kind == "sdk" else ""
        action = f"{prefix}{resource.service}:{resource.action}"
        call = self._call(name, action, resource.pattern, _given(state.parameters, state.arguments))
        yield from self._told(call, _iam_action(resource), lambda: self._integration(call, resource))

    def _function(self, name: str, state: Task, resource: Resource | None) -> Iterator[Statement]:
        if resource is not None and resource.kind == "activity":
            return  # workers fetch its tasks; the state machine needs no right
        call = self._call(name, state.resource if resource is None else "lambda:function", "", {})
        if resource is None and not state.resource.startswith("${"):
            raise PermissionUnknown(f"state {name!r}: {state.resource!r} is no resource that is known here")
        yield from self._told(
            call,
            "lambda:InvokeFunction",
            lambda: [
                call.allow(
                    "lambda:InvokeFunction",
                    *function_arns(call, call.checked("Resource", state.resource)),
                    why=f"state {name!r} invokes this function",
                )
            ],
        )

    def _integration(self, call: Call, resource: Resource) -> list[Statement]:
        if resource.kind == "sdk":
            return from_sdk(call, resource.service, resource.action)
        special = SERVICE_GRANTS.get(call.name)
        found = special(call) if special is not None else from_table(call)
        if found is None:
            raise PermissionUnknown(
                f"state {call.state!r}: what {call.name} needs is not known here; say it: "
                f'policies=[allow("{_iam_action(resource)}", on=ARN)]'
            )
        action, why = DEMANDS.get(call.name, ("", ""))
        if action and action not in self.allowed:
            raise PermissionUnknown(
                f"state {call.state!r}: {why}, and the definition does not tell which; say it: "
                f'policies=[allow("{action}", on=ARN)]'
            )
        return [*found, *besides(call)]

    def _map(self, name: str, state: Map) -> Iterator[Statement]:
        config = state.item_processor.processor_config
        if config is not None and config.mode == "DISTRIBUTED":
            executions = self.machine.replace(":stateMachine:", ":execution:", 1)
            call = self._call(name, "states:startExecution", "", {})
            why = f"state {name!r} runs its items as executions of this state machine"
            yield call.allow("states:StartExecution", self.machine, why=why)
            # the guide names the machine's own executions; those of a map run have its label in their ARN
            own, labelled = f"{executions}:*", f"{executions}/*:*"
            yield call.allow("states:DescribeExecution states:StopExecution", own, labelled, why=why)
            yield call.allow("states:RedriveExecution", labelled, why=why)
        if state.item_reader is not None:
            reader = state.item_reader
            call = self._call(name, "item reader", "", _given(reader.parameters, reader.arguments))
            yield from self._told(call, "s3:GetObject", lambda: self._read(call, reader.resource, state))
        if state.result_writer is not None and state.result_writer.resource is not None:
            writer = state.result_writer
            call = self._call(name, "result writer", "", _given(writer.parameters, writer.arguments))
            yield from self._told(call, "s3:PutObject", lambda: [self._write(call)])

    def _read(self, call: Call, resource: str, state: Map) -> list[Statement]:
        arguments = as_arguments(call.arguments)
        config = None if state.item_reader is None else state.item_reader.reader_config
        if resource.endswith(":s3:listObjectsV2"):
            bucket = bucket_arn(call, arguments)
            why = f"state {call.state!r} lists its items"
            found = [call.allow("s3:ListBucket", bucket, why=why)]
            if config is not None and config.transformation:
                found.append(
                    call.allow("s3:GetObject", f"{bucket}/*", why=f"state {call.state!r} reads what it lists")
                )
            return found
        if not resource.endswith(":s3:getObject"):
            raise PermissionUnknown(f"state {call.state!r}: {resource!r} is no resource that is known here")
        why = f"state {call.state!r} reads its items"
        if config is not None and (config.input_type == "MANIFEST" or config.manifest_type):
            return [
                call.allow(
                    "s3:GetObject",
                    f"{bucket_arn(call, arguments)}/*",
                    why=f"{why} from the files of a manifest",
                )
            ]
        return [call.allow("s3:GetObject", object_arn(call, arguments, "Bucket", "Key"), why=why)]

    def _write(self, call: Call) -> Statement:
        arguments = as_arguments(call.arguments)
        prefix = arguments.get("Prefix")
        known = isinstance(prefix, str) and not prefix.startswith("{%")
        inside = call.checked("Prefix", prefix).rstrip("/") + "/*" if known and prefix else "*"
        actions = "s3:PutObject s3:GetObject s3:ListMultipartUploadParts s3:AbortMultipartUpload"
        why = f"state {call.state!r} writes its results"
        return call.allow(actions, f"{bucket_arn(call, arguments)}/{inside}", why=why)

    def _assume(self, call: Call) -> Statement:
        role = call.text("RoleArn")
        if role is None:
            raise Unclear("RoleArn is not given")
        return call.allow(
            "sts:AssumeRole", role, why=f"state {call.state!r} works with the rights of this role"
        )

    def _told(self, call: Call, action: str, derive: Callable[[], list[Statement]]) -> Iterator[Statement]:
        """Give what is derived, or nothing where it cannot be and the action is allowed in so many words."""
        try:
            yield from derive()
        except Unclear as unclear:
            if action not in self.allowed:
                raise PermissionUnknown(
                    f"state {call.state!r}: {unclear}, so {action} would be needed on everything; "
                    f'say on what: policies=[allow("{action}", on=ARN)]'
                ) from None
        except PermissionUnknown:
            if action not in self.allowed:
                raise

    def _call(self, state: str, name: str, pattern: str, arguments: Json) -> Call:
        return Call(
            state=state,
            name=name,
            pattern=pattern,
            arguments=arguments,
            place=self.place,
            machine=self.machine,
            substitutions=self.substitutions,
        )


def derive(
    definition: StateMachine,
    *,
    name: str,
    place: Place | None = None,
    substitutions: Mapping[str, str] | None = None,
    policies: Sequence[Policy] = (),
) -> list[Statement]:
    """Derive the least rights that a state machine called `name` needs.

    `substitutions` gives the ARN for each `${placeholder}`; `policies` says what no definition tells. Raises
    PermissionUnknown naming the state whose rights cannot be told, PermissionUnknown also for a policy on `*` whose
    action has resources.
    """
    place = place or Place()
    deriver = Deriver(
        machine=place.arn("states", f"stateMachine:{name}"),
        place=place,
        substitutions=substitutions or {},
        policies=policies,
    )
    found = [
        each
        for state, content in all_states(definition.states)
        for each in deriver.statements(state, content)
    ]
    return merge(found)


def observing() -> list[Statement]:
    """Give what logging and tracing of a state machine need; the services have no resources for it."""
    deliveries = (
        "CreateLogDelivery GetLogDelivery UpdateLogDelivery DeleteLogDelivery ListLogDeliveries PutResourcePolicy "
        "DescribeResourcePolicies DescribeLogGroups"
    )
    traces = ("PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets")
    return [
        Statement(
            tuple(sorted(f"logs:{action}" for action in deliveries.split())),
            ("*",),
            "its executions are logged, and log deliveries have no resources",
        ),
        Statement(
            tuple(sorted(f"xray:{action}" for action in traces)),
            ("*",),
            "its executions are traced, and traces have no resources",
        ),
    ]


def check_policies(what: str, policies: Sequence[Policy]) -> None:
    """Raise PermissionUnknown for an action that is allowed on `*` although its service has resources for it."""
    for policy in policies:
        if policy.on != "*":
            continue
        for action in policy.actions:
            if action not in WITHOUT_RESOURCES:
                raise PermissionUnknown(
                    f"{what}: {action} is allowed on *, and has resources; name the one it needs"
                )


def all_states(states: Mapping[str, State]) -> Iterator[tuple[str, State]]:
    """Give every state with its name, those inside branches and item processors too."""
    for name, state in states.items():
        yield name, state
        match state:
            case Parallel(branches=branches):
                for branch in branches:
                    yield from all_states(branch.states)
            case Map(item_processor=ItemProcessor(states=inner)):
                yield from all_states(inner)
            case _:
                pass


def _given(parameters: Json | Undefined, arguments: Json | Undefined) -> Json:
    found = parameters if arguments is UNDEFINED else arguments
    return None if isinstance(found, Undefined) else found


def _iam_action(resource: Resource) -> str:
    if resource.kind != "sdk":
        name = f"{resource.service}:{resource.action}"
        known = GRANTS.get(name)
        if known:
            return known[0].actions.split()[0]
        return _ACTIONS.get(name, f"{resource.service}:{resource.action[0].upper()}{resource.action[1:]}")
    return iam_action(resource.service, resource.action)


_ACTIONS: Final = {
    "lambda:invoke": "lambda:InvokeFunction",
    "http:invoke": "states:InvokeHTTPEndpoint",
    "apigateway:invoke": "execute-api:Invoke",
}
