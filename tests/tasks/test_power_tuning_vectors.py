"""PT-01: recorded behaviour of aws-lambda-power-tuning 4.4.0, and where we deviate on purpose.

The environment variable VECTORS names another folder of the same form.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from stepsmith import WorkflowError
from tasks.power_tuning import averages, handlers, models, payloads, prices
from tasks.power_tuning.aws import function_arn, invocations, logs
from tasks.power_tuning.chart.address import Point, chart_address, points_in
from tests.tasks.power_tuning.recorded import (
    VECTORS,
    Case,
    World,
    needs_vectors,
    price_tables,
    same,
    settings,
    vectors,
)

pytestmark = needs_vectors


@dataclass(frozen=True)
class Deviation:
    """A kind of `quirk` or `crash` case that we answer differently, and why."""

    function: str
    applies: Callable[[Case], bool]
    reason: str
    answer: Callable[[Case], Any] | None = None  # None: a named error instead of the recorded value


OPTIONAL_FIELDS = [["initDurationMs"], ["restoreDurationMs"], ["billedRestoreDurationMs"]]
"""The arguments that ask for what only the report of a start or a restore has."""

DEVIATIONS = [
    Deviation(
        "base_cost_for_region",
        lambda case: case["kind"] == "quirk" and case["args"][0].get(case["args"][1]) == 0,
        "a price of 0 is a price, not a missing one",
        lambda case: 0,
    ),
    Deviation(
        "extract_duration",
        lambda case: case["kind"] == "quirk" and "error" in case and case["args"][1:] in OPTIONAL_FIELDS,
        "a JSON log of a warm call has no init or restore duration: 0, as in a text log",
        lambda case: 0,
    ),
    Deviation(
        "durations",
        lambda case: case["kind"] == "quirk" and "intended" in case,
        "warm calls in the JSON log format have a duration",
        lambda case: case["intended"],
    ),
    Deviation(
        "billed_durations",
        lambda case: case["kind"] == "quirk" and "intended" in case,
        "calls without a restore in the JSON log format have a billed duration",
        lambda case: case["intended"],
    ),
    Deviation(
        "is_weighted_payload",
        lambda case: case["kind"] == "crash",
        "a list with a null in it is not weighted, and no reason to crash",
        lambda case: False,
    ),
    Deviation(
        "generate_payloads",
        lambda case: case["kind"] == "crash",
        "a list with a null in it is one plain payload",
        lambda case: [json.dumps(case["args"][1], separators=(",", ":"))] * case["args"][0],
    ),
    Deviation(
        "analyzer",
        lambda case: (
            case["kind"] == "crash" and None in case["event"]["stats"] and any(case["event"]["stats"])
        ),
        "a power without figures is left out of the listed results, it does not lose the others",
        lambda case: without_missing_powers(case),
    ),
]
"""Every other `quirk` is matched on purpose, and every other `crash` gives a named error instead."""


def without_missing_powers(case: Case) -> Any:
    stats = [row for row in case["event"]["stats"] if row is not None]
    without_list: Any = handlers.analyzer(
        {**case["event"], "includeOutputResults": False},
        settings=handlers.Settings(region=case["env"]["AWS_REGION"]),
    )
    return {**without_list, "stats": [{key: row[key] for key in row if key != "totalCost"} for row in stats]}


def same_payload(ours: str, theirs: str, payload: Any) -> bool:
    """Exactly equal for a text that was JSON already, else equal as JSON."""
    return (
        ours == theirs
        if isinstance(payload, str) and ours == payload
        else same(*map(json.loads, (ours, theirs)))
    )


def execution_cost(env: dict[str, str], powers: int, cold: bool = False, runs: int = 0) -> float:
    per_transition = prices.regional_price(price_tables(env).per_transition, env["AWS_REGION"])
    return prices.reference_execution_cost(per_transition, powers, only_cold_starts=cold, runs=runs)


def address(env: dict[str, str], points: list[Case], page: str) -> str:
    as_points = [Point(int(item["power"]), item["duration"], item["cost"]) for item in points]
    return chart_address(as_points, page, region=env["AWS_REGION"])


PURE: dict[str, Callable[..., Any]] = {
    "all_power_values": lambda env: list(models.ALL_POWERS),
    "average_duration": lambda env, values, discard: averages.trimmed_mean(values or [], discard),
    "base64_decode": lambda env, text: logs.decoded_log(text),
    "base_cost_for_region": lambda env, table, region: prices.regional_price(table, region),
    "billed_durations": lambda env, answers: handlers.billed_durations(answers),
    "build_alias": lambda env, *args: handlers.alias_name(*args),
    "compute_price": lambda env, *args: prices.reference_price(*args),
    "compute_total_cost": lambda env, *args: prices.reference_total(*args),
    "convert_payload": lambda env, value: payloads.invocation_payload(value),
    "durations": lambda env, answers: handlers.durations(answers),
    "extract_duration": lambda env, *args: logs.duration_in(*args),
    "generate_payloads": lambda env, *args: payloads.payloads_by_floor(*args),
    "invocation_error": lambda env, *args: invocations.refuse_failed(*args),
    "is_weighted_payload": lambda env, value: payloads.is_weighted(value),
    "lambda_base_cost": lambda env, region, kind: prices.base_price(region, kind, price_tables(env).per_ms),
    "region_from_arn": lambda env, arn: function_arn.region_of(arn),
    "step_functions_base_cost": lambda env: prices.regional_price(
        price_tables(env).per_transition, env["AWS_REGION"]
    ),
    "step_functions_cost": execution_cost,
    "visualization_url": address,
}


HANDLERS: dict[str, Callable[[Case, Any, handlers.Settings], Any]] = {
    "initializer": lambda event, world, fixed: handlers.initializer(event, lambda_=world, settings=fixed),
    "publisher": lambda event, world, fixed: handlers.publisher(event, lambda_=world),
    "executor": lambda event, world, fixed: handlers.executor(
        event, lambda_=world, s3=world, settings=fixed, sleep=world.sleep
    ),
    "cleaner": lambda event, world, fixed: handlers.cleaner(event, lambda_=world),
    "analyzer": lambda event, world, fixed: handlers.analyzer(event, settings=fixed),
    "optimizer": lambda event, world, fixed: handlers.optimizer(event, lambda_=world),
}


def deviation(function: str, case: Case) -> Deviation | None:
    return next((one for one in DEVIATIONS if one.function == function and one.applies(case)), None)


def outcome(function: Callable[[], Any]) -> tuple[Any, str | None]:
    """What the function returns, or the name of the error it raises; only named errors are answers."""
    try:
        return function(), None
    except WorkflowError as error:
        return None, type(error).__name__


def complaint(function: str, case: Case, value: Any, error: str | None) -> str | None:
    """What is wrong with our answer to a case, if anything."""
    different = deviation(function, case)
    if different is not None and different.answer is not None:
        return (
            None
            if error is None and same(value, different.answer(case))
            else f"deviates, but {value} {error}"
        )
    if "error" in case:
        return None if error is not None else f"should raise {case['error']['message']}, gave {value}"
    if error is not None:
        return f"raised {error}"
    expected: Any = None if case.get("undefined") else case.get("value")
    if function == "convert_payload":
        agrees = same_payload(value, expected, case["args"][0])
    elif function == "generate_payloads":
        agrees = len(value) == len(expected) and all(
            same_payload(ours, theirs, ours if ours == theirs else None)
            for ours, theirs in zip(value, expected, strict=True)
        )
    else:
        agrees = same(value, expected)
    return None if agrees else f"gave {str(value)[:300]}, not {str(expected)[:300]}"


def complaint_about_calls(case: Case, world: World) -> str | None:
    if case.get("calls_partial") or "calls" not in case:
        return None
    ours = [[name, comparable(name, parameters)] for name, parameters in world.calls]
    theirs = [[name, comparable(name, parameters)] for name, parameters in case["calls"]]
    if case.get("unordered_calls"):
        ours, theirs = sorted(ours, key=repr), sorted(theirs, key=repr)
    return None if same(ours, theirs) else f"called {str(ours)[:500]}, not {str(theirs)[:500]}"


def comparable(name: str, parameters: Case) -> Case:
    if name == "Invoke" and isinstance(parameters.get("Payload"), str):
        try:
            return {**parameters, "Payload": json.dumps(json.loads(parameters["Payload"]), sort_keys=True)}
        except ValueError:
            return parameters
    return parameters


def report(function: str, complaints: list[tuple[str, str]], count: int) -> None:
    assert not complaints, f"{function}: {len(complaints)} of {count} differ:\n" + "\n".join(
        f"{case}: {text}" for case, text in complaints[:10]
    )


@pytest.mark.parametrize("function", sorted(PURE))
def test_a_function_answers_as_recorded(function: str) -> None:
    recorded = vectors(function)
    complaints: list[tuple[str, str]] = []

    for case in recorded["cases"]:
        env = {**recorded["env"], **case.get("env", {})} if "env" in recorded else {}
        value, error = outcome(lambda case=case, env=env: PURE[function](env, *case["args"]))
        text = complaint(function, {"kind": None, **case}, value, error)
        complaints += [(case["id"], text)] if text else []

    report(function, complaints, recorded["count"])


def test_a_payload_in_s3_is_read_as_recorded() -> None:
    recorded = vectors("fetch_payload")
    complaints: list[tuple[str, str]] = []

    for case in recorded["cases"]:
        world = World({"functions": {}}, case["objects"])
        value, error = outcome(
            lambda case=case, world=world: payloads.payload_from_s3(case["args"][0], world)
        )
        text = complaint("fetch_payload", case, value, error) or complaint_about_calls(case, world)
        complaints += [(case["id"], text)] if text else []

    report("fetch_payload", complaints, recorded["count"])


@pytest.mark.slow
@pytest.mark.parametrize("function", sorted(HANDLERS))
def test_a_handler_answers_and_calls_as_recorded(function: str) -> None:
    recorded = vectors(function)
    complaints: list[tuple[str, str]] = []

    for case in recorded["cases"]:
        fixed = settings({**recorded["env"], **case.get("env", {})})
        world = World(case.get("world", {"functions": {}}), case.get("objects"))
        value, error = outcome(
            lambda case=case, world=world, fixed=fixed: HANDLERS[function](case["event"], world, fixed)
        )
        text = complaint(function, case, value, error) or (
            None if case["kind"] == "crash" else complaint_about_calls(case, world)
        )
        complaints += [(case["id"], text)] if text else []

    report(function, complaints, recorded["count"])


INVOCATION_ERROR = re.compile(
    r'Invocation error \((.*)\) with payload (".*") - original error type: "(.*)", '
    r'original error message: "(.*)",trace: ".*"'
)


SERVICE_ERRORS = {
    "AccessDeniedException": "Forbidden",
    "ResourceConflictException": "Conflict",
    "ResourceNotFoundException": "NotFound",
    "ServiceException": "Unavailable",
    "TooManyRequestsException": "Throttled",
}


def named_by_us(caught: dict[str, str]) -> dict[str, str]:
    """Give what the reference has caught in our names and words, with every fact that is in it."""
    if caught["name"] != "Error":
        return {"name": SERVICE_ERRORS[caught["name"]], "message": f"{caught['name']}: {caught['message']}"}
    found = INVOCATION_ERROR.fullmatch(caught["message"])
    assert found is not None
    where, payload, kind, said = found.groups()
    told = f"invocation error ({where}) with payload {json.loads(payload)}: error type {kind!r}, message {said!r}"
    return {"name": "Rejected", "message": told}


def chain(case: Case, world: World, fixed: handlers.Settings) -> Case:
    """Chain the handlers as the reference state machine does, executors one after the other."""
    trace: list[str] = []

    def step(name: str, event: Case) -> Any:
        trace.append(name)
        return HANDLERS[name](event, world, fixed)

    def measured(state: Case, power: Any) -> Any:
        for attempt in range(3):
            try:
                return step("executor", {"input": state, "value": power})
            except WorkflowError:
                if attempt == 2:
                    raise
        return None

    state = dict(case["input"])
    try:
        state["lambdaConfigurations"] = step("initializer", state)
        try:
            while state["lambdaConfigurations"]["iterator"]["continue"]:
                state["lambdaConfigurations"] = step("publisher", state)
            state["stats"] = [
                measured(state, power) for power in state["lambdaConfigurations"]["powerValues"]
            ]
        except WorkflowError as error:
            step("cleaner", state)
            caught = {"name": type(error).__name__, "message": str(error)}
            return {"status": "SUCCEEDED", "output": {}, "caught": caught, "trace": trace}
        step("cleaner", state)
        state["analysis"] = step("analyzer", state)
        step("optimizer", state)
    except WorkflowError:
        return {"status": "FAILED", "trace": trace}
    return {"status": "SUCCEEDED", "output": state["analysis"], "trace": trace}


@pytest.mark.slow
def test_the_handlers_in_a_chain_end_as_recorded() -> None:
    recorded = vectors("end_to_end")
    complaints: list[tuple[str, str]] = []

    for case in recorded["cases"]:
        world = World(case["world"])
        ours = chain(case, world, settings({**recorded["env"], **case.get("env", {})}))
        theirs = dict(case["expect"])
        if "caught" in theirs:
            theirs["caught"] = named_by_us(theirs["caught"])
        ours["world"] = world.left()
        theirs.pop("error", None)
        if not same(ours, theirs):
            complaints.append((case["id"], f"{str(ours)[:600]}\n    not {str(theirs)[:600]}"))
        elif Counter(name for name, _ in world.calls) != case["call_counts"]:
            complaints.append(
                (case["id"], f"{Counter(name for name, _ in world.calls)} {case['call_counts']}")
            )

    report("end_to_end", complaints, recorded["count"])


def test_calls_without_arguments_are_compared_like_all_others() -> None:
    bare = [(name, case) for name in PURE for case in vectors(name)["cases"] if case["args"] == []]

    assert {name for name, _ in bare} == {"all_power_values", "step_functions_base_cost"}
    for name, case in bare:
        assert complaint(name, {"kind": None, **case}, ["something else"], None) is not None


def test_every_recorded_case_is_read() -> None:
    for path in VECTORS.glob("*.json"):
        recorded = vectors(path.stem)

        assert recorded["count"] == len(recorded["cases"])


def test_what_is_caught_is_compared_with_its_facts() -> None:
    """A chain that caught something else, or said something else of it, would be complained about."""
    caught = [
        case["expect"]["caught"] for case in vectors("end_to_end")["cases"] if "caught" in case["expect"]
    ]

    told = {named_by_us(one)["name"] for one in caught}

    assert told == {"Rejected", "Throttled"}
    for one in caught:
        facts = re.findall(r'"((?:[^"\\]|\\.)*)"', one["message"])[1:3]
        assert all(fact in named_by_us(one)["message"] for fact in facts)
        assert one["name"] == "Error" or one["message"] in named_by_us(one)["message"]


def test_every_recorded_function_has_a_test() -> None:
    tested = {*PURE, *HANDLERS, "fetch_payload", "end_to_end"}

    assert {path.stem for path in VECTORS.glob("*.json")} <= tested


def test_only_questionable_answers_are_deviated_from() -> None:
    for one in DEVIATIONS:
        kinds = {
            case.get("kind") for case in vectors(one.function)["cases"] if one.applies({"kind": None, **case})
        }

        assert kinds <= {"quirk", "crash"}, one.reason


def test_every_recorded_chart_address_decodes_back_to_its_figures() -> None:
    for case in [case for case in vectors("visualization_url")["cases"] if "value" in case]:
        sent = sorted(case["args"][0], key=lambda point: int(point["power"]))

        points = points_in(case["value"])

        assert [point.power % 65536 for point in points] == [int(point["power"]) for point in sent]
        assert [point.duration for point in points] == pytest.approx(
            [point["duration"] for point in sent], rel=1e-6
        )
        assert [point.cost for point in points] == pytest.approx([point["cost"] for point in sent], rel=1e-6)
