"""AWS's own command line at the server; it has an environment of its own, which `make test-aws-cli` makes."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any, Final

import pytest

from tests.stepsmith.cli.commands.test_dev import process
from tests.stepsmith.server.servers import ACCOUNT, REGION, ROLE, Server

OWN: Final = Path(__file__).parents[3] / ".venv-aws-cli" / "bin" / "aws"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not OWN.exists(), reason="the AWS CLI is not installed; make test-aws-cli does it"),
]


def aws(server: Server | str, *arguments: str, fails: bool = False) -> Any:
    """Call it, with nothing of this machine's configuration; gives its JSON, or what it says is wrong."""
    environment = {
        "PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": REGION, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "",
    }  # fmt: skip
    url = server if isinstance(server, str) else server.url
    command = [str(OWN), "--endpoint-url", url, "--output", "json", *arguments]
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


PHOTOGRAPH: Final = Path(__file__).parents[3] / "examples" / "photographs" / "hay_bales.jpg"


def test_a_photograph_that_is_copied_in_one_shell_has_a_record_by_the_server_of_another(
    tmp_path: Path,
) -> None:
    with process(
        PHOTOGRAPH.parents[2], "--data", str(tmp_path), "--account", ACCOUNT, "--region", REGION
    ) as (_, url):
        aws(url, "s3", "cp", str(PHOTOGRAPH), "s3://photographs/uploads/hay_bales.jpg")
        for _ in range(600):
            items = aws(url, "dynamodb", "scan", "--table-name", "images")["Items"]
            if items and items[0]["status"]["S"] == "SUCCEEDED":
                break
            time.sleep(0.1)
        machines = aws(url, "stepfunctions", "list-state-machines")["stateMachines"]

    (record,) = items
    assert record["format"] == {"S": "JPEG"}
    assert record["exif_make"] == {"S": "FUJIFILM"}
    assert "image_recognition" in [each["name"] for each in machines]
