"""What people look at: alarms of functions, one dashboard for each stack, and questions to its logs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

from stepsmith.deploy.application import Application, pascal
from stepsmith.deploy.options import Options
from stepsmith.deploy.template.alarms import OWN_NAMESPACE, lasting_alarm, metric_query
from stepsmith.deploy.template.functions import logs_of
from stepsmith.expressions.types import Json
from stepsmith.prices import FUNCTION_GB_SECOND, FUNCTION_REQUEST

MOST_METRICS: Final = 10
"""The metrics that an alarm can look at."""
MOST_LOGS: Final = 50
"""The log groups that a question can be put to."""
MOST_TERMS: Final = 16
"""The functions in one expression, which has at most 1024 characters."""
_WIDTH: Final = 12
_HEIGHT: Final = 6

_OF_FUNCTION: Final = 'parse @logStream "*/*/*/*[*" as year, month, day, function, version'
"""Lambda writes the name of the function into that of the stream, where several share a log group."""

QUESTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "executions that failed": (
        "machines",
        'fields @timestamp, execution_arn, details.error | filter type like "Failed" or type like "TimedOut" '
        "| sort @timestamp desc | limit 100",
    ),
    "errors of functions": (
        "functions",
        f"filter ispresent(errorType) | {_OF_FUNCTION} | stats count(*) as times by errorType, function "
        "| sort times desc",
    ),
    "slow and large calls": (
        "functions",
        f'filter type = "platform.report" | {_OF_FUNCTION} | stats pct(record.metrics.durationMs, 95) as p95, '
        "max(record.metrics.maxMemoryUsedMB) as memory, count(*) as calls by function | sort p95 desc",
    ),
    "cold starts": (
        "functions",
        f'filter type = "platform.report" and ispresent(record.metrics.initDurationMs) | {_OF_FUNCTION} '
        "| stats count(*) as starts, avg(record.metrics.initDurationMs) as milliseconds by function",
    ),
}
"""What is asked -> whose logs, and the query for CloudWatch Logs Insights."""


def monitoring_resources(
    application: Application, options: Options, functions: Mapping[str, Json]
) -> dict[str, Json]:
    """Give the alarms of functions, the dashboard and the queries; `functions` has the resources of all tasks."""
    names = [name for name, part in functions.items() if _type(part) == "AWS::Lambda::Function"]
    found: dict[str, Json] = {}
    for number, some in enumerate(_parts(sorted(names), MOST_METRICS), 1):
        found[f"Functions{number}ThrottledAlarm"] = _throttled(some, options)
    if names:
        found["FunctionFaultsAlarm"] = lasting_alarm(
            "functions raise what no workflow expects",
            [metric_query("faults", OWN_NAMESPACE, "Faults", {}, shown=True)],
            options,
        )
    found["Dashboard"] = {
        "Type": "AWS::CloudWatch::Dashboard",
        "Properties": {
            "DashboardName": {"Ref": "AWS::StackName"},
            "DashboardBody": {
                "Fn::Sub": json.dumps({"widgets": _widgets(application, functions)}, sort_keys=True)
            },
        },
    }
    groups = _log_groups(application)
    for about, (whose, query) in QUESTIONS.items():
        if groups[whose]:
            found[f"{pascal(about)}Query"] = _query(about, query, groups[whose])
    return found


def _throttled(functions: Sequence[str], options: Options) -> Json:
    queries = [
        metric_query(f"m{number}", "AWS/Lambda", "Throttles", {"FunctionName": {"Ref": name}}, shown=False)
        for number, name in enumerate(functions)
    ]
    total: Json = {"Id": "total", "Expression": "SUM(METRICS())", "ReturnData": True}
    return lasting_alarm(
        f"functions are throttled, of {functions[0]} to {functions[-1]}", [*queries, total], options
    )


def _query(about: str, query: str, groups: list[str]) -> Json:
    names: list[Json] = [{"Ref": name} for name in groups[:MOST_LOGS]]
    return {
        "Type": "AWS::Logs::QueryDefinition",
        "Properties": {
            "Name": {"Fn::Sub": f"${{AWS::StackName}}/{about}"},
            "QueryString": query.replace(" | ", "\n| "),
            "LogGroupNames": names,
        },
    }


def _log_groups(application: Application) -> dict[str, list[str]]:
    return {
        "machines": [f"{pascal(name)}MachineLogs" for name in application.workflows],
        "functions": sorted({logs_of(task) for task in application.tasks.values()}),
    }


def _widgets(application: Application, functions: Mapping[str, Json]) -> list[Json]:
    names = list(application.workflows)
    names_of_functions = [name for name, part in functions.items() if _type(part) == "AWS::Lambda::Function"]
    errors = QUESTIONS["errors of functions"][1]
    logs = _log_groups(application)["functions"][:MOST_LOGS]
    sources = " | ".join(f"SOURCE '${{{name}}}'" for name in logs)
    widgets: list[Json] = [
        _graph("Executions", [_of_machine("ExecutionsStarted", name) for name in names]),
        _graph(
            "Executions that failed, timed out or were throttled",
            [
                _of_machine(metric, name)
                for name in names
                for metric in ("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionThrottled")
            ],
        ),
        _graph(
            "Duration of executions, in milliseconds",
            [_of_machine("ExecutionTime", name, stat) for name in names for stat in ("p50", "p95")],
        ),
        _graph("Cost of functions in US dollars, by list prices of us-east-1", _costs(functions)),
        _graph(
            "Calls that failed or were throttled",
            [
                ["AWS/Lambda", metric, "FunctionName", f"${{{name}}}", {"label": f"{name} {metric}"}]
                for name in names_of_functions
                for metric in ("Errors", "Throttles")
            ],
        ),
    ]
    if sources:
        properties: Json = {
            "query": f"{sources} | {errors}",
            "region": "${AWS::Region}",
            "title": "Failures by error",
            "view": "table",
        }
        widgets.append({"type": "log", "properties": properties})
    return [
        {**widget, "x": number % 2 * _WIDTH, "y": number // 2 * _HEIGHT, "width": _WIDTH, "height": _HEIGHT}
        for number, widget in enumerate(cast("list[dict[str, Json]]", widgets))
    ]


def _graph(title: str, metrics: Sequence[Json]) -> Json:
    properties: dict[str, Json] = {
        "title": title,
        "region": "${AWS::Region}",
        "period": 300,
        "stat": "Sum",
        "view": "timeSeries",
        "metrics": list(metrics),
    }
    return {"type": "metric", "properties": properties}


def _of_machine(metric: str, workflow: str, stat: str = "Sum") -> Json:
    shown: Json = {"stat": stat, "label": f"{workflow} {metric if stat == 'Sum' else stat}"}
    return ["AWS/States", metric, "StateMachineArn", f"${{{pascal(workflow)}Machine}}", shown]


def _costs(functions: Mapping[str, Json]) -> list[Json]:
    """Give the metrics from which the cost follows, hidden, and what follows from them."""
    found: list[Json] = []
    terms: list[str] = []
    for name, part in functions.items():
        if _type(part) != "AWS::Lambda::Function":
            continue
        properties = cast("dict[str, dict[str, Json]]", part)["Properties"]
        memory, architecture = (
            cast("int", properties["MemorySize"]),
            cast("list[str]", properties["Architectures"]),
        )
        number = len(terms)
        price = memory / 1024 / 1000 * FUNCTION_GB_SECOND[architecture[0]]
        terms.append(f"FILL(d{number},0)*{price:.3e}+FILL(c{number},0)*{FUNCTION_REQUEST:.0e}")
        for letter, metric in (("d", "Duration"), ("c", "Invocations")):
            hidden: Json = {"id": f"{letter}{number}", "visible": False}
            found.append(["AWS/Lambda", metric, "FunctionName", f"${{{name}}}", hidden])
    sums = ["+".join(some) for some in _parts(terms, MOST_TERMS)]
    for number, expression in enumerate(sums):
        found.append([{"expression": expression, "id": f"s{number}", "visible": False}])
    if sums:
        total = "+".join(f"s{number}" for number in range(len(sums)))
        found.append([{"expression": total, "id": "total", "label": "Lambda"}])
    return found


def _parts(names: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    return (names[start : start + size] for start in range(0, len(names), size))


def _type(part: Json) -> Json:
    return part.get("Type") if isinstance(part, dict) else None
