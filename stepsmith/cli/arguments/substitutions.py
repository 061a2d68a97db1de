"""Values for the placeholders of definitions: `--substitute Name=value`, and a file with several."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from stepsmith.cli.arguments.parsing import Arguments, WrongCall
from stepsmith.errors import InvalidInput, nearest

if TYPE_CHECKING:
    from argparse import Namespace

    from stepsmith.asl.filling import Substitutions

MOST_BYTES: Final = 1_048_576


@dataclass(frozen=True, slots=True)
class GivenValues:
    """What a call has said about placeholders."""

    values: Substitutions = field(default_factory=dict[str, str])
    named: frozenset[str] = frozenset()
    """The names that stand in the call; those in a file may be for other definitions."""

    def known_in(self, text: bytes) -> Substitutions:
        """Give the values for the placeholders that the text of a definition may hold."""
        return {
            name: value
            for name, value in self.values.items()
            if f"${{{name}}}".encode("utf-8", "replace") in text
        }

    def check_used(self, used: Collection[str], placeholders: Collection[str]) -> None:
        """Raise WrongCall for a value in the call that no definition has a placeholder for."""
        for name in sorted(self.named):
            if name not in used:
                hint = nearest(name, {*used, *placeholders}, otherwise="the placeholders are")
                raise WrongCall(f"--substitute {name!r}: there is no ${{{name}}} to put it for{hint}")


def add_substitutions(arguments: Arguments) -> None:
    """Take values for placeholders."""
    arguments.repeated("substitute", metavar="NAME=VALUE", help="what stands for ${NAME} in a definition")
    arguments.option(
        "substitutions", metavar="FILE", help="a JSON object with what stands for several placeholders"
    )


def given_values(arguments: Namespace) -> GivenValues:
    """Return what the call says; raises InvalidInput for what cannot be read, and for a name that is given twice."""
    values: dict[str, str | int | float | bool] = {}
    if arguments.substitutions is not None:
        values.update(_from_file(Path(arguments.substitutions)))
    named: set[str] = set()
    for pair in arguments.substitute:
        name, equals, value = pair.partition("=")
        name = name[2:-1] if name.startswith("${") and name.endswith("}") else name
        if not equals or not name:
            raise WrongCall(f"--substitute {pair!r} is not of the form NAME=VALUE")
        if name in named:
            raise WrongCall(f"--substitute {pair!r} gives {name!r} a second value; give one")
        named.add(name)
        values[name] = value
    return GivenValues(values, frozenset(named))


def _from_file(path: Path) -> Mapping[str, str | int | float | bool]:
    from stepsmith.expressions.json_text import InvalidJson, read

    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InvalidInput(f"--substitutions {str(path)!r} cannot be read: {reason}") from None
    if len(data) > MOST_BYTES:
        raise InvalidInput(f"--substitutions {str(path)!r} has more than {MOST_BYTES} bytes")
    try:
        found = read(data)
    except InvalidJson as error:
        reason = error.message.partition("\n")[0]
        raise InvalidInput(f"{path}:{error.line}:{error.column}: {reason}") from None
    if not isinstance(found, dict):
        raise InvalidInput(f'{path} is no object; write {{"NAME": "VALUE"}}')
    for name, value in found.items():
        if not isinstance(value, str | int | float | bool):
            raise InvalidInput(
                f"{path}: the value of {name!r} is no text, number, true or false, and nothing else stands in text"
            )
    return cast("dict[str, str | int | float | bool]", found)
