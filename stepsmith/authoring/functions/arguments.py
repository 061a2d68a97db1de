"""The arguments of an HTTP function, read out of a request: what is in the path, in the query and in the body."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from stepsmith.authoring.calls.boundary import hide_inputs, namespace
from stepsmith.authoring.calls.clients import ClientDefault, filled_in
from stepsmith.authoring.calls.converter import EMPTY, Converter
from stepsmith.authoring.functions.messages import JSON, Refused, Request
from stepsmith.authoring.source.functions import parameter_mistake
from stepsmith.expressions.typed.static_types import (
    ANY,
    NONE,
    EnumType,
    ListType,
    Opaque,
    OptionalType,
    Scalar,
    Type,
)
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

if TYPE_CHECKING:
    from pydantic import ValidationError

Place: TypeAlias = Literal["path", "query", "body", "bytes", "request"]
MOST_PROBLEMS: Final = 5
"""Problems of one value that a refusal tells of."""


@frozen
class Argument:
    """A parameter that a request gives a value."""

    name: str
    place: Place
    converter: Converter
    default: object = EMPTY
    is_list: bool = False
    """Whether the query may have it several times."""


class Arguments:
    """The parameters of an HTTP function, and where each one comes from.

    What the path names is in the path. A `Request` is the whole of it. Texts, numbers and lists of them are in the
    query, and what is left, one at most, is the body: as JSON, or as it is where it is `bytes`.
    """

    def __init__(self, function: Callable[..., object], in_path: tuple[str, ...]) -> None:
        self._function = function
        self._names = namespace(function)
        self.signature = inspect.signature(function)
        self._client_defaults: dict[str, ClientDefault] = {}
        found: list[Argument] = []
        for parameter in self.signature.parameters.values():
            if isinstance(parameter.default, ClientDefault):
                self._client_defaults[parameter.name] = parameter.default
            else:
                found.append(self._argument(parameter, in_path))
        self.all = tuple(found)
        self.clients = {name: default.service for name, default in self._client_defaults.items()}
        """Parameters that take a client -> the service."""
        for name in in_path:
            if name not in self.signature.parameters:
                raise ValueError(f"the path has {{{name}}}, and {function.__name__}() has no such parameter")
        bodies = [each for each in found if each.place in ("body", "bytes")]
        if len(bodies) > 1:
            self._refuse(bodies[1].name, f"is the body as well as {bodies[0].name}", "make one class of both")
        self.has_body = bool(bodies)

    def _argument(self, parameter: inspect.Parameter, in_path: tuple[str, ...]) -> Argument:
        name = parameter.name
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            self._refuse(name, "cannot be named in a request", "write an ordinary parameter")
        converter = Converter(parameter.annotation, self._names)
        if converter.annotation is Request:
            return Argument(name, "request", converter)
        if converter.annotation is bytes:
            return Argument(name, "bytes", converter)
        kind = converter.type
        if name in in_path:
            if not _is_text(kind):
                self._refuse(name, "is in the path, and no text stands for its type", "annotate str or int")
            return Argument(name, "path", converter)
        plain = kind.inner if isinstance(kind, OptionalType) else kind
        if _is_text(plain) or (isinstance(plain, ListType) and _is_text(plain.item)):
            return Argument(name, "query", converter, parameter.default, isinstance(plain, ListType))
        return Argument(name, "body", converter, parameter.default)

    def _refuse(self, name: str, problem: str, help: str) -> None:
        raise parameter_mistake(
            self._function, name, "W108", f"{self._function.__name__}(): parameter {name} {problem}", help
        )

    def prepare(self) -> None:
        """Make ready what reads values."""
        for each in self.all:
            if each.place not in ("request", "bytes"):
                each.converter.prepare()

    def bind(self, args: tuple[object, ...], kwargs: Mapping[str, object]) -> dict[str, object]:
        """Give the arguments of a plain call, with the clients that were not passed. Raises TypeError."""
        bound = self.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return {
            name: filled_in(value) if isinstance(value, ClientDefault) else value
            for name, value in bound.arguments.items()
        }

    def read(self, request: Request, clients: Mapping[str, object]) -> dict[str, object]:
        """Give the arguments in a request. Raises Refused with status 400, 415 or 422 naming what does not fit."""
        found: dict[str, object] = {each.name: self._value(each, request) for each in self.all}
        for name, default in self._client_defaults.items():
            found[name] = clients[name] if name in clients else filled_in(default)
        return found

    def _value(self, argument: Argument, request: Request) -> object:
        name = argument.name
        match argument.place:
            case "request":
                return request
            case "path":
                return _read(argument, request.path_parameters.get(name, ""), name)
            case "query":
                given = request.query.get(name, ())
                if given:
                    return _read(argument, list(given) if argument.is_list else given[-1], name)
                return _default(argument, f"{name} is missing in the query")
            case "bytes":
                return request.body
            case "body":
                if not request.body:
                    return _default(argument, "the body is missing")
                if request.content_type not in ("", JSON) and not request.content_type.endswith("+json"):
                    raise Refused(415, f"the body is {request.content_type}, and has to be {JSON}")
                return _read(argument, request.json(), "body")


def _default(argument: Argument, problem: str) -> object:
    if argument.default is EMPTY:
        raise Refused(422, problem)
    return argument.default


def _read(argument: Argument, value: Json, place: str) -> Any:
    from pydantic import ValidationError

    try:
        return argument.converter.from_json(value)
    except ValidationError as error:
        raise Refused(422, "; ".join(_problems(error, place))) from None
    except ValueError as error:
        hide_inputs(error)
        raise


def _problems(error: ValidationError, place: str) -> list[str]:
    """Say what does not fit and where, without the values, which may be personal."""
    found: list[str] = []
    for each in error.errors(include_url=False, include_input=False, include_context=False)[:MOST_PROBLEMS]:
        where = ".".join(str(part) for part in each["loc"])
        found.append(f"{place}.{where}: {each['msg']}" if where else f"{place}: {each['msg']}")
    return found


def _is_text(kind: Type) -> bool:
    """Say whether a text in an address can stand for a type."""
    match kind:
        case Scalar():
            return kind not in (ANY, NONE)
        case EnumType() | Opaque():
            return True
        case OptionalType(inner=inner):
            return _is_text(inner)
        case _:
            return False
