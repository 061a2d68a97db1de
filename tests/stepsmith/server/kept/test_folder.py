"""What survives the end of a server."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from stepsmith.cloud.local import LocalCloud
from stepsmith.errors import InvalidInput
from stepsmith.server.kept.folder import FORMAT, NAME, Kept

ROLE = "arn:aws:iam::123456789012:role/r"
PASS = '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}'


@contextmanager
def cloud_of(folder: Path) -> Generator[LocalCloud]:
    """Open a cloud that goes on with what is in a folder."""
    kept = Kept(folder)
    with LocalCloud() as cloud:
        assert kept.play(cloud) == 0
        kept.record(cloud)
        try:
            yield cloud
        finally:
            kept.close()


def table(cloud: LocalCloud) -> Any:
    client = cloud.client("dynamodb")
    client.create_table(
        TableName="t", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST",
    )  # fmt: skip
    return client


def test_objects_and_items_are_there_again_and_what_was_deleted_is_not(tmp_path: Path) -> None:
    with cloud_of(tmp_path) as cloud:
        s3, items = cloud.client("s3"), table(cloud)
        s3.create_bucket(Bucket="photographs")
        s3.put_object(Bucket="photographs", Key="a b/ü", Body=b"\x00\xff")
        s3.put_object(Bucket="photographs", Key="gone", Body=b"1")
        s3.delete_object(Bucket="photographs", Key="gone")
        items.put_item(TableName="t", Item={"id": {"S": "1"}})
    before = (tmp_path / NAME).read_bytes()

    with cloud_of(tmp_path) as cloud:
        s3 = cloud.client("s3")
        keys = [each["Key"] for each in s3.list_objects_v2(Bucket="photographs")["Contents"]]
        body = s3.get_object(Bucket="photographs", Key="a b/ü")["Body"].read()
        found = cloud.client("dynamodb").scan(TableName="t")["Items"]

    assert (keys, body, found) == (["a b/ü"], b"\x00\xff", [{"id": {"S": "1"}}])
    assert (tmp_path / NAME).read_bytes() == before


def test_an_upload_in_parts_is_there_again(tmp_path: Path) -> None:
    with cloud_of(tmp_path) as cloud:
        s3 = cloud.client("s3")
        s3.create_bucket(Bucket="photographs")
        upload = s3.create_multipart_upload(Bucket="photographs", Key="k")["UploadId"]
        parts = {"Bucket": "photographs", "Key": "k", "UploadId": upload}
        etag = s3.upload_part(**parts, PartNumber=1, Body=b"part")["ETag"]
        s3.complete_multipart_upload(**parts, MultipartUpload={"Parts": [{"ETag": etag, "PartNumber": 1}]})

    with cloud_of(tmp_path) as cloud:
        assert cloud.client("s3").get_object(Bucket="photographs", Key="k")["Body"].read() == b"part"


def test_state_machines_are_there_again_with_versions_aliases_and_their_instants(tmp_path: Path) -> None:
    with cloud_of(tmp_path) as cloud:
        client = cloud.client("stepfunctions")
        arn = client.create_state_machine(name="m", definition=PASS, roleArn=ROLE, publish=True)[
            "stateMachineArn"
        ]
        routing = [{"stateMachineVersionArn": f"{arn}:1", "weight": 100}]
        client.create_state_machine_alias(name="live", routingConfiguration=routing)
        client.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "b"}])
        client.create_activity(name="work")
        described = client.describe_state_machine(stateMachineArn=arn)

    with cloud_of(tmp_path) as cloud:
        client = cloud.client("stepfunctions")
        again = client.describe_state_machine(stateMachineArn=arn)
        execution = client.start_execution(stateMachineArn=f"{arn}:live")["executionArn"]
        cloud.settle()
        status = client.describe_execution(executionArn=execution)["status"]
        tags = client.list_tags_for_resource(resourceArn=arn)["tags"]
        activities = [each["name"] for each in client.list_activities()["activities"]]

    del described["ResponseMetadata"], again["ResponseMetadata"]
    assert again == described
    assert (status, tags, activities) == ("SUCCEEDED", [{"key": "a", "value": "b"}], ["work"])


def test_what_was_told_once_is_not_told_again(tmp_path: Path) -> None:
    with cloud_of(tmp_path) as cloud:
        s3 = cloud.client("s3")
        s3.create_bucket(Bucket="photographs")
        s3.put_object(Bucket="photographs", Key="k", Body=b"1")
        lines = len((tmp_path / NAME).read_bytes().splitlines())

    with cloud_of(tmp_path):
        assert len((tmp_path / NAME).read_bytes().splitlines()) == lines


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    with cloud_of(tmp_path) as cloud:
        cloud.client("s3").create_bucket(Bucket="photographs")
    whole = (tmp_path / NAME).read_bytes()
    (tmp_path / NAME).write_bytes(whole + b'{"method":"PU')

    with cloud_of(tmp_path) as cloud:
        assert len(cloud.client("s3").list_buckets()["Buckets"]) == 1

    assert (tmp_path / NAME).read_bytes() == whole


@pytest.mark.parametrize(
    "line",
    [
        "nope",
        "[]",
        '{"operation":"StartExecution","region":"r","account":"a","at":1}',
        '{"method":"PUT","url":"https://attacker.example/x","headers":{},"body":""}',
        '{"method":"POST","url":"https://sqs.us-east-1.amazonaws.com/","headers":{},"body":""}',
    ],
)
def test_any_other_damage_is_refused_and_nothing_changed(tmp_path: Path, line: str) -> None:
    content = f"{json.dumps(FORMAT)}\n{line}\n"
    (tmp_path / NAME).write_text(content)
    kept = Kept(tmp_path)

    with LocalCloud() as cloud, pytest.raises(InvalidInput, match=r"calls\.jsonl:2: this is no call"):
        kept.play(cloud)

    kept.close()
    assert (tmp_path / NAME).read_text() == content


def test_two_servers_do_not_share_a_folder(tmp_path: Path) -> None:
    first = Kept(tmp_path)

    with pytest.raises(InvalidInput, match="in use by another server"):
        Kept(tmp_path)

    first.close()
