"""Small definitions for the tests of what runs them."""

from __future__ import annotations

from typing import Any

from stepsmith.service import Machine, load

LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:"


def machine(*states: tuple[str, dict[str, Any]], name: str = "machine", **more: Any) -> Machine:
    """A machine of states in a row."""
    named: dict[str, dict[str, Any]] = {}
    for index, (state, fields) in enumerate(states):
        final = index + 1 == len(states)
        ending: dict[str, Any] = {"End": True} if final else {"Next": states[index + 1][0]}
        named[state] = {**fields, **({} if fields["Type"] in ("Fail", "Succeed") else ending)}
    return load({"StartAt": states[0][0], "States": named, **more}, name=name)


def task(function: str = "work", **more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": LAMBDA + function, **more}


def wait(seconds: int) -> dict[str, Any]:
    return {"Type": "Wait", "Seconds": seconds}


def callback(**more: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token", "about.$": "$"}},
        **more,
    }


def parallel(*functions: str, **more: Any) -> dict[str, Any]:
    branches = [
        {"StartAt": f"Call {name}", "States": {f"Call {name}": {**task(name, **more), "End": True}}}
        for name in functions
    ]
    return {"Type": "Parallel", "Branches": branches}
