"""boto3's own clients, answered by the cloud's services, or by moto where the cloud has none."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from stepsmith.cloud.services import UNKNOWN, Caller, Service, ServiceError

if TYPE_CHECKING:
    from botocore.model import OperationModel

    from stepsmith.integrations.clients.local_aws import LocalAws

Observer = Callable[[str, Mapping[str, Any], dict[str, Any], Caller], None]
"""Hears of a call that moto has answered: operation, parameters, answer (which it may mend), caller."""
_PARAMETERS: Final = "stepsmith_parameters"


@dataclass(frozen=True)
class _Answer:
    """What botocore wants to know of an HTTP answer."""

    status_code: int
    headers: Mapping[str, str]


class Clients:
    """Makes the clients of a cloud; safe to share between threads."""

    def __init__(
        self,
        aws: LocalAws,
        services: Mapping[str, Service],
        observers: Mapping[str, Observer],
        *,
        parts: Mapping[str, tuple[frozenset[str], Service]] | None = None,
        validates: bool = True,
    ) -> None:
        """Make clients of a cloud; `parts` are services that answer some operations of what is else moto's."""
        self._aws = aws
        self._services = services
        self._observers = observers
        self._parts = dict(parts or {})
        self._validates = validates
        self._made: dict[tuple[str, Caller, bool], Any] = {}

    def client(self, name: str, caller: Caller, *, is_for_tasks: bool = False) -> Any:
        """Return the client of a service, named as in `boto3.client(name)`, for a caller.

        Those of tasks know state machines by the names of their workflows, as those of a stack do.
        """
        key = name, caller, is_for_tasks and name == "stepfunctions"
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = self._make(name, caller)
            if key[2]:
                found.meta.events.register("provide-client-params.sfn", _with_whole_arn(caller))
        return found

    def _make(self, name: str, caller: Caller) -> Any:
        from botocore.config import Config

        config = Config(
            retries={"total_max_attempts": 1},
            inject_host_prefix=False,
            parameter_validation=self._validates,
        )
        made = self._aws.client(name, config, caller.region)
        events, place = made.meta.events, made.meta.service_model.service_id.hyphenize()
        service, observer = self._services.get(name), self._observers.get(name)
        events.register_last(f"before-parameter-build.{place}", _remember)
        if service is not None:
            events.register(f"before-call.{place}", _answered_by(service, caller))
            if not self._validates:
                # what no model has cannot be serialised, and need not be: the service gets what was given
                events.register_last(f"before-parameter-build.{place}", _prune)
            return made
        events.register(f"before-call.{place}", _of_account(caller))
        if name in self._parts:
            operations, part = self._parts[name]
            for operation in operations:
                events.register(f"before-call.{place}.{operation}", _answered_by(part, caller))
        if observer is not None:
            events.register(f"after-call.{place}", _observed_by(observer, caller))
        return made


def _remember(params: Mapping[str, Any], context: dict[str, Any], **_: object) -> None:
    context[_PARAMETERS] = dict(params)


def _prune(params: dict[str, Any], model: OperationModel, **_: object) -> None:
    """Take away what the model of an operation does not have."""
    known = _known(params, model.input_shape)
    params.clear()
    params.update(known)


def _known(value: Any, shape: Any) -> Any:
    if not isinstance(value, dict) or shape.type_name != "structure":
        return cast("Any", value)
    given = cast("dict[str, Any]", value)
    return {name: _known(each, shape.members[name]) for name, each in given.items() if name in shape.members}


def _answered_by(service: Service, caller: Caller) -> Callable[..., tuple[_Answer, dict[str, Any]] | None]:
    def answer(
        model: OperationModel, context: dict[str, Any], **_: object
    ) -> tuple[_Answer, dict[str, Any]] | None:
        status, request = 200, str(uuid.uuid4())
        try:
            content = dict(service.call(model.name, context[_PARAMETERS], caller))
        except ServiceError as error:
            if error.code == UNKNOWN:
                return None  # moto may know it
            status = error.status
            refusal: dict[str, object] = {"Code": error.code, "Message": error.message, **error.details}
            if model.service_model.protocol == "query":
                refusal["Type"] = "Sender"
            if error.shape is not None:
                # as botocore reads it from the header x-amzn-query-error
                refusal |= {"QueryErrorCode": error.shape, "Type": "Sender"}
                context["error_code_override"] = error.shape
            content = {**error.more, "Error": refusal}
        headers = {"x-amzn-requestid": request}
        content["ResponseMetadata"] = {
            "RequestId": request,
            "HTTPStatusCode": status,
            "HTTPHeaders": headers,
            "RetryAttempts": 0,
        }
        return _Answer(status, headers), content

    return answer


def _with_whole_arn(caller: Caller) -> Callable[..., dict[str, Any]]:
    def name(params: dict[str, Any], **_: object) -> dict[str, Any]:
        machine = params.get("stateMachineArn")
        if not isinstance(machine, str) or ":" in machine:
            return params
        return {**params, "stateMachineArn": caller.arn("states", f"stateMachine:{machine}")}

    return name


def _of_account(caller: Caller) -> Callable[..., None]:
    def tell_moto(params: Mapping[str, Any], **_: object) -> None:
        params["headers"]["x-moto-account-id"] = caller.account

    return tell_moto


def _observed_by(observer: Observer, caller: Caller) -> Callable[..., None]:
    def observe(
        http_response: Any,
        parsed: dict[str, Any],
        model: OperationModel,
        context: Mapping[str, Any],
        **_: object,
    ) -> None:
        if http_response.status_code < 300:
            observer(model.name, context[_PARAMETERS], parsed, caller)

    return observe
