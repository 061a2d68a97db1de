"""Parts of a long comparison, each of which a process of its own makes and measures."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from tests.stepsmith.authoring.compiler.programs import unions
from tests.stepsmith.authoring.compiler.programs.comparing import compare
from tests.stepsmith.authoring.compiler.programs.mutations import crashes

PART: Final = 500
"""Programs of a part."""
MOST_MEMORY: Final = 2_000_000_000
"""Bytes that a part may have; a program that needs more is reported."""
Kind = Literal["random", "over unions", "mutated"]


@dataclass(frozen=True)
class Part:
    """Programs that one process writes and looks at."""

    kind: Kind
    count: int
    seed: int


@dataclass
class Measured:
    """What was found, and what it took."""

    programs: int = 0
    refused: int = 0
    problems: list[str] = field(default_factory=list[str])
    seconds: float = 0
    megabytes: int = 0

    def add(self, other: Measured) -> None:
        self.programs += other.programs
        self.refused += other.refused
        self.problems += other.problems
        self.seconds += other.seconds
        self.megabytes = max(self.megabytes, other.megabytes)


def parts(count: int, seed: int) -> Iterator[Part]:
    """Give the parts of so many programs, a tenth as many over unions, and half as many mutated ones."""
    sizes: dict[Kind, int] = {"random": count, "over unions": count // 10, "mutated": count // 2}
    for kind, size in sizes.items():
        for done in range(0, size, PART):
            # more seeds than programs, for some are refused
            yield Part(kind, min(PART, size - done), seed + 4 * done)


def measured(part: Part) -> Measured:
    """Look at the programs of a part, in this process."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    found = Measured()
    match part.kind:
        case "random":
            each = compare(part.count, part.seed)
            found.programs, found.refused, found.problems = each.accepted, each.refused, each.problems
        case "over unions":
            others = unions.compare(part.count, part.seed)
            found.programs, found.problems = others.accepted, others.problems
        case "mutated":
            found.programs, found.problems = part.count, crashes(part.count, part.seed)
    found.seconds = time.process_time()
    found.megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return found
