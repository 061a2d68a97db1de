"""Calls of AWS's services as tasks, made of what the service's model says."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar, final

from stepsmith.authoring.calls.converter import Converter
from stepsmith.authoring.calls.namespaces import UnknownName, unknown
from stepsmith.authoring.calls.retries import Retry
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.values.declared import annotated
from stepsmith.expressions.typed.static_types import ModelField, ModelType, Type
from stepsmith.expressions.types import UNDEFINED, Json

if TYPE_CHECKING:
    from stepsmith.authoring.values.limits import Limits

A = TypeVar("A")
Perform = Callable[[dict[str, Any]], Json]
"""Makes a call of AWS with these parameters and gives its answer."""
_WAITS = ".waitForTaskToken"


@final
class ServiceCall(Task[..., Any]):
    """An action of a service, called like a function with the action's parameters by name."""

    def __init__(
        self,
        name: str,
        resource: str,
        *,
        parameters: ModelType | None,
        result: Type,
        perform: Callable[[str], Perform],
        state: str,
        has_metadata: bool = False,
        variants: Mapping[str, Callable[[], ServiceCall]] | None = None,
        waits: bool = False,
        limits: Limits | None = None,
    ) -> None:
        super().__init__(
            _function(name, perform(resource), parameters, result),
            kind="integration",
            resource=resource,
            name=state,
            limits=limits,
        )
        self.has_metadata = has_metadata
        """Whether Step Functions adds the metadata of the SDK to what the service answers."""
        self._parameters = parameters
        self._perform = perform
        self._variants = variants or {}
        self._waits = waits

    def find(self, name: str) -> object:
        """Give `sync`, or what else a call has. Raises UnknownName."""
        own = ["with_options", "state", *(["wait_for_task_token"] if self._waits else [])]
        if name in own:
            return getattr(self, name)
        if name in ("sync", "sdk"):
            return self._variant(name)
        if name == "wait_for_task_token":
            raise self._not_waiting()
        raise unknown(f"{self.function_name} has no '{name}'", name, [*own, *self._variants])

    @property
    def sync(self) -> ServiceCall:
        """The same call, waiting for the end of the job that it starts. Raises UnknownName where it starts none."""
        return self._variant("sync")

    @property
    def sdk(self) -> ServiceCall:
        """The same call by the SDK integration, with members and errors named as in the service's other actions.

        Raises UnknownName where the call is one already.
        """
        return self._variant("sdk")

    def _variant(self, name: str) -> ServiceCall:
        if name in self._variants:
            return self._variants[name]()._like(self)
        if name == "sync":
            raise UnknownName(f"Step Functions does not wait for the end of {self.function_name}", None)
        raise UnknownName(
            f"{self.function_name} is an SDK integration already", f"write {self.function_name}"
        )

    def _not_waiting(self) -> UnknownName:
        return UnknownName(f"Step Functions does not wait for an answer to {self.function_name}", None)

    def with_options(
        self,
        *,
        name: str | None = None,
        retry: Sequence[Retry] | None = None,
        timeout: timedelta | None = None,
        heartbeat: timedelta | None = None,
    ) -> ServiceCall:
        """Give the same call under another state name, or with another retry policy, timeout or heartbeat."""
        options = super().with_options(name=name, retry=retry, timeout=timeout, heartbeat=heartbeat)
        return self._like(options)

    def _like(self, other: Task[..., Any]) -> ServiceCall:
        made = copy(self)
        made.name, made.retry, made.timeout, made.heartbeat = (
            other.name,
            other.retry,
            other.timeout,
            other.heartbeat,
        )
        return made

    def wait_for_task_token(
        self, result: type[A], *, timeout: timedelta | None = None, heartbeat: timedelta | None = None
    ) -> Task[..., A]:
        """Give the call that waits until the token in its parameters is answered with a `result`.

        Raises UnknownName where Step Functions does not wait for an answer to this action.
        """
        if not self._waits:
            raise self._not_waiting()
        resource = self.resource + _WAITS
        return Task(
            _function(self.function_name, self._perform(resource), self._parameters, None),
            kind="integration",
            resource=resource,
            result=Converter(result, {}),
            name=self.name,
            retry=self.retry,
            timeout=self.timeout if timeout is None else timeout,
            heartbeat=self.heartbeat if heartbeat is None else heartbeat,
            limits=self.limits,
        )


def _function(
    name: str, perform: Perform, parameters: ModelType | None, result: Type | None
) -> Callable[..., Any]:
    """Give a function with the signature of an action: every parameter by name, those left out left out."""
    read = Converter(Any if result is None else annotated(result), {})

    def call(**members: object) -> Any:
        from pydantic_core import to_jsonable_python

        answer = perform({key: to_jsonable_python(value) for key, value in members.items()})
        return read.from_json(answer)

    fields: Mapping[str, ModelField] = {} if parameters is None else parameters.fields
    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"Make the call {name} of AWS."
    call.__signature__ = _signature(fields, None if result is None else annotated(result))  # type: ignore[attr-defined] - functions take any attribute
    return call


def _signature(fields: Mapping[str, ModelField], result: object) -> inspect.Signature:
    needed = sorted(fields.values(), key=lambda field: not field.required)
    return inspect.Signature(
        [
            inspect.Parameter(
                field.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if field.required else UNDEFINED,
                annotation=annotated(field.type),
            )
            for field in needed
        ],
        return_annotation=inspect.Signature.empty if result is None else result,
    )
