"""Workloads that the judge does not have: nested executions, a distributed Map, callbacks."""

from __future__ import annotations

from typing import Any

CHILD = "arn:aws:states:us-east-1:123456789012:stateMachine:child"
ASK_TASK = '''

def kt_ask(event, context=None):
    """Hands its token to somebody who answers at once."""
    _run(event)
    from stepsmith.service import Journal, TokenError
    try:
        Journal(os.environ["KT_JOURNAL"]).answer(event["answer"], {"n": event["n"] + 5})
    except TokenError:
        pass  # answered in an earlier life
'''


def workloads(kill: Any) -> dict[str, Any]:
    """Return the workloads that the judge does not have: definition, input, result, and tokens in their order."""

    def step(n: int) -> int:
        return (n * 3 + 1) % 1000003

    def token(what: str) -> str:
        return f"States.Format('{{}}|{what}', $.name)"

    def child() -> Any:
        second = kill._task("kt_step", token("c|1"))
        first = kill._task("kt_step", token("c|0"), "Second", result="$.r")
        first["Next"] = "Rest"
        states = {
            "First": first,
            "Rest": {"Type": "Wait", "Seconds": 1, "Next": "Second"},
            "Second": {
                **second,
                "Parameters": {**second["Parameters"], "n.$": "$.r.n"},
                "ResultSelector": {"n.$": "$.n"},
            },
        }
        return (
            {"StartAt": "First", "States": states},
            lambda r: {"n": r.randrange(1000), "ms": 3, "name": f"x{r.randrange(10**12)}"},
            lambda given: {"n": step(step(given["n"]))},
            lambda name, given: [[f"{given['name']}|c|{i}" for i in range(2)]],
        )

    def nested() -> Any:
        call = {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {
                "StateMachineArn": CHILD,
                "Input": {"n.$": "$.n", "ms.$": "$.ms", "name.$": "$$.Execution.Name"},
            },
            "ResultSelector": {"n.$": "$.Output.n", "ms": 3},
            "Next": "Last",
        }
        last = kill._task("kt_step", "States.Format('{}|last', $$.Execution.Name)")
        return (
            {"StartAt": "Call", "States": {"Call": call, "Last": {**last, "ResultSelector": {"n.$": "$.n"}}}},
            lambda r: {"n": r.randrange(1000), "ms": 3},
            lambda given: {"n": step(step(step(given["n"])))},
            lambda name, given: [[f"{name}|c|0", f"{name}|c|1", f"{name}|last"]],
        )

    def spread() -> Any:
        one = kill._task("kt_step", "States.Format('{}|spread{}', $.name, $.i)")
        states = {
            "Each": {
                "Type": "Map",
                "ItemsPath": "$.items",
                "MaxConcurrency": 3,
                "ItemSelector": {
                    "i.$": "$$.Map.Item.Index",
                    "n.$": "$$.Map.Item.Value",
                    "ms.$": "$.ms",
                    "name.$": "$$.Execution.Name",
                },
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                    "StartAt": "One",
                    "States": {"One": {**one, "ResultSelector": {"n.$": "$.n"}}},
                },
                "End": True,
            }
        }
        return (
            {"StartAt": "Each", "States": states},
            lambda r: {"items": [r.randrange(1000) for _ in range(5)], "ms": 3},
            lambda given: [{"n": step(x)} for x in given["items"]],
            lambda name, given: [[f"{name}|spread{i}"] for i in range(len(given["items"]))],
        )

    def ask() -> Any:
        state = {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": {
                "FunctionName": "kt_ask",
                "Payload": {
                    "answer.$": "$$.Task.Token",
                    "token.$": "States.Format('{}|ask', $$.Execution.Name)",
                    "n.$": "$.n",
                    "ms.$": "$.ms",
                },
            },
            "End": True,
        }
        return (
            {"StartAt": "Ask", "States": {"Ask": state}},
            lambda r: {"n": r.randrange(1000), "ms": 3},
            lambda given: {"n": given["n"] + 5},
            lambda name, given: [[f"{name}|ask"]],
        )

    return {"child": child, "nested": nested, "spread": spread, "ask": ask}
