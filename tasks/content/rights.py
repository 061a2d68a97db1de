"""What the tasks and functions of content delivery may do once they are deployed."""

from typing import Final

from stepsmith.resources import allow
from tasks.content.tables import ATTENTION, BUCKET, CHANGES, COUNTS, ITEMS, LIKENESS, READERS, RUNS

# without the right to list, S3 answers Forbidden for an object that is not there
_READ: Final = allow("s3:GetObject", "s3:ListBucket", on=BUCKET)
_WRITE: Final = allow("s3:PutObject", on=BUCKET)
_COUNT: Final = allow("dynamodb:Query", "dynamodb:BatchGetItem", on=COUNTS)

OPEN_RUN: Final = [_READ, allow("dynamodb:GetItem", "dynamodb:PutItem", on=RUNS)]
READ_SOURCE: Final = [_READ, _WRITE]
KEEP_ITEM: Final = [
    _READ,
    allow("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", on=ITEMS),
    allow("dynamodb:BatchGetItem", "dynamodb:UpdateItem", on=LIKENESS),
]
LOOK: Final = [_READ, allow("rekognition:DetectLabels", on="*")]
LABEL: Final = [allow("dynamodb:GetItem", "dynamodb:UpdateItem", on=ITEMS)]
INDEX: Final = [_READ, _WRITE, allow("dynamodb:BatchGetItem", on=ITEMS), _COUNT]
REFRESH: Final = [_READ, _WRITE, _COUNT]
CLOSE_RUN: Final = [allow("dynamodb:GetItem", "dynamodb:UpdateItem", on=RUNS)]
CALL_ATTENTION: Final = [allow("sqs:GetQueueUrl", "sqs:SendMessage", on=ATTENTION)]

READ_CATALOGUE: Final = [_READ]
SERVE: Final = [_READ, allow("dynamodb:BatchGetItem", on=ITEMS)]
READ_RUNS: Final = [allow("dynamodb:GetItem", on=RUNS)]
UPLOAD: Final = [_WRITE]
READ_READER: Final = [allow("dynamodb:GetItem", "dynamodb:Query", on=READERS)]
WRITE_READER: Final = [
    *READ_READER,
    allow(
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:BatchWriteItem",
        on=READERS,
    ),
]
TOUCH: Final = [
    *WRITE_READER,
    allow("dynamodb:BatchGetItem", on=ITEMS),
    allow("dynamodb:UpdateItem", on=COUNTS),
]
READ_ITEMS: Final = [
    _READ,
    allow("dynamodb:GetItem", "dynamodb:BatchGetItem", on=ITEMS),
    allow("dynamodb:Query", on=CHANGES),
]
EDIT: Final = [
    *INDEX,
    allow("dynamodb:GetItem", "dynamodb:UpdateItem", on=ITEMS),
    allow("dynamodb:PutItem", "dynamodb:Query", on=CHANGES),
]
