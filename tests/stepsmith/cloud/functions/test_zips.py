"""Functions that come as zips."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from stepsmith.cloud.functions.zips import Zips
from stepsmith.cloud.local import LocalCloud

ROLE = "arn:aws:iam::123456789012:role/r"
SOURCE = """
import json, os, sys, time

def handler(event, context):
    print("said")
    if event == "fail":
        raise KeyError("nothing")
    if event == "exit":
        os._exit(3)
    if event == "hang":
        time.sleep(60)
    return {"event": event, "name": context.function_name, "colour": os.environ["COLOUR"]}
"""


def zipped(files: dict[str, str]) -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return found.getvalue()


def created(cloud: LocalCloud, **more: Any) -> Any:
    client = cloud.client("lambda")
    client.create_function(
        FunctionName="f", Runtime="python3.12", Handler="app.main.handler", Role=ROLE, Timeout=1,
        Code={"ZipFile": zipped({"app/main.py": SOURCE})}, Environment={"Variables": {"COLOUR": "red"}}, **more,
    )  # fmt: skip
    return client


def invoked(client: Any, event: Any) -> tuple[str | None, Any]:
    answer = client.invoke(FunctionName="f", Payload=json.dumps(event))
    return answer.get("FunctionError"), json.loads(answer["Payload"].read())


@pytest.mark.slow
def test_a_function_in_a_zip_is_called_in_a_process_of_its_own() -> None:
    with LocalCloud() as cloud:
        client = created(cloud)

        answered, failed, gone, late = (invoked(client, event) for event in ("x", "fail", "exit", "hang"))

    assert answered == (None, {"event": "x", "name": "f", "colour": "red"})
    assert (failed[0], failed[1]["errorType"], failed[1]["errorMessage"]) == (
        "Unhandled",
        "KeyError",
        "'nothing'",
    )
    assert (gone[1]["errorType"], late[1]["errorType"]) == ("Runtime.ExitError", "Sandbox.Timedout")


@pytest.mark.parametrize(
    "content", [b"nope", zipped({"../out.py": ""}), zipped({"/out.py": ""}), zipped({"a\\..\\b.py": ""})]
)
def test_a_zip_that_cannot_be_or_leads_elsewhere_is_refused(content: bytes) -> None:
    zips = Zips(region="us-east-1")

    with pytest.raises(Exception, match="zip") as caught:
        zips(content, {"Runtime": "python3.12", "Handler": "app.handler"})

    zips.close()
    assert getattr(caught.value, "code", None) == "InvalidParameterValueException"


def test_other_runtimes_are_refused_by_name() -> None:
    zips = Zips(region="us-east-1")

    with pytest.raises(Exception, match=r"nodejs22\.x is not run here"):
        zips(zipped({}), {"Runtime": "nodejs22.x", "Handler": "index.handler"})

    zips.close()


def test_where_a_function_has_failed_is_told_in_its_own_files_alone() -> None:
    with LocalCloud() as cloud:
        _, found = invoked(created(cloud), "fail")

    (line,) = found["stackTrace"]
    assert line.startswith('  File "/var/task/app/main.py", line 7, in handler')


def test_code_that_lies_in_a_bucket_is_run_and_what_is_not_there_is_refused() -> None:
    with LocalCloud() as cloud:
        cloud.client("s3").create_bucket(Bucket="code")
        content = zipped({"index.py": "def handler(event, context):\n    return event"})
        cloud.client("s3").put_object(Bucket="code", Key="f.zip", Body=content)
        client = cloud.client("lambda")
        given = {"Runtime": "python3.12", "Handler": "index.handler", "Role": ROLE}
        client.create_function(FunctionName="f", Code={"S3Bucket": "code", "S3Key": "f.zip"}, **given)

        assert invoked(client, 7) == (None, 7)
        with pytest.raises(
            client.exceptions.InvalidParameterValueException, match="S3 Error Code: NoSuchKey"
        ):
            client.update_function_code(FunctionName="f", S3Bucket="code", S3Key="none.zip")
