"""Executions recorded on AWS, run through another definition: what would go otherwise.

`replayed` is the door. Their tasks are not carried out: they answer, fail and take as long as their histories say.
"""

from stepsmith.testing.replays.report import Replays, Source, replay_all
from stepsmith.testing.replays.verdict import Departure, Verdict, replayed

__all__ = ["Departure", "Replays", "Source", "Verdict", "replay_all", "replayed"]
