"""Events of the local cloud: what lies between a put and its effect: `python benchmarks/events.py [--records N]`.

An upload starts a workflow of three tasks, one of which writes a record: the time from the put to the record, less that
of the same tasks called by hand with the same clients, and less that of the same put without anybody who hears of it.
Records are put into a queue, a stream of Kinesis and a table, and go through an event source mapping to a function that
counts them; putting is counted apart, since it is what a caller does anyway. Processor time of this process, and of
uploads the minima of several rounds.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stepsmith import client, task, workflow
from stepsmith.authoring.calls.clients import using_clients
from stepsmith.cloud.local import LocalCloud
from stepsmith.resources import Bucket, Table, allow
from stepsmith.triggers import S3Upload

MOST_UPLOAD_MS = 5.0
MOST_SECONDS = 5.0
RECORDS = Table("records")
ROUNDS = 5
UPLOADS = 50


@task
def measure(key: str) -> int:
    return len(key)


@task
def name(key: str) -> str:
    return key.rpartition("/")[2]


@task(policies=[allow("dynamodb:PutItem", on=RECORDS)])
def store(key: str, title: str, size: int, *, dynamodb: Any = client("dynamodb")) -> None:
    dynamodb.put_item(
        TableName="records", Item={"pk": {"S": key}, "title": {"S": title}, "size": {"N": str(size)}}
    )


@workflow(
    triggers=[S3Upload(bucket=Bucket("pictures"), keys=("in/*",), input={"key": "$.detail.object.key"})]
)
def recording(key: str) -> None:
    size = measure(key)
    title = name(key)
    store(key, title, size)


def lasted(work: Callable[[], object]) -> float:
    """Return the seconds of processor time that something takes."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def uploads() -> bool:
    """Measure uploads up to their finished records; say whether the overhead is as small as it should be."""
    put_alone: list[float] = []
    whole: list[float] = []
    tasks: list[float] = []
    with LocalCloud(workflows=[recording]) as cloud:
        s3, dynamodb = cloud.client("s3"), cloud.client("dynamodb")
        s3.create_bucket(Bucket="quiet")
        clients = cloud.registry(cloud.caller)

        def work(round: int) -> None:
            for number in range(UPLOADS):
                s3.put_object(Bucket="pictures", Key=f"in/{round}/{number}", Body=b"x")
                cloud.settle()

        def quiet(round: int) -> None:
            for number in range(UPLOADS):
                s3.put_object(Bucket="quiet", Key=f"in/{round}/{number}", Body=b"x")

        def by_hand(round: int) -> None:
            with using_clients(clients):
                for number in range(UPLOADS):
                    key = f"by-hand/{round}/{number}"
                    store(key, name(key), measure(key))

        for round in range(ROUNDS):
            put_alone.append(lasted(lambda round=round: quiet(round)))
            whole.append(lasted(lambda round=round: work(round)))
            tasks.append(lasted(lambda round=round: by_hand(round)))
        there = dynamodb.scan(TableName="records", Select="COUNT")["Count"]
        assert there == 2 * ROUNDS * UPLOADS, there
        assert all(each.status == "SUCCEEDED" for each in cloud.executions)
    upload, own, put = (1000 * min(each) / UPLOADS for each in (whole, tasks, put_alone))
    overhead = upload - own
    print(
        f"an upload to its finished record: {upload:.2f} ms, of which its tasks {own:.2f} ms and the put {put:.2f} ms"
    )
    print(
        f"  overhead beyond the tasks: {overhead:.2f} ms with the put, {overhead - put:.2f} ms without "
        f"(at most {MOST_UPLOAD_MS:g})"
    )
    return overhead <= MOST_UPLOAD_MS


def queue(cloud: LocalCloud, count: int) -> tuple[str, Callable[[], None], dict[str, Any]]:
    """Make a queue; gives its ARN, what puts records into it, and the options of a mapping."""
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName="records")["QueueUrl"]

    def put() -> None:
        for start in range(0, count, 10):
            entries = [{"Id": str(n), "MessageBody": f'{{"n": {start + n}}}'} for n in range(10)]
            sqs.send_message_batch(QueueUrl=url, Entries=entries)

    return cloud.caller.arn("sqs", "records"), put, {"BatchSize": 10}


def stream(cloud: LocalCloud, count: int) -> tuple[str, Callable[[], None], dict[str, Any]]:
    """Make a stream of Kinesis; gives what `queue` gives."""
    kinesis = cloud.client("kinesis")
    kinesis.create_stream(StreamName="records", ShardCount=4)

    def put() -> None:
        for start in range(0, count, 500):
            records = [
                {"Data": f'{{"n": {start + n}}}'.encode(), "PartitionKey": str(n)}
                for n in range(min(500, count))
            ]
            kinesis.put_records(StreamName="records", Records=records)

    return cloud.caller.arn("kinesis", "stream/records"), put, {"StartingPosition": "TRIM_HORIZON"}


def table(cloud: LocalCloud, count: int) -> tuple[str, Callable[[], None], dict[str, Any]]:
    """Make a table with a stream; gives what `queue` gives."""
    dynamodb = cloud.client("dynamodb")
    made = dynamodb.create_table(
        TableName="records",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )

    def put() -> None:
        for start in range(0, count, 25):
            items = [{"PutRequest": {"Item": {"pk": {"S": str(start + n)}}}} for n in range(25)]
            dynamodb.batch_write_item(RequestItems={"records": items})

    return made["TableDescription"]["LatestStreamArn"], put, {"StartingPosition": "TRIM_HORIZON"}


def mappings(count: int) -> bool:
    """Measure records on their way through mappings; say whether all were fast enough."""
    are_fast = True
    for source in (queue, stream, table):
        with LocalCloud() as cloud:
            seen: list[int] = []
            arn = cloud.functions.define(
                "count", lambda event, context, seen=seen: seen.append(len(event["Records"]))
            )
            place, put, options = source(cloud, count)
            putting = lasted(put)
            cloud.client("lambda").create_event_source_mapping(
                EventSourceArn=place, FunctionName=arn, **options
            )
            through = lasted(cloud.settle)
            assert sum(seen) == count, (source.__name__, sum(seen))
            are_fast &= through < MOST_SECONDS * count / 10_000
            each = 1e6 * through / count
            print(
                f"{count:,} records of a {source.__name__} through a mapping: {through:.2f} s, {each:.0f} us each, "
                f"{len(seen):,} calls (put in {putting:.2f} s; at most {MOST_SECONDS:g} s for 10,000)"
            )
    return are_fast


def main() -> int:
    """Measure all; exit code 1 where something is slower than it should be."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--records", type=int, default=10_000)
    count = arguments.parse_args().records
    results = [uploads(), mappings(count)]
    return 0 if all(results) else 1


if __name__ == "__main__":
    raise SystemExit(main())
