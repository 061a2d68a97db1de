"""The arguments of a command: argparse, with one message where it would print a page."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

from stepsmith.cli.messages import nearest


class WrongCall(Exception):
    """A call that cannot be understood; the text says what is wrong with it."""


class _Parser(argparse.ArgumentParser):
    """An argument parser that raises where argparse would end the process."""

    def error(self, message: str) -> NoReturn:
        # arguments of which there may be none are not missing, whatever argparse says
        raise WrongCall(message.replace(", key=value", ""))


class Arguments:
    """The options and arguments that one command takes."""

    def __init__(self, command: str, description: str) -> None:
        self._parser = _Parser(
            prog=f"stepsmith {command}", description=description, allow_abbrev=False, add_help=False
        )
        self._parser.add_argument("-h", "--help", action="store_true", help="show this and do nothing")

    def value(
        self, name: str, *, metavar: str, help: str, many: bool = False, optional: bool = False
    ) -> None:
        """Take a positional argument, or all that are left."""
        nargs = "*" if many else "?" if optional else None
        self._parser.add_argument(name, metavar=metavar, help=help, nargs=nargs)

    def option(
        self, name: str, *, metavar: str, help: str, default: str | None = None, short: str | None = None
    ) -> None:
        """Take an option with a value; `short` is its one-letter form."""
        names = [f"--{name}"] if short is None else [f"-{short}", f"--{name}"]
        self._parser.add_argument(*names, metavar=metavar, help=help, default=default)

    def repeated(self, name: str, *, metavar: str, help: str) -> None:
        """Take an option that may be given several times."""
        self._parser.add_argument(f"--{name}", metavar=metavar, help=help, action="append", default=[])

    def flag(self, name: str, *, help: str) -> None:
        """Take an option without a value."""
        self._parser.add_argument(f"--{name}", action="store_true", help=help)

    def choice(self, name: str, choices: Sequence[str], *, help: str) -> None:
        """Take an option whose value is one of a few; the first is the default."""
        self._parser.add_argument(f"--{name}", choices=choices, default=choices[0], help=help)

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace | None:
        """Return what the arguments say, None where help was asked for and given.

        Raises WrongCall naming what is wrong, with the nearest option for one that is not known.
        """
        if "-h" in arguments or "--help" in arguments:
            self._parser.print_help()
            return None
        found, unknown = self._parser.parse_known_intermixed_args(list(arguments))
        for each in unknown:
            if each.startswith("-"):
                name = each.partition("=")[0]
                raise WrongCall(
                    f"no option {name!r}{nearest(name, self._options(), otherwise='the options are')}"
                )
            raise WrongCall(f"one argument too many: {each!r}")
        return found

    def _options(self) -> list[str]:
        return [
            name for action in self._parser._actions for name in action.option_strings if name[:2] == "--"
        ]  # pyright: ignore[reportPrivateUsage] - argparse tells its options nowhere else
