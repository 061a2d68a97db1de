"""What waiting costs in a sleeping function and in a Wait state; `python -m tasks.vending_pass.costs` prints it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

GB_SECOND = Decimal("0.0000166667")
"""US dollars for a second of a Lambda function with 1 GB, x86, us-east-1."""
TRANSITION = Decimal("0.000025")
"""US dollars for a state transition of a Standard workflow, us-east-1."""


@dataclass(frozen=True)
class WaitingCost:
    """The price of waiting in US dollars, both ways."""

    seconds: int
    memory_mb: int

    @property
    def sleeping(self) -> Decimal:
        """Sleeping in a function: it is billed as long as it sleeps."""
        return self.seconds * Decimal(self.memory_mb) / 1024 * GB_SECOND

    @property
    def waiting(self) -> Decimal:
        """Waiting in a state: one more transition."""
        return TRANSITION

    @property
    def factor(self) -> Decimal:
        """How many times dearer sleeping is."""
        return self.sleeping / self.waiting

    def __str__(self) -> str:
        return (
            f"sleeping {self.seconds} s in a function of {self.memory_mb} MB: "
            f"{self.seconds} s x {Decimal(self.memory_mb) / 1024} GB x ${GB_SECOND} = ${self.sleeping:.7f}; "
            f"one Wait state: ${self.waiting}; {self.factor:.1f} times less"
        )


def main() -> None:
    """Print the sum for the smallest function and for one of 1 GB."""
    for memory in (128, 1024):
        print(WaitingCost(seconds=90, memory_mb=memory))  # noqa: T201 - this is its output


if __name__ == "__main__":
    main()
