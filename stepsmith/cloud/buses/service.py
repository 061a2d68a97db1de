"""EventBridge: its operations on the buses of all accounts and regions."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from stepsmith.cloud.agenda import Agenda
from stepsmith.cloud.answers import add_tags, carry_out, listed_tags, page, remove_tags, tags_of
from stepsmith.cloud.buses.archives import Archives
from stepsmith.cloud.buses.bus import Bus, strike
from stepsmith.cloud.buses.connections import CHECKED, check_parameters
from stepsmith.cloud.buses.delivery import Delivery
from stepsmith.cloud.buses.rule import DEFAULT, Rule, compiled
from stepsmith.cloud.deliveries import Deliveries, Parcel
from stepsmith.cloud.services import Caller, ServiceError
from stepsmith.events.patterns.rules import check_event, event_pattern
from stepsmith.events.records.buses import bus_event, scheduled_event
from stepsmith.events.records.instants import read_instant
from stepsmith.events.refusals import Refused
from stepsmith.events.schedules.expressions import Rate
from stepsmith.events.schedules.firings import next_firing
from stepsmith.expressions.types import Json

Parameters: TypeAlias = Mapping[str, Any]
MOST_ENTRIES: Final = 10
_NAMES: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_/")


class Buses:
    """The service."""

    def __init__(self, agenda: Agenda, deliveries: Deliveries, delivery: Delivery) -> None:
        self._agenda = agenda
        self._delivery = delivery
        self._lock = threading.RLock()
        self._buses: dict[str, Bus] = {}
        self._archives = Archives(agenda, self.find, delivery)
        deliveries.register("events", self._delivered)
        archives = self._archives
        self._operations: dict[str, Callable[[Parameters, Caller], dict[str, Any]]] = {
            **dict.fromkeys(CHECKED, check_parameters),
            "CancelReplay": archives.cancel,
            "CreateArchive": archives.create,
            "CreateEventBus": self._create,
            "DeleteArchive": archives.delete,
            "DeleteEventBus": self._delete,
            "DeleteRule": self._delete_rule,
            "DescribeArchive": lambda given, caller: archives.of(given, caller).shown(),
            "DescribeEventBus": self._describe,
            "DescribeReplay": lambda given, caller: archives.replay(given, caller).shown(),
            "DescribeRule": self._describe_rule,
            "DisableRule": lambda given, caller: self._enable(given, caller, "DISABLED"),
            "EnableRule": lambda given, caller: self._enable(given, caller, "ENABLED"),
            "ListArchives": lambda given, caller: page(archives.listed(given, caller), "Archives", given),
            "ListEventBuses": self._list,
            "ListReplays": lambda given, caller: page(archives.replays(given, caller), "Replays", given),
            "ListRuleNamesByTarget": self._names_by_target,
            "ListRules": self._list_rules,
            "ListTagsForResource": self._list_tags,
            "ListTargetsByRule": self._list_targets,
            "PutEvents": self._put_events,
            "PutPermission": self._put_permission,
            "PutRule": self._put_rule,
            "PutTargets": self._put_targets,
            "RemovePermission": self._remove_permission,
            "RemoveTargets": self._remove_targets,
            "StartReplay": archives.start,
            "TagResource": self._tag,
            "TestEventPattern": self._test,
            "UntagResource": self._untag,
            "UpdateArchive": archives.update,
            "UpdateEventBus": self._update,
        }

    def call(self, operation: str, parameters: Parameters, caller: Caller) -> dict[str, Any]:
        """Carry out an operation of EventBridge. Raises ServiceError."""
        with self._lock:
            return carry_out(self._operations, operation, parameters, caller)

    # -- for the rest of the cloud ------------------------------------------------------

    def find(self, arn: str) -> Bus | None:
        """Return the bus of an ARN; every account has a default one."""
        found = self._buses.get(arn)
        if found is None and arn.endswith(f":event-bus/{DEFAULT}"):
            found = self._buses[arn] = Bus(DEFAULT, arn, self._agenda.today())
        return found

    def is_heard(self, caller: Caller) -> bool:
        """Say whether anybody would hear of an event on the default bus: a rule or an archive."""
        bus = self._buses.get(caller.arn("events", f"event-bus/{DEFAULT}"))
        return bus is not None and bool(bus.rules or bus.archives)

    def emit(self, caller: Caller, source: str, detail_type: str, detail: Json, resources: list[str]) -> None:
        """Put an event of a service of AWS on the default bus."""
        with self._lock:
            event = bus_event(
                id_=str(uuid.uuid4()),
                source=source,
                detail_type=detail_type,
                detail=detail,
                at=self._agenda.now(),
                account=caller.account,
                region=caller.region,
                resources=resources,
            )
            self._bus_of(DEFAULT, caller).put(event, self._delivery)

    def _delivered(self, arn: str, parcel: Parcel) -> bool:
        """Take what a service or another bus sends: an event, or an entry as PutEvents has it."""
        with self._lock:
            bus = self.find(arn)
            if bus is None:
                return False
            given = json.loads(parcel.text)
            if "detail-type" in given:
                bus.put(given, self._delivery)
                return True
            parts = arn.split(":")
            bus.put(self._event(given, Caller(parts[3], parts[4])), self._delivery)
            return True

    # -- buses --------------------------------------------------------------------------

    def _bus_of(self, name: str | None, caller: Caller) -> Bus:
        text = name or DEFAULT
        arn = text if text.startswith("arn:") else caller.arn("events", f"event-bus/{text}")
        found = self.find(arn)
        if found is None:
            raise _missing(f"Event bus {text.rpartition('/')[2]}")
        return found

    def _create(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        name = str(given["Name"])
        if name == DEFAULT or not (0 < len(name) <= 256 and set(name) <= _NAMES):
            raise _invalid(
                f"Event bus name {name} is not valid." if name != DEFAULT else f"{name} is reserved."
            )
        arn = caller.arn("events", f"event-bus/{name}")
        if arn in self._buses:
            raise ServiceError("ResourceAlreadyExistsException", f"Event bus {name} already exists.")
        bus = self._buses[arn] = Bus(name, arn, self._agenda.today(), dict(given))
        bus.tags.update(tags_of(given))
        found = {"EventBusArn": arn}
        if given.get("Description"):
            found["Description"] = given["Description"]
        return found

    def _update(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        bus = self._bus_of(given.get("Name"), caller)
        bus.given = {**bus.given, **given}
        return {"Arn": bus.arn, "Name": bus.name}

    def _delete(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        name = str(given["Name"])
        if name == DEFAULT:
            raise _invalid("Cannot delete event bus default.")
        found = self._buses.get(caller.arn("events", f"event-bus/{name}"))
        if found is not None and found.rules:
            raise _invalid("Bus can't be deleted since it has rules.")
        if found is not None:
            del self._buses[found.arn]
        return {}

    def _describe(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        return self._bus_of(given.get("Name"), caller).shown()

    def _list(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        self._bus_of(DEFAULT, caller)
        start = caller.arn("events", f"event-bus/{given.get('NamePrefix') or ''}")
        found = [each.shown() for arn, each in sorted(self._buses.items()) if arn.startswith(start)]
        return page(found, "EventBuses", given)

    def _put_permission(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        bus = self._bus_of(given.get("EventBusName"), caller)
        if given.get("Policy"):
            bus.policy = given["Policy"]
            return {}
        policy = _policy(bus)
        who = given["Principal"]
        statement: dict[str, Any] = {
            "Sid": given["StatementId"],
            "Effect": "Allow",
            "Principal": "*" if who == "*" else {"AWS": f"arn:aws:iam::{who}:root"},
            "Action": given["Action"],
            "Resource": bus.arn,
        }
        if given.get("Condition"):
            condition = given["Condition"]
            statement["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
        others = [each for each in policy["Statement"] if each["Sid"] != given["StatementId"]]
        bus.policy = json.dumps({**policy, "Statement": [*others, statement]})
        return {}

    def _remove_permission(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        bus = self._bus_of(given.get("EventBusName"), caller)
        if given.get("RemoveAllPermissions"):
            bus.policy = None
            return {}
        policy = _policy(bus)
        left = [each for each in policy["Statement"] if each["Sid"] != given["StatementId"]]
        if len(left) == len(policy["Statement"]):
            raise ServiceError("ResourceNotFoundException", "EventBus does not have a policy.")
        bus.policy = json.dumps({**policy, "Statement": left}) if left else None
        return {}

    # -- rules --------------------------------------------------------------------------

    def _put_rule(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        bus, name = self._bus_of(given.get("EventBusName"), caller), str(given["Name"])
        matches, schedule = compiled(given, bus.name)
        parts = bus.arn.split(":")
        path = name if bus.name == DEFAULT else f"{bus.name}/{name}"
        arn = Caller(parts[3], parts[4]).arn("events", f"rule/{path}")
        kept = {"State": "ENABLED", **{key: value for key, value in given.items() if value is not None}}
        before = bus.rules.get(name)
        rule = bus.rules[name] = Rule(
            name, bus.name, arn, caller.account, kept, matches, schedule, self._agenda.now()
        )
        if before is not None:
            rule.targets, rule.tags = before.targets, before.tags
        rule.tags.update(tags_of(given))
        self._begin(bus, rule)
        return {"RuleArn": arn}

    def _begin(self, bus: Bus, rule: Rule) -> None:
        """Let a rule with a schedule strike: a rate for the first time when its time is over."""
        if rule.schedule is None:
            return
        seconds = rule.schedule.seconds if isinstance(rule.schedule, Rate) else 0
        due = next_firing(rule.schedule, self._agenda.now(), anchor=rule.since + seconds)
        if due is not None:
            self._agenda.at(due, lambda: self._strike(bus, rule, due))

    def _strike(self, bus: Bus, rule: Rule, due: float) -> None:
        if bus.rules.get(rule.name) is not rule:
            return
        if rule.is_enabled:
            parts = rule.arn.split(":")
            event = scheduled_event(
                id_=str(uuid.uuid4()), rule_arn=rule.arn, at=due, account=parts[4], region=parts[3]
            )
            strike(rule, event, self._delivery)
        self._begin(bus, rule)

    def _rule(self, given: Parameters, caller: Caller, key: str = "Name") -> tuple[Bus, Rule]:
        bus, name = self._bus_of(given.get("EventBusName"), caller), str(given[key])
        found = bus.rules.get(name)
        if found is None:
            raise _missing(f"Rule {name}", f" on EventBus {bus.name}")
        return bus, found

    def _describe_rule(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        _, rule = self._rule(given, caller)
        return {**rule.shown(), "CreatedBy": rule.owner}

    def _delete_rule(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        bus = self._bus_of(given.get("EventBusName"), caller)
        rule = bus.rules.get(str(given["Name"]))
        if rule is None:
            return {}
        if rule.targets and not given.get("Force"):
            raise _invalid("Rule can't be deleted since it has targets.")
        del bus.rules[rule.name]
        return {}

    def _enable(self, given: Parameters, caller: Caller, state: str) -> dict[str, Any]:
        self._rule(given, caller)[1].given["State"] = state
        return {}

    def _list_rules(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        bus, prefix = self._bus_of(given.get("EventBusName"), caller), given.get("NamePrefix") or ""
        found = [each.shown() for name, each in sorted(bus.rules.items()) if name.startswith(prefix)]
        return page(found, "Rules", given)

    def _names_by_target(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        bus = self._bus_of(given.get("EventBusName"), caller)
        found = [
            name
            for name, rule in sorted(bus.rules.items())
            if any(target.arn == given["TargetArn"] for target in rule.targets.values())
        ]
        return page(found, "RuleNames", given)

    # -- targets ------------------------------------------------------------------------

    def _put_targets(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        _, rule = self._rule(given, caller, "Rule")
        for target in given["Targets"]:
            rule.put(target)
        return {"FailedEntryCount": 0, "FailedEntries": []}

    def _remove_targets(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        _, rule = self._rule(given, caller, "Rule")
        for id in given["Ids"]:
            rule.targets.pop(id, None)
        return {"FailedEntryCount": 0, "FailedEntries": []}

    def _list_targets(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        _, rule = self._rule(given, caller, "Rule")
        found = [dict(rule.targets[id].given) for id in sorted(rule.targets)]
        return page(found, "Targets", given)

    # -- events -------------------------------------------------------------------------

    def _put_events(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        entries = given["Entries"]
        if len(entries) > MOST_ENTRIES:
            shown = ", ".join(_java(entry) for entry in entries)
            raise _invalid(
                f"1 validation error detected: Value '[{shown}]' at 'entries' failed to satisfy constraint: "
                f"Member must have length less than or equal to {MOST_ENTRIES}"
            )
        answers = [self._put(entry, caller) for entry in entries]
        return {"FailedEntryCount": sum("ErrorCode" in each for each in answers), "Entries": answers}

    def _put(self, entry: Parameters, caller: Caller) -> dict[str, str]:
        for name in ("Source", "DetailType", "Detail"):
            if not entry.get(name):
                reason = f"Parameter {name} is not valid. Reason: {name} is a required argument."
                return {"ErrorCode": "InvalidArgument", "ErrorMessage": reason}
        try:
            detail: Any = json.loads(entry["Detail"])
        except (ValueError, RecursionError):
            detail = None
        if not isinstance(detail, dict):
            return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
        event = self._event(entry, caller)
        name = str(entry.get("EventBusName") or DEFAULT)
        bus = self.find(name if name.startswith("arn:") else caller.arn("events", f"event-bus/{name}"))
        if bus is not None:  # an unknown bus takes it without a word, as recorded
            self._agenda.soon(lambda: bus.put(event, self._delivery))
        return {"EventId": str(event["id"])}

    def _event(self, entry: Parameters, caller: Caller) -> dict[str, Json]:
        return bus_event(
            id_=str(uuid.uuid4()),
            source=str(entry["Source"]),
            detail_type=str(entry["DetailType"]),
            detail=json.loads(entry["Detail"]),
            at=self._agenda.now() if entry.get("Time") is None else read_instant(entry["Time"]),
            account=caller.account,
            region=caller.region,
            resources=entry.get("Resources") or (),
        )

    def _test(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        try:
            matches = event_pattern(str(given["EventPattern"]))
            return {"Result": matches(check_event(str(given["Event"])))}
        except Refused as refused:
            raise ServiceError(refused.code, refused.message) from None

    # -- tags ---------------------------------------------------------------------------

    def _tagged(self, given: Parameters) -> dict[str, str]:
        arn = str(given["ResourceARN"])
        for bus in self._buses.values():
            if bus.arn == arn:
                return bus.tags
            for rule in bus.rules.values():
                if rule.arn == arn:
                    return rule.tags
        raise _missing(f"Resource {arn}")

    def _list_tags(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        return {"Tags": listed_tags(self._tagged(given))}

    def _tag(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        return add_tags(self._tagged(given), tags_of(given))

    def _untag(self, given: Parameters, caller: Caller) -> dict[str, Any]:
        return remove_tags(self._tagged(given), given["TagKeys"])


def _policy(bus: Bus) -> dict[str, Any]:
    return json.loads(bus.policy) if bus.policy else {"Version": "2012-10-17", "Statement": []}


def _java(entry: Parameters) -> str:
    """Write an entry as the service does in its refusals."""
    names = (
        ("time", "Time"),
        ("source", "Source"),
        ("resources", "Resources"),
        ("detailType", "DetailType"),
        ("detail", "Detail"),
        ("eventBusName", "EventBusName"),
        ("traceHeader", "TraceHeader"),
    )
    values = [f"{own}={'null' if entry.get(name) is None else entry[name]}" for own, name in names]
    return f"PutEventsRequestEntry({', '.join([*values, 'kmsKeyIdentifier=null', 'internalMetadata=null'])})"


def _invalid(text: str) -> ServiceError:
    return ServiceError("ValidationException", text)


def _missing(what: str, where: str = "") -> ServiceError:
    return ServiceError("ResourceNotFoundException", f"{what} does not exist{where}.")
