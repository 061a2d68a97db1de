"""The tables, the bucket and the queue of content delivery, and how to make them on an empty account or locally."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stepsmith.resources import Bucket, Index, Queue, Table, creation

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

BUCKET: Final = Bucket("content")
"""`feeds/<source>/` and `articles/<source>/` start the taking in; `media/` has pictures, `drafts/` what is under way.
"""
ITEMS: Final = Table("content-items", key="id")
"""Articles, and what editors have said about them."""
CHANGES: Final = Table("content-changes", key="id", sort="at")
"""Who has changed what of an article, and when."""
LIKENESS: Final = Table("content-likeness", key="band")
"""Which articles may be nearly the same."""
RUNS: Final = Table("content-runs", key="id")
"""How the taking in of each object has ended."""
READERS: Final = Table("content-readers", key="reader", sort="kind", expires="expires")
"""Profiles and touch points; the key is a hash of the reader's identifier."""
COUNTS: Final = Table("content-counts", key="id", indexes=(Index(name="by_hour", key="hour"),))
"""How often articles are read and liked, faded by age."""
ATTENTION: Final = Queue("content-attention")
CATALOGUE: Final = "catalogue/content.sqlite"
"""The key of the file that readers are served from."""
TABLES: Final = (ITEMS, CHANGES, LIKENESS, RUNS, READERS, COUNTS)


def create_tables(dynamodb: DynamoDBClient, s3: S3Client, sqs: SQSClient) -> None:
    """Create the tables, the bucket and the queue; tables that exist are left alone."""
    existing = set(dynamodb.list_tables()["TableNames"])
    for table in TABLES:
        if table.name not in existing:
            dynamodb.create_table(**creation(table))  # type: ignore[arg-type]  # the parameters, as plain JSON
    s3.create_bucket(Bucket=BUCKET.name)
    sqs.create_queue(QueueName=ATTENTION.name)
