"""The arguments of a command: argparse, with one message where it would print a page."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from difflib import get_close_matches
from itertools import takewhile
from typing import NoReturn

from stepsmith.cli.output.messages import put


class WrongCall(Exception):
    """A call that cannot be understood; the text says what is wrong with it."""


class _Parser(argparse.ArgumentParser):
    """An argument parser that raises where argparse would end the process."""

    def error(self, message: str) -> NoReturn:
        # arguments of which there may be none are not missing, whatever argparse says
        raise WrongCall(message.replace(", key=value", ""))


class Arguments:
    """The options and arguments that one command takes."""

    def __init__(self, command: str, description: str, *, examples: Sequence[str] = ()) -> None:
        self.examples = [f"  stepsmith {command} {example}".rstrip() for example in examples]
        """Calls that `--help` shows."""
        self._parser = _Parser(
            prog=f"stepsmith {command}", description=description, allow_abbrev=False, add_help=False
        )
        self._parser.add_argument("-h", "--help", action="store_true", help="show this and do nothing")
        self._names = {"help": "--help"}
        """Name in the result -> how the call has it."""
        self._several: set[str] = set()
        """The names that may be given several times."""
        self._positional = False
        self._rest: str | None = None
        """What takes all that is not an option, also what stands after two dashes; argparse loses it there."""

    def value(
        self, name: str, *, metavar: str, help: str, many: bool = False, optional: bool = False
    ) -> None:
        """Take a positional argument, or all that are left."""
        self._names[name] = metavar
        if many:
            self._several.add(name)
            self._rest = None if self._positional else name
        self._positional = True
        nargs = "*" if many else "?" if optional else None
        self._parser.add_argument(name, metavar=metavar, help=help, nargs=nargs)

    def option(
        self, name: str, *, metavar: str, help: str, default: str | None = None, short: str | None = None
    ) -> None:
        """Take an option with a value; `short` is its one-letter form."""
        names = [f"--{name}"] if short is None else [f"-{short}", f"--{name}"]
        self._parser.add_argument(*names, metavar=metavar, help=help, default=default)
        self._know(name)

    def repeated(self, name: str, *, metavar: str, help: str) -> None:
        """Take an option that may be given several times."""
        self._parser.add_argument(f"--{name}", metavar=metavar, help=help, action="append", default=[])
        self._several.add(name.replace("-", "_"))
        self._know(name)

    def flag(self, name: str, *, help: str) -> None:
        """Take an option without a value."""
        self._parser.add_argument(f"--{name}", action="store_true", help=help)
        self._know(name)

    def choice(self, name: str, choices: Sequence[str], *, help: str) -> None:
        """Take an option whose value is one of a few; the first is the default."""
        self._parser.add_argument(
            f"--{name}", choices=choices, default=choices[0], help=f"{help}; {choices[0]} by default"
        )
        self._know(name)

    def _know(self, name: str) -> None:
        self._names[name.replace("-", "_")] = f"--{name}"

    def options(self) -> list[tuple[str, str]]:
        """Return the options in their long form, with what they are for."""
        actions = self._parser._actions  # pyright: ignore[reportPrivateUsage] - argparse has no other list of them
        return [
            (name, each.help or "")
            for each in actions
            for name in each.option_strings
            if name.startswith("--")
        ]

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace | None:
        """Return what the arguments say, None where help was asked for and given.

        Raises WrongCall naming what is wrong, with the nearest option for one that is not known; also for a value that
        is empty, which is seldom meant and would be the folder or file here.
        """
        if "-h" in arguments or "--help" in arguments:
            put("\n".join([self._parser.format_help().rstrip(), *self._shown_examples()]))
            return None
        for each in arguments:
            if "\0" in each:
                raise WrongCall(f"{each[:40]!r} holds a null character, which no file and no name has")
        self._refuse_unknown(arguments)
        own, rest = list(arguments), list[str]()
        if self._rest is not None and "--" in own:
            place = own.index("--")
            own, rest = own[:place], own[place + 1 :]
        found, unknown = self._parser.parse_known_intermixed_args(own)
        if self._rest is not None:
            setattr(found, self._rest, [*getattr(found, self._rest), *rest])
        for each in unknown:
            raise WrongCall(
                f"no option {each!r}" if each.startswith("-") else f"one argument too many: {each!r}"
            )
        for name, value in vars(found).items():
            if value == "":
                raise WrongCall(f"{self._names[name]} is empty")
            if isinstance(value, list) and name not in self._several:  # what argparse makes of `--name=--`
                raise WrongCall(f"argument {self._names[name]}: expected one argument")
        return found

    def _shown_examples(self) -> list[str]:
        return ["", "examples:", *self.examples] if self.examples else []

    def _refuse_unknown(self, arguments: Sequence[str]) -> None:
        """Refuse an option that the command does not have, before what argparse would miss because of it."""
        options = {name.removeprefix("--") for name in self._names.values() if name.startswith("--")}
        for each in takewhile(lambda each: each != "--", arguments):
            name = each.partition("=")[0]
            if name.startswith("--") and name.removeprefix("--") not in options:
                close = get_close_matches(name.removeprefix("--"), options, n=1, cutoff=0.5)
                known = ", ".join(f"--{option}" for option in sorted(options))
                raise WrongCall(
                    f"no option {name!r}; "
                    + (f"did you mean '--{close[0]}'?" if close else f"the options are {known}")
                )
