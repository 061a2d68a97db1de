import json
import re
from typing import Any

from stepsmith.deploy.template.monitoring import MOST_LOGS, MOST_METRICS
from stepsmith.prices import FUNCTION_GB_SECOND, FUNCTION_REQUEST
from tests.stepsmith.deploy.applications import project_template, template_of


def of_type(template: Any, kind: str) -> dict[str, Any]:
    return {name: each["Properties"] for name, each in template["Resources"].items() if each["Type"] == kind}


def widgets(template: Any) -> dict[str, Any]:
    """The widgets of the dashboard by their titles."""
    (properties,) = of_type(template, "AWS::CloudWatch::Dashboard").values()
    found = json.loads(properties["DashboardBody"]["Fn::Sub"])["widgets"]
    return {each["properties"]["title"]: each for each in found}


def test_the_throttles_of_every_function_are_watched_by_alarms_that_cloudwatch_takes() -> None:
    template = project_template()

    watched: list[str] = []
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        if re.fullmatch(r"Functions\d+ThrottledAlarm", name):
            *metrics, total = alarm["Metrics"]
            assert len(metrics) <= MOST_METRICS
            assert (total["Expression"], total["ReturnData"]) == ("SUM(METRICS())", True)
            assert not any(each["ReturnData"] for each in metrics)
            watched += [each["MetricStat"]["Metric"]["Dimensions"][0]["Value"]["Ref"] for each in metrics]

    assert sorted(watched) == sorted(of_type(template, "AWS::Lambda::Function"))


def test_faults_of_functions_raise_an_alarm_when_they_last() -> None:
    alarm = of_type(project_template(), "AWS::CloudWatch::Alarm")["FunctionFaultsAlarm"]

    metric = alarm["Metrics"][0]["MetricStat"]["Metric"]
    assert metric == {
        "Namespace": {"Fn::Sub": "stepsmith/${AWS::StackName}"},
        "MetricName": "Faults",
        "Dimensions": [],
    }
    assert (alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (5, 3)


def test_the_dashboard_shows_executions_failures_by_error_durations_and_costs() -> None:
    template: Any = template_of("delayed_vending")
    found = widgets(template)

    assert len(found) == 6
    assert len({(each["x"], each["y"]) for each in found.values()}) == 6
    names = set(re.findall(r"\$\{([A-Za-z0-9]+)\}", json.dumps(found)))
    assert names <= set(template["Resources"])
    assert {"DelayedVendingMachine", "DelayedVendingEndedMachine"} <= names
    assert "stats count(*) as times by errorType" in found["Failures by error"]["properties"]["query"]


def test_the_cost_of_a_call_is_its_time_its_memory_and_the_call_itself() -> None:
    title = "Cost of functions in US dollars, by list prices of us-east-1"
    metrics = widgets(project_template())[title]["properties"]["metrics"]
    expressions = [each[0]["expression"] for each in metrics if isinstance(each[0], dict)]
    ids = {each[-1]["id"]: each for each in metrics if not isinstance(each[0], dict)}

    assert all(len(each) <= 1024 for each in expressions)
    used = set(re.findall(r"[dc]\d+", "".join(expressions[:-1])))
    assert used == set(ids)
    # a function of 128 MB that runs a second
    factor = float(re.search(r"FILL\(d0,0\)\*([0-9.e-]+)", expressions[0])[1])  # type: ignore[index]
    assert abs(factor * 1000 - FUNCTION_GB_SECOND["arm64"] / 8) < 1e-9
    assert FUNCTION_REQUEST * 5_000_000 == 1


def test_questions_to_logs_name_as_many_as_can_be_asked() -> None:
    found = of_type(project_template(), "AWS::Logs::QueryDefinition")

    assert set(found) == {
        "ColdStartsQuery",
        "ErrorsOfFunctionsQuery",
        "ExecutionsThatFailedQuery",
        "SlowAndLargeCallsQuery",
    }
    assert all(1 <= len(each["LogGroupNames"]) <= MOST_LOGS for each in found.values())
    assert found["ColdStartsQuery"]["Name"] == {"Fn::Sub": "${AWS::StackName}/cold starts"}
