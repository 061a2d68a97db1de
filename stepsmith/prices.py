"""What executions cost, by AWS's list prices: transitions, requests and the time of functions; no free tier.

Sources: https://aws.amazon.com/step-functions/pricing/ and https://aws.amazon.com/lambda/pricing/, as others have
written them down: Lambda's in April 2026, those of Step Functions without a date. Those of other services are of
us-east-1 as they were known in 2025, and nobody has looked them up since.
"""

from __future__ import annotations

from typing import Final, Literal

from stepsmith.frozen import frozen

PRICES_OF: Final = "Lambda's of April 2026, Step Functions' undated"
"""How old the prices are."""
OTHERS_OF: Final = "other services' of us-east-1 in 2025"
"""How old the prices of requests to other services are."""
TRANSITION: Final = 0.000025
"""Dollars for a transition of a Standard execution, except for the regions below."""
TRANSITIONS: Final = {
    "us-gov-west-1": 0.00003, "us-gov-east-1": 0.00003, "ap-northeast-2": 0.0000271, "eu-south-1": 0.00002625,
    "af-south-1": 0.00002975, "us-west-1": 0.0000279, "eu-west-3": 0.0000297, "ap-east-1": 0.0000275,
    "me-south-1": 0.0000275, "ap-south-1": 0.0000285, "sa-east-1": 0.0000375, "cn-north-1": 0.0001891,
    "cn-northwest-1": 0.0001891,
}  # fmt: skip
EXPRESS_REQUEST: Final = 0.000001
EXPRESS_GB_SECOND: Final = 0.00001667
"""The first tier, which small loads stay in."""
EXPRESS_GB: Final = 64 / 1024
"""Memory of an Express execution: it is billed in chunks of 64 MB, of which small definitions need one."""
FUNCTION_REQUEST: Final = 0.0000002
FUNCTION_GB_SECOND: Final = {"arm64": 0.0000133334, "x86_64": 0.0000166667}
"""Dollars for a gigabyte of memory and a second, in the first tier."""

_READS: Final = ("GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan")
_WRITES: Final = (
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "BatchWriteItem",
    "TransactWriteItems",
    "ConditionCheckItem",
)
REQUESTS: Final = {
    **{f"dynamodb:{each}": 0.000000125 for each in _READS},
    **{f"dynamodb:{each}": 0.000000625 for each in _WRITES},
    **{f"s3:{each}": 0.0000004 for each in ("GetObject", "GetObjectVersion", "HeadObject")},
    **{f"s3:{each}": 0.000005 for each in ("PutObject", "CopyObject", "ListObjectsV2", "ListBucket")},
    "s3:DeleteObject": 0.0,
    **{f"sqs:{each}": 0.0000004 for each in ("GetQueueUrl", "SendMessage", "SendMessageBatch", "DeleteMessage")},
    "sns:Publish": 0.0000005,
    "ses:SendEmail": 0.0001,
    "sesv2:SendEmail": 0.0001,
    "events:PutEvents": 0.000001,
    "rekognition:DetectLabels": 0.001,
    **{f"lambda:{each}": 0.0 for each in (
        "CreateAlias", "DeleteFunction", "GetAlias", "GetFunction", "GetFunctionConfiguration",
        "ListVersionsByFunction", "PublishVersion", "UpdateAlias", "UpdateFunctionConfiguration",
    )},
    **{f"states:{each}": 0.0 for each in ("StartExecution", "StopExecution", "SendTaskSuccess", "SendTaskFailure")},
}  # fmt: skip
"""Request -> dollars, for an item of at most 1 KB written or 4 KB read; what is not here is not known."""
TABLE_GB_MONTH: Final = 0.25
LOG_GB: Final = 0.50
"""Dollars for a gigabyte that is written into a log."""
ALARM_MONTH: Final = 0.10
DASHBOARD_MONTH: Final = 3.00


@frozen(kw_only=True)
class Cost:
    """Dollars for some executions."""

    executions: int
    transitions: float
    """Transitions of Standard executions, or requests and time of Express ones."""
    functions: float
    """Requests and time of Lambda functions."""

    @property
    def total(self) -> float:
        """All of it."""
        return self.transitions + self.functions

    def per_thousand(self) -> float:
        """Dollars for a thousand executions."""
        return self.total / self.executions * 1000 if self.executions else 0.0


def cost_of(
    *,
    executions: int,
    transitions: int,
    calls: int,
    memory_seconds: float,
    express_seconds: float | None = None,
    region: str = "us-east-1",
    architecture: Literal["arm64", "x86_64"] = "arm64",
) -> Cost:
    """Return what executions cost; with `express_seconds`, which are billed, as Express ones."""
    if express_seconds is None:
        machine = transitions * TRANSITIONS.get(region, TRANSITION)
    else:
        machine = executions * EXPRESS_REQUEST + express_seconds * EXPRESS_GB * EXPRESS_GB_SECOND
    functions = calls * FUNCTION_REQUEST + memory_seconds * FUNCTION_GB_SECOND[architecture]
    return Cost(executions=executions, transitions=machine, functions=functions)
