"""`stepsmith dev`: the server as a process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from stepsmith.cli.app import call

WORKFLOW = """
from stepsmith import task, workflow


@task
def double(n: int) -> int:
    return n * 2


@workflow
def doubled(n: int) -> int:
    return double(n)
"""


@contextmanager
def process(folder: Path, *arguments: str) -> Generator[tuple[subprocess.Popen[str], str]]:
    """Start it in a folder; gives the process and the address it answers at."""
    command = [sys.executable, "-m", "stepsmith", "dev", "--port", "0", *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as started:
        try:
            assert started.stderr is not None
            line = started.stderr.readline()
            assert "answers for AWS" in line, line
            yield started, line.split()[1]
        finally:
            started.kill()


@pytest.mark.slow
def test_the_project_is_served_until_ctrl_c_whoever_is_connected(tmp_path: Path) -> None:
    import boto3

    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "doubled.py").write_text(WORKFLOW)

    with process(tmp_path, "--account", "000000000000", "--data", "kept") as (started, url):
        with urlopen(f"{url}/_stepsmith/health", timeout=10) as answer:
            assert json.load(answer)["status"] == "ok"
        client = boto3.client(
            "stepfunctions", endpoint_url=url, region_name="us-east-1",
            aws_access_key_id="test", aws_secret_access_key="test",
        )  # fmt: skip
        machines = client.list_state_machines()["stateMachines"]
        execution = client.start_execution(stateMachineArn=machines[0]["stateMachineArn"], input='{"n": 21}')
        for _ in range(1000):
            found = client.describe_execution(executionArn=execution["executionArn"])
            if found["status"] != "RUNNING":
                break
            time.sleep(0.005)

        port = int(url.rpartition(":")[2])
        others = [socket.create_connection(("127.0.0.1", port)) for _ in range(200)]
        for other in others[::2]:
            other.sendall(b"POST / HTTP/1.1\r\nHost: local")
        begun = time.monotonic()
        started.send_signal(signal.SIGINT)
        assert started.stderr is not None
        rest = started.stderr.read()
        code = started.wait(10)
        for other in others:
            other.close()

    assert [each["stateMachineArn"] for each in machines] == [
        "arn:aws:states:us-east-1:000000000000:stateMachine:doubled"
    ]
    assert (found["status"], found["output"]) == ("SUCCEEDED", "42")
    assert "ended; go on with: stepsmith dev --port 0 --account 000000000000 --data kept" in rest
    assert (tmp_path / "kept" / "calls.jsonl").exists()
    assert "Traceback" not in rest
    assert code == 130
    assert time.monotonic() - begun < 5


WAITING = {
    "StartAt": "W",
    "States": {
        "W": {"Type": "Wait", "Seconds": 1, "Next": "P"},
        "P": {"Type": "Pass", "Result": 42, "End": True},
    },
}


def client_of(url: str, service: str = "stepfunctions") -> Any:
    import boto3

    return boto3.Session().client(  # pyright: ignore - any service
        service, endpoint_url=url, region_name="us-east-1",
        aws_access_key_id="test", aws_secret_access_key="test",
    )  # fmt: skip


def ended(client: Any, execution: str) -> dict[str, Any]:
    """Wait until an execution has ended, and describe it."""
    for _ in range(2000):
        found = client.describe_execution(executionArn=execution)
        if found["status"] != "RUNNING":
            break
        time.sleep(0.005)
    return dict(found)


@pytest.mark.slow
def test_what_was_killed_goes_on_and_what_has_ended_is_told_as_before(tmp_path: Path) -> None:
    with process(tmp_path, "--data", "kept") as (started, url):
        client = client_of(url)
        role = "arn:aws:iam::123456789012:role/r"
        machine = client.create_state_machine(name="m", definition=json.dumps(WAITING), roleArn=role)[
            "stateMachineArn"
        ]
        first = client.start_execution(stateMachineArn=machine)["executionArn"]
        described = ended(client, first)
        history = client.get_execution_history(executionArn=first)["events"]
        second = client.start_execution(stateMachineArn=machine)["executionArn"]
        started.kill()
        started.wait(10)

    with process(tmp_path, "--data", "kept") as (started, url):
        client = client_of(url)
        listed = [
            each["executionArn"] for each in client.list_executions(stateMachineArn=machine)["executions"]
        ]
        again = client.get_execution_history(executionArn=first)["events"]
        redescribed, found = ended(client, first), ended(client, second)
        started.send_signal(signal.SIGTERM)
        assert started.stderr is not None
        said = started.stderr.read()

    for each in (described, redescribed):
        del each["ResponseMetadata"]
    assert (history, described) == (again, redescribed)
    assert listed == [second, first]
    assert found["output"] == "42"
    assert "1 execution goes on where it was" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--port", "x"], "--port x: a port is a number from 0 to 65535"),
        (["--port", "65536"], "--port 65536: a port is a number from 0 to 65535"),
        (["--account", "1"], "--account 1: an account is a number of twelve digits"),
    ],
)
def test_a_wrong_call_is_refused(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["dev", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_port_that_is_taken_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert call(["dev", "--port", str(port)]) == 2

    assert f"127.0.0.1:{port} cannot be listened on" in capsys.readouterr().err
