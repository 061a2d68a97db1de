"""EventBridge Scheduler: schedules in time zones, once or again and again, with a window and an end."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias

from stepsmith.cloud.agenda import Agenda, Entry
from stepsmith.cloud.answers import add_tags, carry_out, listed_tags, page, remove_tags, tags_of
from stepsmith.cloud.buses.delivery import Delivery
from stepsmith.cloud.services import Caller, ServiceError
from stepsmith.events.records.instants import instant_or_none
from stepsmith.events.refusals import Refused
from stepsmith.events.schedules.expressions import At
from stepsmith.events.schedules.firings import Firing, flexed
from stepsmith.events.schedules.services import flexible_window, scheduler_schedule, time_zone

Parameters: TypeAlias = Mapping[str, Any]
DEFAULT: Final = "default"


@dataclass(slots=True)
class _Schedule:
    name: str
    group: str
    arn: str
    given: dict[str, Any]
    firing: Firing
    minutes: int
    made: datetime
    changed: datetime
    next: Entry | None = None

    def shown(self) -> dict[str, Any]:
        return {
            **self.given,
            "Name": self.name,
            "GroupName": self.group,
            "Arn": self.arn,
            "CreationDate": self.made,
            "LastModificationDate": self.changed,
        }

    def listed(self) -> dict[str, Any]:
        found = self.shown()
        names = ("Arn", "Name", "GroupName", "State", "CreationDate", "LastModificationDate")
        return {**{name: found[name] for name in names}, "Target": {"Arn": self.given["Target"]["Arn"]}}


@dataclass(slots=True)
class _Group:
    name: str
    arn: str
    made: datetime
    schedules: dict[str, _Schedule] = field(default_factory=dict[str, _Schedule])
    tags: dict[str, str] = field(default_factory=dict[str, str])

    def shown(self) -> dict[str, Any]:
        return {
            "Name": self.name,
            "Arn": self.arn,
            "State": "ACTIVE",
            "CreationDate": self.made,
            "LastModificationDate": self.made,
        }


class Schedules:
    """The service. Where in its window a flexible schedule strikes is drawn by a generator with a fixed seed."""

    def __init__(self, agenda: Agenda, delivery: Delivery) -> None:
        self._agenda = agenda
        self._delivery = delivery
        self._lock = threading.RLock()
        self._chance = random.Random(0)  # noqa: S311 - a moment in a window, no secret
        self._groups: dict[str, _Group] = {}
        self._operations: dict[str, Callable[[Parameters, Caller], dict[str, Any]]] = {
            "CreateSchedule": self._create,
            "CreateScheduleGroup": self._create_group,
            "DeleteSchedule": self._delete,
            "DeleteScheduleGroup": self._delete_group,
            "GetSchedule": lambda given, caller: self._of(given, caller)[1].shown(),
            "GetScheduleGroup": lambda given, caller: self._group(given.get("Name"), caller).shown(),
            "ListScheduleGroups": self._list_groups,
            "ListSchedules": self._list,
            "ListTagsForResource": self._list_tags,
            "TagResource": self._tag,
            "UntagResource": self._untag,
            "UpdateSchedule": self._update,
        }

    def call(self, operation: str, parameters: Parameters, caller: Caller) -> dict[str, Any]:
        """Carry out an operation of the Scheduler. Raises ServiceError."""
        with self._lock:
            return carry_out(self._operations, operation, parameters, caller)

    # -- schedules ----------------------------------------------------------------------

    def _create(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        group, name = self._group(given.get("GroupName"), caller), str(given["Name"])
        if name in group.schedules:
            raise ServiceError("ConflictException", f"Schedule {name} already exists.", status=409)
        self._set(group, name, given, caller, self._agenda.today())
        return {"ScheduleArn": group.schedules[name].arn}

    def _set(self, group: _Group, name: str, given: Parameters, caller: Caller, made: datetime) -> None:
        now = self._agenda.now()
        start, end = instant_or_none(given.get("StartDate")), instant_or_none(given.get("EndDate"))
        try:
            window = flexible_window(given["FlexibleTimeWindow"])
            expression = scheduler_schedule(str(given["ScheduleExpression"]))
            zone = time_zone(given.get("ScheduleExpressionTimezone") or "UTC")
        except Refused as refused:
            raise ServiceError(refused.code, refused.message) from None
        kept = {
            "State": "ENABLED",
            "ScheduleExpressionTimezone": "UTC",
            "ActionAfterCompletion": "NONE",
            **{key: value for key, value in given.items() if value is not None and key != "ClientToken"},
        }
        schedule = group.schedules[name] = _Schedule(
            name,
            group.name,
            caller.arn("scheduler", f"schedule/{group.name}/{name}"),
            kept,
            Firing(expression, anchor=now, zone=zone, start=start, end=end),
            window.minutes,
            made,
            self._agenda.today(),
        )
        # a rate strikes for the first time at once, unless it has a beginning: the Scheduler's guide
        self._begin(group, schedule, now - 0.001)

    def _begin(self, group: _Group, schedule: _Schedule, after: float) -> None:
        due = schedule.firing.next(after)
        if due is None:
            if schedule.given["ActionAfterCompletion"] == "DELETE" and not isinstance(
                schedule.firing.expression, At
            ):
                group.schedules.pop(schedule.name, None)
            return
        at = flexed(due, schedule.minutes, self._chance.random()) if schedule.minutes else due
        schedule.next = self._agenda.at(at, lambda: self._strike(group, schedule, due))

    def _strike(self, group: _Group, schedule: _Schedule, due: float) -> None:
        if group.schedules.get(schedule.name) is not schedule:
            return
        if schedule.given["State"] == "ENABLED":
            target: Mapping[str, Any] = schedule.given["Target"]
            self._delivery.send(target, target.get("Input") or "{}", {}, schedule.arn)
        is_done = schedule.firing.next(due) is None
        if is_done and schedule.given["ActionAfterCompletion"] == "DELETE":
            del group.schedules[schedule.name]
        else:
            self._begin(group, schedule, due)

    def _of(self, given: Parameters, caller: Caller) -> tuple[_Group, _Schedule]:
        group, name = self._group(given.get("GroupName"), caller), str(given["Name"])
        found = group.schedules.get(name)
        if found is None:
            raise _missing(f"Schedule {name}")
        return group, found

    def _update(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        group, schedule = self._of(given, caller)
        if schedule.next is not None:
            schedule.next.cancel()
        self._set(group, schedule.name, given, caller, schedule.made)
        return {"ScheduleArn": schedule.arn}

    def _delete(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        group, schedule = self._of(given, caller)
        del group.schedules[schedule.name]
        return {}

    def _list(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        prefix, state = given.get("NamePrefix") or "", given.get("State")
        start, wanted = caller.arn("scheduler", "schedule-group/"), given.get("GroupName")
        found = [
            each.listed()
            for arn, group in sorted(self._groups.items())
            if arn.startswith(start) and wanted in (None, group.name)
            for name, each in sorted(group.schedules.items())
            if name.startswith(prefix) and state in (None, each.given["State"])
        ]
        return page(found, "Schedules", given, most="MaxResults")

    # -- groups -------------------------------------------------------------------------

    def _group(self, name: str | None, caller: Caller) -> _Group:
        name = name or DEFAULT
        arn = caller.arn("scheduler", f"schedule-group/{name}")
        found = self._groups.get(arn)
        if found is None and name == DEFAULT:
            found = self._groups[arn] = _Group(name, arn, self._agenda.today())
        if found is None:
            raise _missing(f"Schedule group {name}")
        return found

    def _create_group(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        name = str(given["Name"])
        arn = caller.arn("scheduler", f"schedule-group/{name}")
        if name == DEFAULT or arn in self._groups:
            raise ServiceError("ConflictException", f"Schedule group {name} already exists.", status=409)
        group = self._groups[arn] = _Group(name, arn, self._agenda.today())
        group.tags.update(tags_of(given))
        return {"ScheduleGroupArn": arn}

    def _delete_group(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        group = self._group(given["Name"], caller)
        if group.name == DEFAULT:
            raise ServiceError("ValidationException", "The default schedule group cannot be deleted.")
        del self._groups[group.arn]
        group.schedules.clear()
        return {}

    def _list_groups(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        self._group(DEFAULT, caller)
        start = caller.arn("scheduler", f"schedule-group/{given.get('NamePrefix') or ''}")
        found = [each.shown() for arn, each in sorted(self._groups.items()) if arn.startswith(start)]
        return page(found, "ScheduleGroups", given, most="MaxResults")

    def _tagged(self, given: Parameters) -> _Group:
        found = self._groups.get(given["ResourceArn"])
        if found is None:
            raise _missing(f"Schedule group {given['ResourceArn'].rpartition('/')[2]}")
        return found

    def _list_tags(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        return {"Tags": listed_tags(self._tagged(given).tags)}

    def _tag(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        return add_tags(self._tagged(given).tags, tags_of(given))

    def _untag(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        return remove_tags(self._tagged(given).tags, given["TagKeys"])


def _missing(what: str) -> ServiceError:
    return ServiceError("ResourceNotFoundException", f"{what} does not exist.", status=404)
