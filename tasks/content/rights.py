"""What the tasks and functions of content delivery may do once they are deployed."""

from typing import Final

from stepsmith.resources import allow
from tasks.content.tables import ATTENTION, BUCKET, CHANGES, COUNTS, ITEMS, LIKENESS, READERS, RUNS

# without the right to list, S3 answers Forbidden for an object that is not there
_READ: Final = allow("s3:GetObject", "s3:ListBucket", on=BUCKET)
_WRITE: Final = allow("s3:PutObject", on=BUCKET)

OPEN_RUN: Final = [_READ, allow("dynamodb:GetItem", "dynamodb:PutItem", on=RUNS)]
READ_SOURCE: Final = [_READ, _WRITE]
KEEP_ITEM: Final = [
    _READ,
    allow("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:UpdateItem", on=ITEMS),
    allow("dynamodb:BatchGetItem", "dynamodb:UpdateItem", on=LIKENESS),
]
LOOK: Final = [_READ, allow("rekognition:DetectLabels", on="*")]
LABEL: Final = [allow("dynamodb:UpdateItem", on=ITEMS)]
INDEX: Final = [_READ, _WRITE, allow("dynamodb:BatchGetItem", on=ITEMS)]
REFRESH: Final = [_READ, _WRITE, allow("dynamodb:Query", on=COUNTS)]
CLOSE_RUN: Final = [allow("dynamodb:GetItem", "dynamodb:UpdateItem", on=RUNS)]
STOP_RUN: Final = [allow("dynamodb:UpdateItem", on=RUNS)]
END_RUN: Final = [_READ, *CLOSE_RUN]
CALL_ATTENTION: Final = [allow("sqs:GetQueueUrl", "sqs:SendMessage", on=ATTENTION)]

READ_CATALOGUE: Final = [_READ]
LIST_ITEMS: Final = [_READ, allow("dynamodb:BatchGetItem", on=ITEMS)]
READ_ITEM: Final = [allow("dynamodb:GetItem", on=ITEMS)]
SHOW_PICTURE: Final = [_READ, *READ_ITEM]
READ_RUN: Final = [allow("dynamodb:GetItem", on=RUNS)]
UPLOAD: Final = [_WRITE]
READ_READER: Final = [allow("dynamodb:Query", on=READERS)]
READ_FEED: Final = [*LIST_ITEMS, *READ_READER]
WISH: Final = [*READ_READER, allow("dynamodb:UpdateItem", on=READERS)]
_ADD: Final = allow("dynamodb:PutItem", "dynamodb:UpdateItem", on=READERS)
_TOPICS: Final = allow("dynamodb:BatchGetItem", on=ITEMS)
_COUNT: Final = allow("dynamodb:UpdateItem", on=COUNTS)
TOUCH: Final = [_ADD, _TOPICS, _COUNT]
ERASE: Final = [*READ_READER, allow("dynamodb:PutItem", "dynamodb:DeleteItem", on=READERS)]
MERGE: Final = [_ADD, _TOPICS, _COUNT, *READ_READER, allow("dynamodb:DeleteItem", on=READERS)]
READ_EDITED: Final = [*READ_ITEM, allow("dynamodb:Query", on=CHANGES)]
EDIT: Final = [
    *INDEX,
    allow("dynamodb:GetItem", "dynamodb:UpdateItem", on=ITEMS),
    allow("dynamodb:PutItem", "dynamodb:Query", on=CHANGES),
]
