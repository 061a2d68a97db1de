"""Alarms, the dashboard, queries and filters of logs as resources of Terraform."""

from __future__ import annotations

from stepsmith.deploy.handoff.parts import Properties
from stepsmith.deploy.handoff.terraform.part import Arguments, Converted, Part, one, present


def alarm(part: Part) -> Converted:
    """Give an alarm."""
    queries = [_metric_query(each) for each in part.each("Metrics")]
    dimensions = {each["Name"]: each["Value"] for each in part.each("Dimensions")}
    return one(
        part,
        "AWS::CloudWatch::Alarm",
        alarm_name=part.own_name,
        alarm_description=part.of("AlarmDescription"),
        namespace=part.of("Namespace"),
        metric_name=part.of("MetricName"),
        dimensions=dimensions or None,
        statistic=part.of("Statistic"),
        period=part.of("Period"),
        evaluation_periods=part.of("EvaluationPeriods"),
        datapoints_to_alarm=part.of("DatapointsToAlarm"),
        threshold=part.of("Threshold"),
        comparison_operator=part.of("ComparisonOperator"),
        treat_missing_data=part.of("TreatMissingData"),
        alarm_actions=part.of("AlarmActions"),
        metric_query=queries or None,
        **part.tags,
    )


def _metric_query(query: Properties) -> Arguments:
    measured = query.get("MetricStat")
    metric = None
    if measured is not None:
        dimensions = {each["Name"]: each["Value"] for each in measured["Metric"]["Dimensions"]}
        metric = present(
            {
                "namespace": measured["Metric"]["Namespace"],
                "metric_name": measured["Metric"]["MetricName"],
                "dimensions": dimensions or None,
                "period": measured["Period"],
                "stat": measured["Stat"],
            }
        )
    return present(
        {
            "id": query["Id"],
            "expression": query.get("Expression"),
            "return_data": query["ReturnData"],
            "metric": metric,
        }
    )


def dashboard(part: Part) -> Converted:
    """Give a dashboard."""
    return one(
        part,
        "AWS::CloudWatch::Dashboard",
        dashboard_name=part.of("DashboardName"),
        dashboard_body=part.of("DashboardBody"),
    )


def query(part: Part) -> Converted:
    """Give a query that is kept with the logs."""
    return one(
        part,
        "AWS::Logs::QueryDefinition",
        name=part.of("Name"),
        query_string=part.of("QueryString"),
        log_group_names=part.of("LogGroupNames"),
    )


def metric_filter(part: Part) -> Converted:
    """Give what counts entries of a log."""
    (metric,) = part.each("MetricTransformations")
    transformation = {
        "name": metric["MetricName"],
        "namespace": metric["MetricNamespace"],
        "value": metric["MetricValue"],
        "default_value": metric["DefaultValue"],
    }
    return one(
        part,
        "AWS::Logs::MetricFilter",
        name=part.own_name,
        log_group_name=part.of("LogGroupName"),
        pattern=part.of("FilterPattern"),
        metric_transformation=transformation,
    )
