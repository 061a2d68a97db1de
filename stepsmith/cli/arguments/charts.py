"""`--chart`: the page that a workflow's module draws of a result, beside another result where `--compare` names one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from stepsmith.cli.arguments.parsing import WrongCall
from stepsmith.cli.output.messages import one_line
from stepsmith.errors import InvalidInput, StepsmithError

if TYPE_CHECKING:
    from stepsmith.expressions.types import Json

Drawing = Callable[..., str]
"""Takes a result and perhaps another one, as JSON, and gives an HTML page."""

MOST_BYTES: Final = 10_000_000


class Drawn(Protocol):
    """What a run is of, as far as charts are concerned."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    def drawing(self) -> Drawing:
        """Return what draws a result of it; raises InvalidInput where nothing does."""
        ...


@dataclass(frozen=True, slots=True)
class Chart:
    """A page that is to be written when the run has succeeded."""

    path: Path
    name: str
    drawing: Drawing
    others: tuple[Json, ...]

    def drawn(self, output: Json) -> str:
        """Return the page that shows the result; raises InvalidInput where there is nothing to draw."""
        return _drawn(self.name, self.drawing, "--chart", output, *self.others)


def planned_chart(target: Drawn, path: Path | None, compare: str | None) -> Chart | None:
    """Return the chart that the command line asks for; raises WrongCall or InvalidInput before anything has run."""
    if path is None:
        if compare is not None:
            raise WrongCall("--compare says what a chart also shows; name the page with --chart FILE")
        return None
    drawing = target.drawing()
    if str(path) == "-":
        raise WrongCall(
            "--chart -: the result goes to standard output; name a file, such as chart.html or ./-"
        )
    if path.is_dir():
        raise WrongCall(f"--chart {str(path)!r}: this is a folder")
    if compare is None:
        return Chart(path, target.name, drawing, ())
    other = _other(path, compare)
    _drawn(target.name, drawing, "--compare", other)
    return Chart(path, target.name, drawing, (other,))


def _other(path: Path, compare: str) -> Json:
    """Return the other result: JSON in a file, or an address as it is."""
    if "://" in compare:
        return compare
    file = Path(compare.removeprefix("@"))
    try:
        if path.exists() and path.samefile(file):
            raise WrongCall("--chart would write over what --compare reads")
        with file.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise InvalidInput(
            f"--compare {str(file)[:200]!r} cannot be read: {error.strerror or error}"
        ) from None
    if len(data) > MOST_BYTES:
        raise InvalidInput(f"--compare {str(file)!r}: it is larger than {MOST_BYTES} bytes")
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise InvalidInput(f"--compare {str(file)!r}: it is not JSON, such as stepsmith run writes") from None


def _drawn(name: str, drawing: Drawing, option: str, *results: Json) -> str:
    try:
        return drawing(*results)
    except StepsmithError as error:
        raise InvalidInput(f"{option}: {one_line(str(error))}") from None
    except Exception as error:
        raise InvalidInput(f"{option}: the chart of {name} failed: {one_line(repr(error))}") from error
