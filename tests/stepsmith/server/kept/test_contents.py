"""What many calls have led to is kept as what it is, and is the same after the next start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stepsmith.cloud.local import LocalCloud
from stepsmith.server.kept import folder
from stepsmith.server.kept.folder import NAME
from tests.stepsmith.server.kept.test_folder import PASS, ROLE, cloud_of, table


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "LEAST_LINES", 15)


def fill(cloud: LocalCloud) -> None:
    s3, items = cloud.client("s3"), table(cloud)
    s3.create_bucket(Bucket="photos")
    s3.create_bucket(Bucket="versions")
    s3.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    for number in range(10):
        s3.put_object(Bucket="photos", Key="k", Body=f"{number}".encode(), ContentType="text/plain",
                      Metadata={"a": "u"}, Tagging="t=1", ACL="public-read")  # fmt: skip
        s3.put_object(Bucket="photos", Key=f"gone{number}", Body=b"x")
        s3.delete_object(Bucket="photos", Key=f"gone{number}")
        items.update_item(
            TableName="t", Key={"id": {"S": "1"}}, UpdateExpression="ADD n :one SET m = :m",
            ExpressionAttributeValues={":one": {"N": "1"}, ":m": {"M": {"l": {"L": [{"B": b"\x00"}, {"NULL": True}]}}}},
        )  # fmt: skip
    for body in (b"1", b"2"):
        s3.put_object(Bucket="versions", Key="k", Body=body)
    s3.delete_object(Bucket="versions", Key="k")
    upload = s3.create_multipart_upload(Bucket="photos", Key="parts")["UploadId"]
    parts = {"Bucket": "photos", "Key": "parts", "UploadId": upload}
    etag = s3.upload_part(**parts, PartNumber=1, Body=b"part")["ETag"]
    s3.complete_multipart_upload(**parts, MultipartUpload={"Parts": [{"ETag": etag, "PartNumber": 1}]})
    cloud.client("stepfunctions").create_state_machine(name="m", definition=PASS, roleArn=ROLE)


def told(cloud: LocalCloud) -> list[Any]:
    """Give all that is told of what was filled in."""
    s3, items = cloud.client("s3"), cloud.client("dynamodb")
    found: list[Any] = [
        s3.get_object(Bucket="photos", Key="k"),
        s3.head_object(Bucket="photos", Key="parts"),
        s3.get_object_tagging(Bucket="photos", Key="k"),
        s3.get_object_acl(Bucket="photos", Key="k"),
        s3.list_objects_v2(Bucket="photos"),
        s3.list_object_versions(Bucket="versions"),
        items.scan(TableName="t"),
        cloud.client("stepfunctions").list_state_machines(),
    ]
    body = found[0].pop("Body").read()
    for each in found:
        del each["ResponseMetadata"]
    return [body, *found]


def without_instants(told: Any) -> Any:
    """Leave out when something was done last, and what names versions: calls that are done again do that anew."""
    if isinstance(told, dict):
        return {
            name: without_instants(each)
            for name, each in told.items()
            if name not in ("LastModified", "VersionId")
        }
    return [without_instants(each) for each in told] if isinstance(told, list) else told


def test_what_is_there_is_the_same_when_it_was_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cloud_of(tmp_path) as cloud:
        fill(cloud)
        before = told(cloud)
    size = len((tmp_path / NAME).read_bytes().splitlines())

    monkeypatch.setattr(folder, "LEAST_LINES", 3)
    with cloud_of(tmp_path) as cloud:
        first = told(cloud)
    with cloud_of(tmp_path) as cloud:
        second = told(cloud)

    assert first == second  # with all instants and versions
    assert without_instants(first) == without_instants(before)
    assert (before[0], size < 35) == (b"9", True)


def test_what_is_gone_leaves_nothing(tmp_path: Path) -> None:
    with cloud_of(tmp_path) as cloud:
        s3, dynamodb = cloud.client("s3"), cloud.client("dynamodb")
        for number in range(10):
            table(cloud)
            dynamodb.put_item(TableName="t", Item={"id": {"S": "1"}})
            dynamodb.delete_table(TableName="t")
            s3.create_bucket(Bucket=f"photos{number}")
            s3.delete_bucket(Bucket=f"photos{number}")
    with cloud_of(tmp_path) as cloud:
        assert cloud.client("s3").list_buckets()["Buckets"] == []

    assert len((tmp_path / NAME).read_bytes().splitlines()) < 31


def test_an_upload_that_is_under_way_goes_on(tmp_path: Path) -> None:
    with cloud_of(tmp_path) as cloud:
        s3 = cloud.client("s3")
        s3.create_bucket(Bucket="photos")
        upload = s3.create_multipart_upload(Bucket="photos", Key="k")["UploadId"]
        s3.upload_part(Bucket="photos", Key="k", UploadId=upload, PartNumber=1, Body=b"part")
        for number in range(20):
            s3.put_object(Bucket="photos", Key="x", Body=b"x" * number)

    with cloud_of(tmp_path) as cloud:
        (found,) = cloud.client("s3").list_multipart_uploads(Bucket="photos")["Uploads"]
        parts = cloud.client("s3").list_parts(Bucket="photos", Key="k", UploadId=found["UploadId"])["Parts"]

    assert [each["Size"] for each in parts] == [4]
