"""Where Python objects become JSON and back: the arguments and results of tasks and workflows."""

from __future__ import annotations

import builtins
import difflib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from stepsmith.authoring.calls.clients import ClientDefault, filled_in
from stepsmith.authoring.calls.converter import ABSENT, EMPTY, Converter
from stepsmith.authoring.calls.misspelt_keys import misspelt_key
from stepsmith.authoring.source.functions import parameter_mistake
from stepsmith.errors import InvalidInput
from stepsmith.expressions.typed.static_types import Type
from stepsmith.expressions.types import UNDEFINED, Json

if TYPE_CHECKING:
    from pydantic import ValidationError


def namespace(function: Callable[..., object]) -> dict[str, object]:
    """Give the names a function sees: builtins, the globals of its module, and what it closes over."""
    names = {**vars(builtins), **getattr(function, "__globals__", {})}
    cells = cast("tuple[Any, ...]", getattr(function, "__closure__", None) or ())
    for name, cell in zip(function.__code__.co_freevars, cells, strict=True):
        try:
            names[name] = cell.cell_contents
        except ValueError:
            continue
    return names


@dataclass(frozen=True)
class Parameter:
    """A parameter whose argument is part of the JSON payload."""

    name: str
    default: object
    """`inspect.Parameter.empty` where there is none, UNDEFINED where what is not given is no part of the payload."""
    converter: Converter = field(repr=False)
    keyword_only: bool = False

    @property
    def required(self) -> bool:
        """Whether an argument must be given."""
        return self.default is EMPTY

    @property
    def type(self) -> Type:
        """The static type."""
        return self.converter.type


def _written(parameter: inspect.Parameter) -> str:
    return str(parameter.replace(annotation=EMPTY, default=EMPTY))


def _named_help(parameter: inspect.Parameter) -> str:
    if parameter.kind is parameter.POSITIONAL_ONLY:
        return "leave out the `/`"
    if parameter.kind is parameter.VAR_KEYWORD:
        return f"write `{parameter.name}: dict[str, ...]`"
    return f"write `{parameter.name}: list[...]`"


class Boundary:
    """The signature of a task or workflow, as JSON sees it."""

    def __init__(self, function: Callable[..., object], *, skip: int = 0) -> None:
        self.signature = inspect.signature(function)
        parameters = list(self.signature.parameters.values())
        for parameter in parameters:
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
                raise parameter_mistake(
                    function,
                    parameter.name,
                    "W108",
                    f"{function.__name__}() has parameter {_written(parameter)}, which JSON cannot name",
                    _named_help(parameter),
                )
        names = namespace(function)
        self.skipped = tuple(parameter.name for parameter in parameters[:skip])
        """Leading parameters that callers do not see."""
        self._client_defaults = {
            p.name: p.default for p in parameters if isinstance(p.default, ClientDefault)
        }
        self.clients = {name: default.service for name, default in self._client_defaults.items()}
        """Parameters that take a client, or what gives one in a region -> the service."""
        self.parameters = tuple(
            Parameter(p.name, p.default, Converter(p.annotation, names), p.kind is p.KEYWORD_ONLY)
            for p in parameters[skip:]
            if p.name not in self.clients
        )
        """Parameters that make up the payload."""
        self._names = {parameter.name: parameter for parameter in self.parameters}
        self.result = Converter(self.signature.return_annotation, names)
        """The converter of the result."""
        self._visible = self.signature.replace(parameters=parameters[skip:])

    def prepare(self) -> None:
        """Make ready what reads arguments and writes the result."""
        for parameter in self.parameters:
            parameter.converter.prepare()
        self.result.prepare()

    def bind(self, args: tuple[object, ...], kwargs: Mapping[str, object]) -> dict[str, object]:
        """Give arguments by parameter name, defaults filled in where there are values. Raises TypeError."""
        bound = self._visible.bind(*args, **kwargs)
        bound.apply_defaults()
        return {
            name: value
            for name, value in bound.arguments.items()
            if not isinstance(value, ClientDefault) and value is not UNDEFINED
        }

    def visible_arguments(self, args: tuple[object, ...], kwargs: Mapping[str, object]) -> dict[str, object]:
        """Give arguments like `bind`. Raises InvalidInput naming the argument that is missing or not known."""
        names = [parameter.name for parameter in self.parameters]
        for name in kwargs:
            if name not in names:
                raise InvalidInput(f"there is no input {name!r}{_nearest(name, names)}")
        try:
            return self.bind(args, kwargs)
        except TypeError as error:
            raise InvalidInput(str(error)) from None

    def with_clients(self, arguments: Mapping[str, object]) -> dict[str, object]:
        """Give the arguments together with the clients that were not passed."""
        if not self.clients:
            return dict(arguments)
        missing = {
            name: filled_in(default)
            for name, default in self._client_defaults.items()
            if name not in arguments
        }
        return {**arguments, **missing}

    def to_json(self, arguments: Mapping[str, object]) -> dict[str, Json]:
        """Give the payload: one member for each parameter, clients left out.

        Raises InvalidInput naming the field that does not fit.
        """
        return {p.name: _write(p, p.converter.to_json, arguments[p.name]) for p in self._given(arguments)}

    def _given(self, arguments: Mapping[str, object]) -> list[Parameter]:
        return [p for p in self.parameters if p.default is not UNDEFINED or p.name in arguments]

    def from_json(self, payload: Json) -> dict[str, Any]:
        """Give the arguments in a payload. Raises InvalidInput naming the field that does not fit."""
        return self._arguments(self.check_names(payload), Converter.from_json)

    def _arguments(
        self, members: Mapping[str, Json], read: Callable[[Converter, Json], object]
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for parameter in self.parameters:
            if parameter.name in members:
                value = members[parameter.name]
                try:
                    found[parameter.name] = read(parameter.converter, value)
                except ValueError as error:
                    _tell_misfit(parameter, error, value)
                    raise
            elif parameter.required:
                raise InvalidInput(f"{parameter.name} is missing")
            elif parameter.default is not UNDEFINED:
                found[parameter.name] = parameter.default
        return found

    def written(self, arguments: Mapping[str, object]) -> dict[str, Json]:
        """Give the payload as a state machine writes it, without code of the types.

        Raises InvalidInput naming the field that does not fit.
        """
        return {p.name: _write(p, p.converter.written, arguments[p.name]) for p in self._given(arguments)}

    def read(self, payload: Mapping[str, Json]) -> dict[str, Any]:
        """Give the arguments in a payload that `written` made."""
        return {p.name: p.converter.read(payload[p.name]) for p in self._given(payload)}

    def strictly(self, payload: Json) -> dict[str, Any]:
        """Give the arguments in a payload that holds what the types say, no number as a text. Raises InvalidInput."""
        return self._arguments(self.check_names(payload), Converter.strictly)

    def checked(self, payload: Json) -> dict[str, Any]:
        """Give the arguments in a payload as a state machine reads them that checks its input.

        Raises UnreadableValue naming the field that does not fit.
        """
        members = cast("dict[str, Json]", payload) if isinstance(payload, dict) else {}
        found: dict[str, Any] = {}
        for p in self.parameters:
            given = p.name in members or p.required
            found[p.name] = p.converter.checked(members.get(p.name, ABSENT), p.name) if given else p.default
        return found

    def check_names(self, payload: object) -> dict[str, Json]:
        """Give the members of a payload. Raises InvalidInput where one is not the name of a parameter."""
        names = self._names
        if not isinstance(payload, dict):
            wanted = f" with {', '.join(names)}" if names else ""
            raise InvalidInput(f"the input is {_json_kind(payload)}; it has to be an object{wanted}")
        members = cast("dict[str, Json]", payload)
        for name in members:
            if name not in names:
                raise InvalidInput(f"there is no input {name!r}{_nearest(name, list(names))}")
        return members


def _json_kind(value: object) -> str:
    """Say what a value is in JSON, or its type where it is nothing of JSON."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return f"of type {type(value).__name__}"


def _tell_misfit(parameter: Parameter, error: ValueError, value: Json) -> None:
    """Raise InvalidInput for an error of pydantic's; let others pass."""
    from pydantic import ValidationError

    if isinstance(error, ValidationError):
        raise _misfit(parameter, error, value) from without_inputs(error)


def _write(parameter: Parameter, write: Callable[[object], Json], value: object) -> Json:
    from pydantic import ValidationError

    try:
        return write(value)
    except ValidationError as error:
        raise _misfit(parameter, error, value) from without_inputs(error)


def without_inputs(error: ValidationError) -> ValidationError:
    """Give the same error without the values it quotes, which may be personal, and causes end up in histories."""
    from pydantic import ValidationError
    from pydantic_core import InitErrorDetails, PydanticCustomError

    found = [
        InitErrorDetails(
            type=PydanticCustomError(cast("Any", each["type"]), cast("Any", each["msg"])),
            loc=each["loc"],
            input=None,
        )
        for each in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    hidden = ValidationError.from_exception_data(error.title, found, hide_input=True)
    return hidden.with_traceback(error.__traceback__)


def hide_inputs(error: ValueError) -> None:
    """Raise pydantic's errors without the values they quote; let others pass."""
    from pydantic import ValidationError

    if isinstance(error, ValidationError):
        raise without_inputs(error) from None


def _misfit(parameter: Parameter, error: ValidationError, value: object) -> InvalidInput:
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in (parameter.name, *first["loc"]))
    if first["type"] == "json_invalid":
        return InvalidInput(f"{place}: a text holds half of a surrogate pair, which is no character")
    if first["type"] in ("missing", "extra_forbidden"):
        told = misspelt_key(parameter.type, value, first["loc"])
        if told is not None:
            return InvalidInput(f"{place.rpartition('.')[0]}: {told}")
    return InvalidInput(f"{place}: {first['msg']}")


def _nearest(name: str, names: list[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; the inputs are {', '.join(names)}" if names else "; there are no inputs"
