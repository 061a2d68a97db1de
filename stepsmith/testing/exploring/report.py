"""What an exploration has covered, and what it has found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stepsmith.testing.exploring.mishaps import Mishap


@dataclass(slots=True)
class Exploration:
    """How far an exploration has come, and what it has left out, with reasons."""

    depth: int = 0
    """Up to how many mishaps at once everything was tried, but for what was left out."""
    plans: int = 0
    """Plays, each with a plan of its own."""
    states: int = 0
    """Distinct states of executions and world."""
    joined: int = 0
    """Plays that came to a state that was known, where they ended: how they would go on is known, too."""
    alike: int = 0
    """Mishaps beside others that were left out, since they only differ in the name of an error."""
    not_combined: int = 0
    """Mishaps that were tried alone and not with others, for the same reason."""
    skipped: int = 0
    """Plans that were left out because `skip` said so."""
    not_begun: int = 0
    """Plans that were left when the time was over or the number of plans was reached."""
    seconds: float = 0.0

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.plans} plans, {self.states} states, {self.seconds:.1f} s"
        yield f"all plans with up to {self.depth} mishaps were tried, except for what is named here"
        reasons = {
            "ended early, at a state that another had come to": self.joined,
            "left out: they differ from another in the name of an error that is treated alike": self.alike,
            "not gone on from with another mishap, for the same reason": self.not_combined,
            "left out because skip says so": self.skipped,
            f"with {self.depth + 1} mishaps not tried: the limit of plans or seconds was reached": self.not_begun,
        }
        for reason, count in reasons.items():
            if count:
                yield f"{count} plans {reason}"


class PropertyBroken(AssertionError):
    """Something that should hold does not, with the shortest plan that shows it."""

    def __init__(
        self,
        name: str,
        problem: BaseException,
        plan: Sequence[Mishap],
        test: str,
        exploration: Exploration,
    ) -> None:
        self.plan = tuple(plan)
        """What goes wrong, in order."""
        self.test = test
        """A test module that shows it."""
        self.exploration = exploration
        """How far the search had come."""
        mishaps = "\n".join(f"  {each}" for each in plan) or "  nothing goes wrong"
        said = str(problem).strip() or type(problem).__name__
        super().__init__(f"{name}: {said}\n\n{mishaps}\n\n{test}\n\n{exploration}")
