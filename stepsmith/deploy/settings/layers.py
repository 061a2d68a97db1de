"""The settings that hold: those of the project, those of the stage over them, and those of the call over both."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

from pydantic import ValidationError

from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.settings.model import (
    TAGS,
    FunctionSettings,
    Reference,
    Settings,
    VpcSettings,
    keys_of,
)
from stepsmith.deploy.settings.places import line_of
from stepsmith.errors import nearest

FILE: Final = "pyproject.toml"
SECTION: Final = "tool.stepsmith"
_EXCLUDING: Final = ("canary", "linear")

Raw: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Layered:
    """Settings, and for each that somebody has given where it comes from."""

    settings: Settings
    sources: Mapping[str, str]
    """Key, with dots -> its value as text and where that was said."""


def load_settings(root: Path, stage: str | None, given: Raw) -> Layered:
    """Read the settings of a project for a stage; `given` are those of the call, with the option of each as its source.

    Raises DeploymentError naming the place of a key that is not known or a value that does not fit, and for a stage
    that there is not.
    """
    text, section = _read(root)
    stages = _table(text, section, (), "stages")
    layers: list[tuple[str, Raw]] = [(f"[{SECTION}]", {k: v for k, v in section.items() if k != "stages"})]
    check = _Check(text)
    check(layers[0][1], ())
    for name in stages:
        check(_table(text, stages, ("stages",), name), ("stages", name))
    if stage is not None:
        if stage not in stages:
            raise DeploymentError(_no_stage(stage, stages))
        layers.append((f"[{SECTION}.stages.{stage}]", stages[stage]))
    layers.append(("", given))
    merged: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for source, layer in layers:
        _lay(merged, sources, layer, source, ())
    return Layered(_settings(merged, sources), sources)


class _Check:
    """Checks a table of the file, so that an error has the line where it stands."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __call__(self, layer: Raw, path: tuple[str, ...]) -> None:
        try:
            Settings.model_validate(layer)
        except ValidationError as error:
            problems = list(self._said(error, path))
            if problems:
                raise DeploymentError("\n".join(problems)) from None

    def _said(self, error: ValidationError, path: tuple[str, ...]) -> Iterable[str]:
        for each in error.errors(include_url=False):
            if not each["loc"]:
                continue  # what does not fit together may come from several layers
            where = (*path, *(str(part) for part in each["loc"] if part not in TAGS))
            yield f"{FILE}{line_of(self._text, SECTION, where)}: {_message(each, where)}"


def _message(error: Any, where: tuple[str, ...]) -> str:
    key = ".".join((SECTION, *where))
    if error["type"] == "extra_forbidden":
        known = _known_beside(where)
        return (
            f"there is no setting {key}{nearest(where[-1].replace('_', '-'), known, otherwise='there are')}"
        )
    if error["type"] == "value_error":
        return f"{key}: {error['ctx']['error']}"
    given = "" if error["type"] == "missing" else f" is {_short(error['input'])}, and that is wrong"
    return f"{key}{given}: {error['msg'][:1].lower()}{error['msg'][1:]}"


def _known_beside(where: tuple[str, ...]) -> list[str]:
    """Give the keys of the table in which an unknown one stands."""
    inside = where[2:-1] if where[0] == "stages" else where[:-1]
    match inside:
        case ():
            return [*keys_of(Settings), *([] if where[0] == "stages" else ["stages"])]
        case ("vpc",):
            return keys_of(VpcSettings)
        case ("tasks", _):
            return keys_of(FunctionSettings)
        case _:
            return keys_of(Reference)


def _lay(
    merged: dict[str, Any], sources: dict[str, str], layer: Raw, source: str, path: tuple[str, ...]
) -> None:
    """Put a layer over what there is: tables key by key, everything else as a whole."""
    for each in _EXCLUDING:
        if each in layer and not path:
            for other in _EXCLUDING:
                merged.pop(other, None)
                sources.pop(other, None)
    for key, value in layer.items():
        place = (*path, key)
        if isinstance(value, Mapping) and path[-1:] != ("environment",):
            inner = merged.get(key)
            merged[key] = dict(cast("Raw", inner)) if isinstance(inner, Mapping) else {}
            _lay(merged[key], sources, cast("Raw", value), source, place)
        else:
            merged[key] = value
            name = ".".join(place)
            sources[name] = f"{_short(value)}  {source or '--' + _option(place)}"


def _option(place: tuple[str, ...]) -> str:
    return "no-failed-executions" if place == ("failed-executions",) else place[0]


def _settings(merged: Raw, sources: Mapping[str, str]) -> Settings:
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        found: list[str] = []
        for each in error.errors(include_url=False):
            where = tuple(str(part) for part in each["loc"] if part not in TAGS)
            source = sources.get(".".join(where), "")
            found.append(_message(each, where) + (f" ({source})" if source else ""))
        raise DeploymentError("\n".join(found).replace(f"{SECTION}: ", "")) from None


def _read(root: Path) -> tuple[str, Raw]:
    """Give the text of the file and its section; nothing where there is none."""
    try:
        text = (root / FILE).read_text("utf-8")
    except FileNotFoundError:
        return "", {}
    except (OSError, UnicodeDecodeError) as error:
        raise DeploymentError(f"{FILE} cannot be read: {error}") from None
    try:
        found: Raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DeploymentError(f"{FILE} is no TOML: {error}") from None
    section: object = found
    for part in SECTION.split("."):
        section = cast("Raw", section).get(part, {})
        if not isinstance(section, Mapping):
            raise DeploymentError(f"{FILE}: {SECTION} is no table")
    return text, cast("Raw", section)


def _table(text: str, outer: Raw, path: tuple[str, ...], key: str) -> Raw:
    found: object = outer.get(key, {})
    if not isinstance(found, Mapping):
        where = (*path, key)
        raise DeploymentError(
            f"{FILE}{line_of(text, SECTION, where)}: {'.'.join((SECTION, *where))} is {_short(found)}, "
            "and must be a table"
        )
    return cast("Raw", found)


def _no_stage(stage: str, stages: Raw) -> str:
    if not stages:
        return f"{FILE} has no stage {stage!r}, nor any other; write [{SECTION}.stages.{stage}]"
    return f"{FILE} has no stage {stage!r}{nearest(stage, stages, otherwise='its stages are')}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
