"""Archives of events, and replays of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from stepsmith.cloud.agenda import Agenda
from stepsmith.cloud.buses.bus import Bus
from stepsmith.cloud.buses.delivery import Delivery
from stepsmith.cloud.services import Caller, ServiceError
from stepsmith.events.patterns import Matcher
from stepsmith.events.patterns.rules import event_pattern
from stepsmith.events.records.instants import read_instant
from stepsmith.events.refusals import Refused
from stepsmith.expressions.types import Json

MOST_REPLAYS: Final = 10
_CANCELLING: Final = 60.0
"""Seconds until a replay that is cancelled has ended."""


@dataclass(slots=True)
class Archive:
    """What a bus had, as far as a pattern lets it through."""

    name: str
    arn: str
    bus: str
    made: datetime
    given: dict[str, Any]
    matches: Matcher | None
    kept: list[tuple[datetime, dict[str, Json]]] = field(
        default_factory=list[tuple[datetime, dict[str, Json]]]
    )

    def shown(self, *, is_listed: bool = False) -> dict[str, Any]:
        """Give the archive as EventBridge answers it."""
        found: dict[str, Any] = {
            "ArchiveName": self.name,
            "EventSourceArn": self.bus,
            "State": "ENABLED",
            "RetentionDays": self.given.get("RetentionDays", 0),
            "SizeBytes": sum(_size(event) for _, event in self.kept),
            "EventCount": len(self.kept),
            "CreationTime": self.made,
        }
        if not is_listed:
            found["ArchiveArn"] = self.arn
            for name in ("Description", "EventPattern"):
                if self.given.get(name):
                    found[name] = self.given[name]
        return found


@dataclass(slots=True)
class Replay:
    """Events of an archive that are put on its bus again."""

    name: str
    arn: str
    given: Mapping[str, Any]
    began: datetime
    state: str = "STARTING"
    ended: datetime | None = None
    last: datetime | None = None

    def shown(self, *, is_listed: bool = False) -> dict[str, Any]:
        """Give the replay as EventBridge answers it."""
        found: dict[str, Any] = {
            "ReplayName": self.name,
            "EventSourceArn": self.given["EventSourceArn"],
            "State": self.state,
            "EventStartTime": self.given["EventStartTime"],
            "EventEndTime": self.given["EventEndTime"],
            "ReplayStartTime": self.began,
        }
        if self.ended is not None:
            found["ReplayEndTime"] = self.ended
        if not is_listed:
            found |= {"ReplayArn": self.arn, "Destination": self.given["Destination"]}
            if self.given.get("Description"):
                found["Description"] = self.given["Description"]
        if self.last is not None:
            found["EventLastReplayedTime"] = self.last
        return found


class Archives:
    """All archives and replays; `find` finds the bus of an ARN."""

    def __init__(self, agenda: Agenda, find: Callable[[str], Bus | None], delivery: Delivery) -> None:
        self._agenda = agenda
        self._find = find
        self._delivery = delivery
        self._archives: dict[str, Archive] = {}
        self._replays: dict[str, Replay] = {}

    # -- archives -----------------------------------------------------------------------

    def create(self, given: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Begin to keep the events of a bus."""
        name = str(given["ArchiveName"])
        arn = caller.arn("events", f"archive/{name}")
        bus = self._bus(str(given["EventSourceArn"]))
        if arn in self._archives:
            raise _there(f"Archive {name}")
        kept = {key: value for key, value in given.items() if value is not None}
        archive = Archive(name, arn, bus.arn, self._agenda.today(), kept, _matcher(given))
        self._archives[arn] = archive
        bus.archives[arn] = lambda event: self._keep(archive, event)
        return self._answer(archive)

    def _bus(self, arn: str) -> Bus:
        bus = self._find(arn)
        if bus is None:
            raise _missing(f"Event bus {arn.rpartition('/')[2]}")
        return bus

    def _keep(self, archive: Archive, event: Json) -> None:
        if not isinstance(event, dict) or (archive.matches is not None and not archive.matches(event)):
            return
        now, days = self._agenda.today(), archive.given.get("RetentionDays")
        if days:
            oldest = now - timedelta(days=days)
            archive.kept = [each for each in archive.kept if each[0] >= oldest]
        archive.kept.append((now, event))

    def _answer(self, archive: Archive) -> dict[str, Any]:
        return {"ArchiveArn": archive.arn, "State": "ENABLED", "CreationTime": archive.made}

    def of(self, given: Mapping[str, Any], caller: Caller) -> Archive:
        """Find the archive that is named. Raises ServiceError."""
        name = str(given["ArchiveName"])
        found = self._archives.get(caller.arn("events", f"archive/{name}"))
        if found is None:
            raise _missing(f"Archive {name}")
        return found

    def update(self, given: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Change what is kept."""
        names = ("EventPattern", "RetentionDays", "Description")
        if all(given.get(name) is None for name in names):
            # before it looks whether there is one: recorded, archives
            text = "At least one of EventPattern, RetentionDays or Description must be provided."
            raise ServiceError("ValidationException", text)
        archive = self.of(given, caller)
        chosen = {name: given[name] for name in names if given.get(name) is not None}
        archive.matches = _matcher({**archive.given, **chosen})
        archive.given |= chosen
        return self._answer(archive)

    def delete(self, given: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Forget an archive."""
        archive = self.of(given, caller)
        del self._archives[archive.arn]
        bus = self._find(archive.bus)
        if bus is not None:
            bus.archives.pop(archive.arn, None)
        return {}

    def listed(self, given: Mapping[str, Any], caller: Caller) -> list[dict[str, Any]]:
        """Give the archives of a caller."""
        start = caller.arn("events", f"archive/{given.get('NamePrefix') or ''}")
        bus, state = given.get("EventSourceArn"), given.get("State")
        if bus is not None:
            self._bus(str(bus))
        return [
            each.shown(is_listed=True)
            for arn, each in self._archives.items()
            if arn.startswith(start) and (bus is None or bus == each.bus) and state != "DISABLED"
        ]

    # -- replays ------------------------------------------------------------------------

    def start(self, given: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Put the events of some time on their bus again."""
        name = str(given["ReplayName"])
        arn = caller.arn("events", f"replay/{name}")
        target = str(given["Destination"]["Arn"])
        self._bus(target)
        archive = self._archives.get(str(given["EventSourceArn"]))
        if archive is None:
            of = str(given["EventSourceArn"]).rpartition("/")[2]
            text = f"Parameter EventSourceArn is not valid. Reason: Archive {of} does not exist."
            raise ServiceError("ValidationException", text)
        if not read_instant(given["EventStartTime"]) < read_instant(given["EventEndTime"]):
            text = "Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime."
            raise ServiceError("ValidationException", text)
        if archive.bus != target:
            text = "Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted."
            raise ServiceError("ValidationException", text)
        if arn in self._replays:
            raise _there(f"Replay {name}")
        running = [each for each in self._replays.values() if each.state in {"STARTING", "RUNNING"}]
        if len(running) >= MOST_REPLAYS:
            text = "The requested resource exceeds the maximum number allowed."
            raise ServiceError("LimitExceededException", text)
        replay = self._replays[arn] = Replay(name, arn, dict(given), self._agenda.today())
        self._agenda.soon(lambda: self._run(replay, archive))
        return {"ReplayArn": arn, "State": "STARTING", "ReplayStartTime": replay.began}

    def _run(self, replay: Replay, archive: Archive) -> None:
        if replay.state != "STARTING":
            return
        replay.ended = self._agenda.today()
        bus = self._find(archive.bus)
        start, end = read_instant(replay.given["EventStartTime"]), read_instant(replay.given["EventEndTime"])
        wanted: list[str] = replay.given["Destination"].get("FilterArns") or []
        for at, event in archive.kept:
            if bus is None or not start <= at.timestamp() < end:
                continue
            replay.last = at
            rules = [each for each in bus.rules.values() if not wanted or each.arn in wanted]
            # recorded: archives, a replayed event has one more field
            bus.let_through({**event, "replay-name": replay.name}, self._delivery, rules)
        replay.state = "COMPLETED"

    def replay(self, given: Mapping[str, Any], caller: Caller) -> Replay:
        """Find the replay that is named. Raises ServiceError."""
        name = str(given["ReplayName"])
        found = self._replays.get(caller.arn("events", f"replay/{name}"))
        if found is None:
            raise _missing(f"Replay {name}")
        return found

    def cancel(self, given: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Stop a replay."""
        replay = self.replay(given, caller)
        if replay.state not in {"STARTING", "RUNNING"}:
            text = f"Replay {replay.name} is not in a valid state for this operation."
            raise ServiceError("IllegalStatusException", text)
        replay.state = "CANCELLING"
        self._agenda.after(_CANCELLING, lambda: _end(replay))
        return {"ReplayArn": replay.arn, "State": "CANCELLING"}

    def replays(self, given: Mapping[str, Any], caller: Caller) -> list[dict[str, Any]]:
        """Give the replays of a caller."""
        start = caller.arn("events", f"replay/{given.get('NamePrefix') or ''}")
        archive, state = given.get("EventSourceArn"), given.get("State")
        return [
            each.shown(is_listed=True)
            for arn, each in self._replays.items()
            if arn.startswith(start)
            and (archive is None or archive == each.given["EventSourceArn"])
            and (state is None or state == each.state)
        ]


def _end(replay: Replay) -> None:
    replay.state = "CANCELLED"


def _size(event: dict[str, Json]) -> int:
    """Give the bytes that an archive counts of an event: time, source, detail type, detail and resources.

    As recorded: archives test_list_archive_with_events.
    """
    resources = event["resources"]
    texts = [str(event[name]) for name in ("time", "source", "detail-type")]
    texts.append(json.dumps(event["detail"], ensure_ascii=False))
    texts += [str(each) for each in resources] if isinstance(resources, list) else []
    return sum(len(text.encode()) for text in texts)


def _matcher(given: Mapping[str, Any]) -> Matcher | None:
    pattern = given.get("EventPattern")
    try:
        return event_pattern(str(pattern)) if pattern else None
    except Refused as refused:
        raise ServiceError(refused.code, refused.message) from None


def _there(what: str) -> ServiceError:
    return ServiceError("ResourceAlreadyExistsException", f"{what} already exists.")


def _missing(what: str) -> ServiceError:
    return ServiceError("ResourceNotFoundException", f"{what} does not exist.")
