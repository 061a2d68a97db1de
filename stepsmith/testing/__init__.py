"""What tests of workflows need; the fixtures `aws`, `clock`, `run`, `mails` and `messages` are in the pytest plugin."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from stepsmith.testing.definition_coverage import DefinitionCoverage
    from stepsmith.testing.equivalence import assert_equivalent
    from stepsmith.testing.exploring.mishaps import Mishap
    from stepsmith.testing.exploring.playing import Ending
    from stepsmith.testing.exploring.report import Exploration, PropertyBroken
    from stepsmith.testing.exploring.search import explore, follow
    from stepsmith.testing.faults import AfterEffect, fault_plans
    from stepsmith.testing.one_state import test_state
    from stepsmith.testing.recordings import Recording, read_recording, replay
    from stepsmith.testing.runs import Runner
    from stepsmith.testing.sent import RecordedMail, RecordedMessage

__all__ = [
    "AfterEffect",
    "DefinitionCoverage",
    "Ending",
    "Exploration",
    "Mishap",
    "PropertyBroken",
    "RecordedMail",
    "RecordedMessage",
    "Recording",
    "Runner",
    "assert_equivalent",
    "explore",
    "fault_plans",
    "follow",
    "read_recording",
    "replay",
    "test_state",
]

_HOMES: Final = {
    "AfterEffect": ("stepsmith.testing.faults", "AfterEffect"),
    "DefinitionCoverage": ("stepsmith.testing.definition_coverage", "DefinitionCoverage"),
    "Ending": ("stepsmith.testing.exploring.playing", "Ending"),
    "Exploration": ("stepsmith.testing.exploring.report", "Exploration"),
    "Mishap": ("stepsmith.testing.exploring.mishaps", "Mishap"),
    "PropertyBroken": ("stepsmith.testing.exploring.report", "PropertyBroken"),
    "RecordedMail": ("stepsmith.testing.sent", "RecordedMail"),
    "RecordedMessage": ("stepsmith.testing.sent", "RecordedMessage"),
    "Recording": ("stepsmith.testing.recordings", "Recording"),
    "Runner": ("stepsmith.testing.runs", "Runner"),
    "assert_equivalent": ("stepsmith.testing.equivalence", "assert_equivalent"),
    "explore": ("stepsmith.testing.exploring.search", "explore"),
    "follow": ("stepsmith.testing.exploring.search", "follow"),
    "fault_plans": ("stepsmith.testing.faults", "fault_plans"),
    "read_recording": ("stepsmith.testing.recordings", "read_recording"),
    "replay": ("stepsmith.testing.recordings", "replay"),
    "test_state": ("stepsmith.testing.one_state", "test_state"),
}
"""Public name -> where it lives; imported when first asked for, since pytest loads the plugin at every start."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'stepsmith.testing' has no attribute {name!r}")
    module, member = _HOMES[name]
    value: object = getattr(import_module(module), member)
    globals()[name] = value
    return value
