"""The engine as an adapter for the runner of recorded cases: executions, TestState and what is checked at the door."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import datetime
from typing import Any

from stepsmith.asl import parse
from stepsmith.diagnostics import InvalidDefinition
from stepsmith.engine import Run, Settings, compile, events
from stepsmith.engine.ports import (
    Answer,
    ItemsRead,
    ReadFailed,
    ReadItems,
    ResultsWritten,
    StartTask,
    TaskFailed,
    TaskStarted,
    TaskSubmitted,
    TaskSucceeded,
    TaskTimedOut,
    WriteResults,
)
from stepsmith.engine.trial.bench import try_state
from stepsmith.engine.trial.request import TrialRefused
from stepsmith.expressions.json_text import read
from stepsmith.integrations.items.formats import ReadError, read_items
from stepsmith.integrations.services.mock_results import check_mock_result
from tests.conformance.door import Door
from tests.conformance.scripts import play_script, runner

ACCOUNT, REGION = "111111111111", "us-east-1"


class Adapter:
    """Runs cases on the engine alone, with recorded task outcomes and virtual time."""

    name = "stepsmith"
    kinds = {"execution", "test_state", "create_error", "validate", "api_script"}  # noqa: RUF012 - the runner asks for a set

    def run(self, case: dict[str, Any]) -> dict[str, Any]:
        """Run one case; the form of the result is the runner's."""
        match case["kind"]:
            case "execution":
                return run_execution(case)
            case "test_state":
                return run_test_state(case)
            case "api_script":
                return play_script(case)
            case _:
                return Door().run(case)


def run_execution(case: dict[str, Any]) -> dict[str, Any]:
    text = case.get("definition_text") or json.dumps(case["definition"])
    program = compile(parse(text), type=case.get("type", "STANDARD"))
    input_text = case.get("input_text") or json.dumps(case.get("input", {}))
    started = datetime.fromisoformat(case.get("clock_start") or "2024-06-01T00:00:00+00:00").timestamp()
    settings = Settings(
        state_machine_name=case.get("state_machine_name", "machine"),
        account=ACCOUNT,
        region=REGION,
        role_arn=case.get("role_arn", ""),
        refuse=Activities(case).refuse,
    )
    run = Run(
        program, settings, read(input_text), input_text=input_text, now=started,
        name=case.get("execution_name", "execution"),
    )  # fmt: skip
    play(run, Outside(case), started)
    result: dict[str, Any] = {"status": run.status, "events": events(run.history)}
    if run.status == "SUCCEEDED":
        result["output"] = run.history.record(len(run.history))[4]
    else:
        result |= {"error": run.error, "cause": run.cause}
    return {key: value for key, value in result.items() if value is not None}


def play(run: Run, outside: Outside, now: float) -> None:
    """Drive an execution to its end, or to where nothing more can happen."""
    while run.status == "RUNNING":
        commands = run.advance(now)
        if not commands and not run.busy:
            if run.next_timer is None:
                return
            now = run.next_timer
        for command in commands:
            for answer in outside.carry_out(command):
                run.apply(answer, now)


def run_test_state(case: dict[str, Any]) -> dict[str, Any]:
    parameters = case.get("parameters") or {}
    if parameters.get("stateName") == "":
        return {"exception": "ParamValidationError"}  # boto3 does not send such a request

    def perform(command: StartTask) -> Answer:
        return answers(command, {"kind": "Task", **case["task"]})[-1]

    variables = parameters.get("variables")
    try:
        response = try_state(
            case.get("definition_text") or json.dumps(case["definition"]),
            read(case.get("input_text") or json.dumps(case.get("input", {}))),
            state_name=parameters.get("stateName"),
            role_arn=parameters.get("roleArn"),
            inspection_level=parameters.get("inspectionLevel", "INFO"),
            mock=parameters.get("mock"),
            context=parameters.get("context"),
            variables=None if variables is None else json.loads(variables),
            state_configuration=parameters.get("stateConfiguration"),
            reveal_secrets=parameters.get("revealSecrets", False),
            perform=perform,
            check_result=check_mock_result,
            settings=Settings(
                state_machine_name="machine", account=ACCOUNT, region=REGION, locates_causes=False
            ),
        )
    except TrialRefused as error:
        return {"error_code": error.code, "error_message": error.message}
    except InvalidDefinition as error:
        return {"error_code": "InvalidDefinition", "error_message": str(error)}
    return {"response": response}


class Activities:
    """Which activities exist: those that the recording shows somebody working on."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.known = {entry.get("state") for entry in case.get("replay") or [] if entry["kind"] == "Activity"}

    def refuse(self, resource: str, payload: Any) -> str | None:
        if ":activity:" in resource and not self.known:
            return f"The activity {resource} does not exist."
        return None


class Outside:
    """Answers commands from the recording."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.replay = runner().Replay(case)
        self.s3 = case.get("s3") or {}

    def carry_out(self, command: Any) -> list[Answer]:
        match command:
            case StartTask():
                return list(
                    answers(command, self.replay.take(command.state, command.resource, command.payload))
                )
            case ReadItems():
                return [self._read(command)]
            case WriteResults(last=True):
                return [ResultsWritten(id=command.id, details=_manifest(command))]
            case WriteResults():
                return [ResultsWritten(id=command.id)]
            case _:
                return []

    def _read(self, command: ReadItems) -> Answer:
        arguments: Any = command.arguments
        objects = self.s3[arguments["Bucket"]]
        if command.resource.endswith(":listObjectsV2"):
            keys = [key for key in objects if key.startswith(arguments.get("Prefix", ""))]
            items = [_listed(key, objects[key]) for key in sorted(keys)]
            source = f"S3://{arguments['Bucket']}"
        else:
            key = arguments["Key"]
            source = f"S3://{arguments['Bucket']}/{key}"
            try:
                items = list(read_items(io.BytesIO(objects[key].encode()), key, command.config))
            except ReadError as error:
                return ReadFailed(id=command.id, cause=str(error))
        most = command.config.get("MaxItems") or len(items)
        return ItemsRead(id=command.id, items=tuple(items[:most]), last=True, source=source)


def _listed(key: str, text: str) -> dict[str, Any]:
    data = text.encode()
    etag = f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'
    return {"Etag": etag, "Key": key, "LastModified": 0, "Size": len(data), "StorageClass": "STANDARD"}


def _manifest(command: WriteResults) -> dict[str, Any]:
    arguments: Any = command.arguments
    run = command.map_run_arn.rpartition(":")[2]
    return {"Bucket": arguments["Bucket"], "Key": f"{arguments['Prefix']}/{run}/manifest.json"}


def answers(command: StartTask, entry: dict[str, Any]) -> list[Answer]:
    """Give the answers that make the engine record what was recorded of an attempt."""
    id, outcome = command.id, entry["outcome"]
    error, cause = entry.get("error"), entry.get("cause")
    if isinstance(cause, dict | list):
        cause = json.dumps(cause, separators=(",", ":"))
    given: list[Answer] = []
    if entry.get("kind") == "Activity" and outcome != "schedule_failed":
        given.append(TaskStarted(id=id, worker_name=entry.get("workerName")))
    if "submitted" in entry:
        given.append(TaskSubmitted(id=id, output=entry["submitted"]))
    match outcome:
        case "succeeded":
            given.append(TaskSucceeded(id=id, output=entry.get("output")))
        case "failed":
            given.append(TaskFailed(id=id, error=error, cause=cause))
        case "start_failed" | "submit_failed" | "schedule_failed":
            given.append(TaskFailed(id=id, error=error, cause=cause, stage=outcome.removesuffix("_failed")))
        case "timed_out" if command.timeout_seconds is None and command.heartbeat_seconds is None:
            given.append(TaskTimedOut(id=id, error=error or "States.Timeout", cause=cause))
        case _:
            given.append(TaskStarted(id=id, worker_name=entry.get("workerName")))
    return given


adapter = Adapter()
