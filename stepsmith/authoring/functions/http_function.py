"""HTTP functions: Python functions that answer a route of a project's HTTP API."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import timedelta
from typing import (
    Any,
    Final,
    Generic,
    Literal,
    ParamSpec,
    Protocol,
    TypeAlias,
    TypeVar,
    cast,
    get_args,
    overload,
)

from stepsmith.authoring.calls.awaiting import finished
from stepsmith.authoring.calls.boundary import namespace
from stepsmith.authoring.calls.converter import Converter
from stepsmith.authoring.functions.arguments import Arguments
from stepsmith.authoring.functions.messages import Refused, Response, answered, request_of, said
from stepsmith.authoring.source.names import sentence
from stepsmith.authoring.tasks.provisions import (
    Architecture,
    FunctionOptions,
    Parameter,
    Policy,
    function_options,
)
from stepsmith.errors import InvalidInput
from stepsmith.expressions.types import Json

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
Method: TypeAlias = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
Access: TypeAlias = Literal["iam", "public"]
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
LONGEST: Final = timedelta(seconds=30)
"""How long an HTTP API waits for a function."""
ALLOWED: Final = "x-stepsmith-allow"
"""The header in which the API says which methods a path has, to whoever answers the others."""
_PART: Final = re.compile(r"[A-Za-z0-9._~-]+|\{[A-Za-z_][A-Za-z0-9_]*\+?\}")


class HttpFunction(Generic[P, R_co]):
    """A function that answers a route; called like the function it was made from. `@route` makes it."""

    __name__: str
    kind: Final = "http"

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        method: Method,
        path: str,
        access: Access = "iam",
        timeout: timedelta = LONGEST,
        deployment: FunctionOptions | None = None,
    ) -> None:
        functools.update_wrapper(self, function)
        if method not in METHODS:
            raise ValueError(f"{method!r} is no method: {', '.join(METHODS)}")
        if access not in ("iam", "public"):
            raise ValueError(f"access is {access!r}; it is 'iam' or 'public'")
        if not timedelta(seconds=1) <= timeout <= LONGEST:
            raise ValueError(f"timeout is {timeout}; an HTTP API waits for 1 to 30 seconds")
        self.function = function
        """The function itself."""
        self.method: Method = method
        self.path = path
        """The path, such as `/orders/{id}`; `{rest+}` at its end stands for all that follows."""
        self.access: Access = access
        """Who may call it: everybody, or who signs with IAM credentials that may."""
        self.function_name = function.__name__
        """The name of the Lambda function."""
        self.name = sentence(function.__name__)
        """The name that people read."""
        self.timeout = timeout
        self.deployment = deployment or FunctionOptions()
        """How its Lambda function is deployed."""
        self.arguments = Arguments(function, _parameters(path))
        """Its parameters, and where in a request each one is."""
        if method in ("GET", "HEAD") and self.arguments.has_body:
            raise InvalidInput(
                f"{function.__name__}() answers {method}, and takes a body, which {method} has not"
            )
        self.result = Converter(self.arguments.signature.return_annotation, namespace(function))
        """The converter of what it gives back."""

    @property
    def clients(self) -> Mapping[str, str]:
        """Parameters that take a client -> the service."""
        return self.arguments.clients

    @property
    def route(self) -> str:
        """The route as API Gateway writes it: `GET /orders/{id}`."""
        return f"{self.method} {self.path}"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Call the function directly, with clients from the source in use."""
        return cast("R_co", finished(self.function(**self.arguments.bind(args, kwargs))))

    def prepare(self) -> None:
        """Make ready what reads requests and writes answers, which otherwise the first call does."""
        self.arguments.prepare()
        if self._is_converted:
            self.result.prepare()

    def handle(self, event: Json, **clients: object) -> Json:
        """Answer the event of an HTTP API (payload format 2.0): the Lambda entry point, and what local clouds call.

        What does not fit is answered with 400, 413, 415 or 422 and a message; what the function raises is raised,
        which Lambda logs and an HTTP API answers with 500.
        """
        try:
            request = request_of(cast("Mapping[str, Any]", event), self.path)
        except (KeyError, TypeError, ValueError):
            return said(400, "this is no request of an HTTP API")
        if request.method != self.method:
            allowed = request.headers.get(ALLOWED, self.method)
            return said(405, "Method Not Allowed", {"allow": allowed})
        try:
            result = finished(self.function(**self.arguments.read(request, clients)))
        except Refused as refusal:
            return said(refusal.status, refusal.message, refusal.headers)
        if isinstance(result, Response):
            return answered(result)
        if result is None:
            return answered(Response(status=204))
        if isinstance(result, bytes):
            return answered(Response(result))
        return answered(Response(self.result.to_json(result) if self._is_converted else result), as_json=True)

    @functools.cached_property
    def _is_converted(self) -> bool:
        """Whether the annotation says what is written, and not that a response or bytes are returned."""
        return self.result.annotation is not Any and not is_sent_as_it_is(self.result.annotation)

    def __repr__(self) -> str:
        return f"<http function {self.function_name}: {self.route}>"


class RouteDecorator(Protocol):
    """Makes functions HTTP functions."""

    @overload
    def __call__(self, function: Callable[P, Coroutine[Any, Any, R]], /) -> HttpFunction[P, R]: ...
    @overload
    def __call__(self, function: Callable[P, R], /) -> HttpFunction[P, R]: ...


def route(
    method: Method,
    path: str,
    *,
    access: Access = "iam",
    timeout: timedelta = LONGEST,
    memory: int = 128,
    storage: int = 512,
    architecture: Architecture = "arm64",
    environment: Mapping[str, str | Parameter] | None = None,
    policies: Sequence[Policy] = (),
    packages: Sequence[str] = (),
    loads: Sequence[str] = (),
) -> RouteDecorator:
    """Make a function answer a route of the project's HTTP API: `@route("GET", "/orders/{id}")`.

    What the path names is read from it, texts and numbers from the query, and anything else, once, from the body as
    JSON. With `access="public"` everybody may call it, otherwise who signs with IAM credentials. The options from
    `memory` on are those of `task`. Raises ValueError for a path or option that is not possible, DefinitionError for a
    parameter that no request gives.
    """
    deployment = function_options(
        memory=memory,
        storage=storage,
        architecture=architecture,
        environment=environment,
        policies=policies,
        packages=packages,
        loads=loads,
    )

    def decorate(function: Callable[..., Any]) -> HttpFunction[..., Any]:
        return HttpFunction(
            function, method=method, path=path, access=access, timeout=timeout, deployment=deployment
        )

    return cast("RouteDecorator", decorate)


def is_sent_as_it_is(annotation: object) -> bool:
    """Say whether an annotation is a response or bytes, or a union with one of them."""
    kinds = (annotation, *get_args(annotation))
    return any(each is Response or each is bytes for each in kinds)


def _parameters(path: str) -> tuple[str, ...]:
    """Give the names of the parameters in a path. Raises ValueError for what is no path of a route."""
    parts = path.removeprefix("/").split("/") if path != "/" else []
    if not path.startswith("/") or not all(_PART.fullmatch(part) for part in parts):
        raise ValueError(f"{path!r} is no path such as '/orders' or '/orders/{{id}}'")
    names = [part[1:-1].removesuffix("+") for part in parts if part.startswith("{")]
    if len(set(names)) < len(names):
        raise ValueError(f"{path!r} has a parameter twice")
    if any(part.endswith("+}") for part in parts[:-1]):
        raise ValueError(f"{path!r}: what stands for all that follows is at the end")
    return tuple(names)
