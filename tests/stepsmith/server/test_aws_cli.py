"""AWS's own command line at the server; it has an environment of its own, which `make test-aws-cli` makes."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from tests.stepsmith.server.servers import ACCOUNT, REGION, ROLE, Server

OWN: Final = Path(__file__).parents[3] / ".venv-aws-cli" / "bin" / "aws"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not OWN.exists(), reason="the AWS CLI is not installed; make test-aws-cli does it"),
]


def aws(server: Server, *arguments: str, fails: bool = False) -> Any:
    """Call it, with nothing of this machine's configuration; gives its JSON, or what it says is wrong."""
    environment = {
        "PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": REGION, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "",
    }  # fmt: skip
    command = [str(OWN), "--endpoint-url", server.url, "--output", "json", *arguments]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert (found.returncode != 0) is fails, found.stderr
    if fails:
        return found.stderr
    return json.loads(found.stdout) if found.stdout.startswith("{") else found.stdout


def test_the_command_line_creates_starts_and_describes(server: Server) -> None:
    definition = '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}'

    machine = aws(
        server, "stepfunctions", "create-state-machine", "--name", "cli", "--definition", definition,
        "--role-arn", ROLE,
    )["stateMachineArn"]  # fmt: skip
    execution = aws(
        server, "stepfunctions", "start-execution", "--state-machine-arn", machine, "--input", '{"a":1}'
    )
    found = aws(server, "stepfunctions", "describe-execution", "--execution-arn", execution["executionArn"])
    refused = aws(
        server, "stepfunctions", "describe-execution", "--execution-arn", f"{execution['executionArn']}x", fails=True
    )  # fmt: skip

    assert (found["status"], found["output"]) == ("SUCCEEDED", '{"a":1}')
    assert "(ExecutionDoesNotExist)" in refused


def test_a_file_is_copied_into_a_bucket(server: Server, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8 picture")

    aws(server, "s3", "mb", "s3://from-the-cli")
    aws(server, "s3", "cp", str(tmp_path / "photo.jpg"), "s3://from-the-cli/uploads/photo.jpg")

    assert server.client("s3").get_object(Bucket="from-the-cli", Key="uploads/photo.jpg")["Body"].read() == (
        b"\xff\xd8 picture"
    )
