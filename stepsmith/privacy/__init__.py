"""Personal fields, and how they are masked in what is shown."""

from stepsmith.privacy.histories import CallMarks, Marks, masked_events, personal_values
from stepsmith.privacy.shapes import Personal, Shape
from stepsmith.privacy.values import MASK, PersonalValues

__all__ = [
    "MASK",
    "CallMarks",
    "Marks",
    "Personal",
    "PersonalValues",
    "Shape",
    "masked_events",
    "personal_values",
]
