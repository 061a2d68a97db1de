"""What a swipe is, and how it ends."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from stepsmith import Personal, WorkflowError

Identifier = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
ExecutionId = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9_-]+$")]

POINTS_PER_SWIPE = 10
FREE_DRINK_FROM = 50


class Swipe(BaseModel):
    """A card held to a machine."""

    model_config = ConfigDict(extra="forbid")

    swipe_id: Identifier
    participant: Personal[Identifier]
    machine: Identifier
    product: Identifier


class SwipeStatus(StrEnum):
    """How a swipe ended."""

    COUNTED = "COUNTED"
    REPEATED = "REPEATED"
    FLAGGED = "FLAGGED"
    FAILED = "FAILED"


class Counted(BaseModel):
    """The points that a participant has with a swipe."""

    points: int
    free_drink: bool
    """Whether they have earned a free drink that no swipe has been given yet."""


class OpenSwipe(BaseModel):
    """A swipe whose execution has ended without it."""

    swipe_id: str
    participant: Personal[str]
    execution_id: str


class SwipeOutcome(BaseModel):
    """What a swipe came to."""

    status: SwipeStatus
    points: int
    free_drink: bool


class NotYetThere(WorkflowError):
    """The back end does not show the new points yet."""


class DrinkTaken(WorkflowError):
    """Another swipe has the participant's free drink."""


class MachineRefused(WorkflowError):
    """The machine does not give the free drink."""
