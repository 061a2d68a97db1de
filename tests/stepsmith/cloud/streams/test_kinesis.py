"""Kinesis in the local cloud: shards, order, iterators that expire, and streams that are divided anew."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepsmith.cloud.local import LocalCloud


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        yield cloud


def shards(cloud: LocalCloud, name: str = "s") -> list[dict[str, Any]]:
    return cloud.client("kinesis").describe_stream(StreamName=name)["StreamDescription"]["Shards"]


def read(cloud: LocalCloud, shard: str, name: str = "s", **options: Any) -> list[bytes]:
    kinesis = cloud.client("kinesis")
    given = {"StreamName": name, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON", **options}
    iterator = kinesis.get_shard_iterator(**given)["ShardIterator"]
    return [each["Data"] for each in kinesis.get_records(ShardIterator=iterator)["Records"]]


ONE_CLOUD = LocalCloud()


@settings(max_examples=25)
@given(st.lists(st.sampled_from("abcdef"), max_size=20), st.integers(1, 4))
def test_every_record_is_in_one_shard_and_keys_keep_their_order(keys: list[str], count: int) -> None:
    kinesis, name = ONE_CLOUD.client("kinesis"), f"s{id(keys)}-{count}-{len(keys)}-{hash(tuple(keys))}"
    kinesis.create_stream(StreamName=name, ShardCount=count)
    for place, key in enumerate(keys):
        kinesis.put_record(StreamName=name, PartitionKey=key, Data=f"{key}{place}".encode())
    found = [read(ONE_CLOUD, each["ShardId"], name) for each in shards(ONE_CLOUD, name)]
    kinesis.delete_stream(StreamName=name)

    assert sorted(data for shard in found for data in shard) == sorted(
        f"{key}{place}".encode() for place, key in enumerate(keys)
    )
    for shard in found:
        for key in "abcdef":
            own = [int(data[1:]) for data in shard if data[:1] == key.encode()]
            assert own == sorted(own)


def test_an_iterator_goes_on_where_it_stopped_and_expires_after_five_minutes(cloud: LocalCloud) -> None:
    kinesis = cloud.client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    (shard,) = shards(cloud)
    iterator = kinesis.get_shard_iterator(
        StreamName="s", ShardId=shard["ShardId"], ShardIteratorType="LATEST"
    )
    kinesis.put_record(StreamName="s", PartitionKey="k", Data=b"a")

    first = kinesis.get_records(ShardIterator=iterator["ShardIterator"])
    kinesis.put_record(StreamName="s", PartitionKey="k", Data=b"b")
    second = kinesis.get_records(ShardIterator=first["NextShardIterator"])
    assert [each["Data"] for each in (*first["Records"], *second["Records"])] == [b"a", b"b"]

    cloud.advance(timedelta(seconds=301))
    with pytest.raises(kinesis.exceptions.ExpiredIteratorException):
        kinesis.get_records(ShardIterator=second["NextShardIterator"])


def test_a_place_is_found_by_sequence_number_and_by_time(cloud: LocalCloud) -> None:
    kinesis = cloud.client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    numbers: list[str] = []
    for text in (b"a", b"b", b"c"):
        numbers.append(kinesis.put_record(StreamName="s", PartitionKey="k", Data=text)["SequenceNumber"])
        cloud.advance(timedelta(seconds=10))
    shard = shards(cloud)[0]["ShardId"]

    at = {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "StartingSequenceNumber": numbers[1]}
    assert read(cloud, shard, **at) == [b"b", b"c"]
    assert read(cloud, shard, **{**at, "ShardIteratorType": "AFTER_SEQUENCE_NUMBER"}) == [b"c"]
    since = cloud.now - timedelta(seconds=10)
    assert read(cloud, shard, ShardIteratorType="AT_TIMESTAMP", Timestamp=since) == [b"c"]


def test_shards_are_split_merged_and_counted_anew(cloud: LocalCloud) -> None:
    kinesis = cloud.client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    (one,) = shards(cloud)
    middle = str(2**127)
    kinesis.split_shard(StreamName="s", ShardToSplit=one["ShardId"], NewStartingHashKey=middle)
    low, high = shards(cloud)[1:]
    assert low["HashKeyRange"]["EndingHashKey"] == str(2**127 - 1)
    assert high["ParentShardId"] == one["ShardId"]

    kinesis.merge_shards(StreamName="s", ShardToMerge=low["ShardId"], AdjacentShardToMerge=high["ShardId"])
    kinesis.update_shard_count(StreamName="s", TargetShardCount=3, ScalingType="UNIFORM_SCALING")
    summary = kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]
    assert summary["OpenShardCount"] == 3


def test_what_is_not_there_is_said(cloud: LocalCloud) -> None:
    kinesis = cloud.client("kinesis")
    for call in (
        lambda: kinesis.describe_stream(StreamName="none"),
        lambda: kinesis.put_record(StreamName="none", PartitionKey="k", Data=b""),
    ):
        with pytest.raises(kinesis.exceptions.ResourceNotFoundException, match="Stream none under account"):
            call()
    with pytest.raises(kinesis.exceptions.InvalidArgumentException):
        kinesis.get_records(ShardIterator="junk")
