"""Names that are looked up when somebody writes them: services of AWS, their actions and their errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any, final


class UnknownName(AttributeError):
    """A name that nothing stands behind, with a sentence of help."""

    def __init__(self, told: str, help: str | None) -> None:
        super().__init__(told if help is None else f"{told}: {help}")
        self.told = told
        self.help = help


def unknown(told: str, wanted: str, known: Iterable[str]) -> UnknownName:
    """Give the error for a name, with the one that was probably meant."""
    close = get_close_matches(wanted, sorted(known), n=1, cutoff=0.6)
    return UnknownName(told, f"did you mean '{close[0]}'?" if close else None)


@final
class Namespace:
    """An object whose attributes are looked up, and then kept."""

    def __init__(self, path: str, look_up: Callable[[str], object]) -> None:
        self._path = path
        self._look_up = look_up

    def find(self, name: str) -> object:
        """Give what a name stands for. Raises UnknownName."""
        if name.startswith("_"):
            raise UnknownName(f"{self._path} has no attribute '{name}'", None)
        found = vars(self).get(name)
        if found is None:
            found = vars(self)[name] = self._look_up(name)
        return found

    def __getattr__(self, name: str) -> Any:
        """Give what a name stands for; only the run knows of which type it is. Raises UnknownName."""
        return self.find(name)

    def __repr__(self) -> str:
        return f"<{self._path}>"
