"""The walk over a whole definition."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias, cast

from stepsmith.asl.checks import choices, expressions, maps, tasks, values, variables
from stepsmith.asl.checks.flow import check_flow
from stepsmith.asl.checks.remarks import remark_on_result
from stepsmith.asl.checks.report import ONE, SCHEMA, MachineType, Report, Spot
from stepsmith.asl.checks.scopes import check_unique_names, read_language
from stepsmith.asl.checks.values import LONGEST_STATE
from stepsmith.asl.checks.visibility import check_visibility
from stepsmith.asl.fields import PARTS, STATE_TYPES, STATES, Field, Kind, by_name
from stepsmith.asl.services import Services, no_services
from stepsmith.diagnostics import Finding
from stepsmith.expressions.json_scan import Place
from stepsmith.expressions.types import Json

Check: TypeAlias = Callable[[Report, Json, Place, Field, Spot], None]
_Object: TypeAlias = Mapping[str, Json]

_TYPE: Final = Field("Type", "type", "enum", words=STATE_TYPES)
_ITERATOR: Final = Field("Iterator", "item_processor", "processor")
_STATE_FIELDS: Final = {
    name: by_name((_TYPE, *fields, *((_ITERATOR,) if name == "Map" else ())))
    for name, fields in STATES.items()
}
_PART_FIELDS: Final = {name: by_name(fields) for name, fields in PARTS.items()}
_RESULTS: Final = frozenset({"result"})
_ERROR_RESULTS: Final = frozenset({"errorOutput"})
_WITH_RESULT: Final = frozenset({"Task", "Map", "Parallel"})
_ONE_OF: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "Task": (("TimeoutSeconds", "TimeoutSecondsPath"), ("HeartbeatSeconds", "HeartbeatSecondsPath")),
    "Fail": (("Error", "ErrorPath"), ("Cause", "CausePath")),
    "Map": (
        ("Parameters", "ItemSelector"),
        ("Iterator", "ItemProcessor"),
        ("MaxConcurrency", "MaxConcurrencyPath"),
        ("ToleratedFailureCount", "ToleratedFailureCountPath"),
        ("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"),
    ),
    "ReaderConfig": (("MaxItems", "MaxItemsPath"),),
    "ItemBatcher": (
        ("MaxItemsPerBatch", "MaxItemsPerBatchPath"),
        ("MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"),
    ),
}
_WAITS: Final = ("SecondsPath", "Seconds", "TimestampPath", "Timestamp")


def check_machine(
    definition: Json,
    machine_type: MachineType,
    services: Services = no_services,
    *,
    unfilled: bool = False,
) -> Report:
    """Check a whole definition, and what it gives to services that are known.

    Where it is `unfilled`, placeholders in a resource stand for what may be there.
    """
    report = Report(services=services, unfilled=unfilled)
    if not isinstance(definition, dict):
        finding = Finding(SCHEMA, "Definition must be a valid JSON object", "", rule="states-shape")
        report.found.append(((), finding))
        return report
    language = read_language(definition, "JSONPath")
    report.machine_language = language
    spot = Spot(language, machine_type)
    check_fields(report, definition, "StateMachine", _PART_FIELDS["StateMachine"], (), spot)
    check_flow(report, definition, (), top=True)
    check_unique_names(report, definition, machine_type)
    check_visibility(report, definition)
    return report


def check_fields(
    report: Report, value: _Object, name: str, fields: Mapping[str, Field], place: Place, spot: Spot
) -> None:
    """Check that an object has the fields it must have and no others, and check each."""
    missing = [field.name for field in fields.values() if field.required and field.name not in value]
    if missing:
        # The order in which AWS lists them, as recorded for States and StartAt.
        message = f"These fields are required: [{', '.join(sorted(missing, reverse=True))}]"
        report.add(place, message, rule=_missing_rule(name, missing))
    for group in _ONE_OF.get(name, ()):
        if any(field in value for field in group):
            _check_group(report, value, group, place, "exclusive-fields")
    for key, item in value.items():
        field = fields.get(key)
        if field is None:
            if name != "ChoiceRule" or key not in choices.RULE_FIELDS:
                report.add(place, f"Field '{key}' is not supported", rule=_unknown_rule(name))
        elif not _speaks(report, key, field.modes, spot, place):
            continue
        else:
            _CHECKS[field.kind](report, item, (*place, key), field, spot)


def _speaks(report: Report, name: str, modes: str, spot: Spot, place: Place) -> bool:
    """Check that the query language has a field."""
    if (spot.language == "JSONPath" and "P" in modes) or (spot.language == "JSONata" and "N" in modes):
        return True
    other = "JSONata" if spot.language == "JSONPath" else "JSONPath"
    message = (
        f"The QueryLanguage is set to '{spot.language}', "
        f"but field '{name}' is only supported for the '{other}' QueryLanguage"
    )
    report.add(place, message, rule="wrong-language-field")
    return False


def _check_group(report: Report, value: _Object, group: tuple[str, ...], place: Place, rule: str) -> None:
    """Check that an object has exactly one of some fields."""
    given = sum(field in value for field in group)
    if given == 0:
        report.add(place, f"{ONE}{', '.join(group)}]", rule=rule)
    elif given > 1:
        message = f"There should only be one of the following fields: [{', '.join(group)}]"
        report.add(place, message, rule=rule)


def _missing_rule(name: str, missing: list[str]) -> str:
    match missing[0]:
        case "StartAt":
            return "missing-start-at"
        case "States":
            return "missing-states"
        case "ErrorEquals":
            return "error-equals"
        case "Next":
            return "catch-next" if name == "Catcher" else "choice-rule-next"
        case "Branches":
            return "branches"
        case "Choices":
            return "choices-empty"
        case _:
            return "item-reader" if name == "ItemReader" else "required-field"


def _unknown_rule(name: str) -> str:
    match name:
        case "ProcessorConfig":
            return "processor-config"
        case "Retrier" | "Catcher":
            return "retry-catch-shape"
        case "ChoiceRule":
            return "choice-rule-shape"
        case "ItemReader" | "ReaderConfig":
            return "item-reader"
        case "ItemBatcher":
            return "item-batcher"
        case "ResultWriter" | "WriterConfig":
            return "result-writer"
        case _:
            return "field-not-supported" if name in STATES else "unknown-field"


def _check_states(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    if not values.expect(report, value, ("OBJECT",), place, rule="states-shape"):
        return
    states = cast(_Object, value)
    if not states:
        report.add(place, "Value cannot be empty", rule="states-shape")
    for name, state in states.items():
        check_state(report, state, name, (*place, name), spot)


def check_state(report: Report, value: Json, name: str, place: Place, spot: Spot) -> None:
    """Check one state."""
    if len(name) > LONGEST_STATE:
        message = f"State name '{name}' exceeds the {LONGEST_STATE}-character limit allowed by the service"
        report.add(place, message, rule="state-name", code="INVALID_STATE_NAME")
    elif not name:
        report.add(place, "State name cannot be empty", rule="state-name", code="INVALID_STATE_NAME")
    if not values.expect(report, value, ("OBJECT",), place, rule="states-shape"):
        return
    state = cast(_Object, value)
    kind = state.get("Type")
    if not isinstance(kind, str) or kind not in STATES:
        message = f"The field 'Type' should have one of these values: [{', '.join(STATE_TYPES)}]"
        report.add((*place, "Type"), message, rule="state-type")
        return
    if state.get("QueryLanguage") == "JSONPath" and report.machine_language == "JSONata":
        message = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
        report.add(place, message, rule="query-language-downgrade")
        return
    language = read_language(state, report.machine_language)
    spot = Spot(language, spot.machine_type, _RESULTS if kind in _WITH_RESULT else frozenset())
    check_fields(report, state, kind, _STATE_FIELDS[kind], place, spot)
    _check_transition(report, state, kind, place)
    match kind:
        case "Task":
            tasks.check_task(report, state, place, spot)
        case "Map":
            maps.check_map(report, state, place, spot)
        case "Wait":
            _check_group(report, state, _WAITS, place, "wait-one-of")
        case _:
            pass


def _check_transition(report: Report, state: _Object, kind: str, place: Place) -> None:
    if "Next" in _STATE_FIELDS[kind]:
        # An End that is false says nothing, so it does not get in the way of Next.
        given = {name: item for name, item in state.items() if name != "End" or item is not False}
        _check_group(report, given, ("Next", "End"), place, "next-xor-end")


def _check_output(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    """Check any JSON; `$states.result` exists in Assign and Output only."""
    if field.name not in ("Output", "Assign"):
        spot = Spot(spot.language, spot.machine_type)
    expressions.check_any(report, value, place, field, spot)


def _check_template(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    expressions.check_template(report, value, place)


def _check_result(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    remark_on_result(report, value, place)


def _part(name: str, rule: str, more: Callable[[Report, _Object, Place], None] | None = None) -> Check:
    def check(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
        if values.expect(report, value, ("OBJECT",), place, rule=rule):
            inner = Spot(spot.language, spot.machine_type)
            check_fields(report, cast(_Object, value), name, _PART_FIELDS[name], place, inner)
            if more is not None:
                more(report, cast(_Object, value), place)

    return check


def _items(
    report: Report, value: Json, place: Place, rule: str, *, empty: bool
) -> list[tuple[Place, _Object]]:
    """Give the objects of an array that must hold objects."""
    if not values.expect(report, value, ("ARRAY",), place, rule=rule):
        return []
    items = cast("list[Json]", value)
    if not items and not empty:
        report.add(
            place, "Value cannot be empty", rule="choices-empty" if rule == "choice-rule-shape" else rule
        )
    return [
        ((*place, index), cast(_Object, item))
        for index, item in enumerate(items)
        if values.expect(report, item, ("OBJECT",), (*place, index), rule=rule)
    ]


def _check_retriers(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    for where, item in _items(report, value, place, "retry-catch-shape", empty=True):
        check_fields(report, item, "Retrier", _PART_FIELDS["Retrier"], where, spot)
    _check_order(report, value if isinstance(value, list) else [], place)


def _check_catchers(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    inner = Spot(spot.language, spot.machine_type, _ERROR_RESULTS)
    for where, item in _items(report, value, place, "retry-catch-shape", empty=True):
        check_fields(report, item, "Catcher", _PART_FIELDS["Catcher"], where, inner)
    _check_order(report, value if isinstance(value, list) else [], place)


def _check_order(report: Report, handlers: Sequence[Json], place: Place) -> None:
    """Check that States.ALL stands alone, and in the last retrier or catcher only."""
    for index, handler in enumerate(handlers):
        names = handler.get("ErrorEquals") if isinstance(handler, dict) else None
        if not isinstance(names, list) or "States.ALL" not in names:
            continue
        if len(names) > 1 or index + 1 < len(handlers):
            message = "States.ALL must appear alone and at end of list"
            report.add((*place, index), message, rule="states-all-last")


def _check_choices(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    for where, item in _items(report, value, place, "choice-rule-shape", empty=False):
        check_fields(report, item, "ChoiceRule", _PART_FIELDS["ChoiceRule"], where, spot)
        if spot.language == "JSONPath":
            if "Condition" not in item:
                choices.check_rule(report, item, where)
            continue
        for name in item:
            if name in choices.RULE_FIELDS:
                _speaks(report, name, "P", spot, where)
        if "Condition" not in item:
            report.add(where, "These fields are required: [Condition]", rule="choice-condition")


def _check_scope(report: Report, scope: _Object, name: str, place: Place, spot: Spot) -> None:
    inner = Spot(report.machine_language, spot.machine_type)
    check_fields(report, scope, name, _PART_FIELDS[name], place, inner)
    check_flow(report, scope, place, top=False)


def _check_branches(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    for where, item in _items(report, value, place, "branches", empty=False):
        _check_scope(report, item, "Branch", where, spot)


def _check_processor(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    if not values.expect(report, value, ("OBJECT",), place, rule="map-processor"):
        return
    processor = cast(_Object, value)
    machine_type = spot.machine_type
    if maps.is_distributed({"ItemProcessor": value}):
        machine_type = "EXPRESS" if maps.child_type({"ItemProcessor": value}) == "EXPRESS" else "STANDARD"
    _check_scope(report, processor, "ItemProcessor", place, Spot(spot.language, machine_type))


_CHECKS: Final[Mapping[Kind, Check]] = {
    "string": values.check_string,
    "enum": values.check_enum,
    "state": values.check_state_name,
    "states": _check_states,
    "int": expressions.check_number_or_expression,
    "number": expressions.check_number_or_expression,
    "boolean": values.check_boolean,
    "timestamp": expressions.check_timestamp_or_expression,
    "resource": tasks.check_resource,
    "path or null": expressions.check_path_or_null,
    "reference or null": expressions.check_result_path,
    "path": expressions.check_path,
    "reference": expressions.check_reference,
    "reference or intrinsic": expressions.check_reference_or_intrinsic,
    "pointer": values.check_pointer,
    "template": _check_template,
    "any": _check_output,
    "literal": _check_result,
    "condition": expressions.check_condition,
    "expression string": expressions.check_text_or_expression,
    "assign": variables.check_assign,
    "strings": values.check_strings,
    "label": maps.check_label,
    "credentials": tasks.check_credentials,
    "retriers": _check_retriers,
    "catchers": _check_catchers,
    "choices": _check_choices,
    "branches": _check_branches,
    "processor": _check_processor,
    "processor config": _part("ProcessorConfig", "processor-config", maps.check_processor_config),
    "item reader": _part("ItemReader", "item-reader", maps.check_item_reader),
    "reader config": _part("ReaderConfig", "item-reader"),
    "item batcher": _part("ItemBatcher", "item-batcher"),
    "result writer": _part("ResultWriter", "field-type", maps.check_result_writer),
    "writer config": _part("WriterConfig", "result-writer"),
}
