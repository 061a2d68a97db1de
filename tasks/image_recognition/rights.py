"""What the tasks of image recognition may do once they are deployed, and what is deployed with them."""

from typing import Final

from stepsmith.resources import Bucket, Index, Queue, Table, Topic, allow

PHOTOGRAPHS: Final = Bucket("photographs")
"""Where photographs are uploaded and thumbnails go."""
ATTENTION: Final = "images-attention"
LIKENESSES: Final = Table("likenesses", key="id", indexes=(Index(name="by_owner", key="owner"),))
"""What photographs are like, in numbers: only those whose records are there."""
IMAGES: Final = Table("images", key="id", indexes=(Index(name="by_owner", key="owner", sort="uploaded_at"),))

# without the right to list, S3 answers Forbidden for an object that is gone
LOOK_AT_PHOTOGRAPHS: Final = [allow("s3:GetObject", "s3:ListBucket", on=PHOTOGRAPHS)]
# a bucket that keeps versions is read by version
READ_PHOTOGRAPHS: Final = [allow("s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", on=PHOTOGRAPHS)]
MAKE_THUMBNAILS: Final = [*READ_PHOTOGRAPHS, allow("s3:PutObject", on=PHOTOGRAPHS)]
DETECT_LABELS: Final = [*READ_PHOTOGRAPHS, allow("rekognition:DetectLabels", on="*")]
WRITE_RECORD: Final = [allow("dynamodb:PutItem", on=IMAGES)]
END_RECORD: Final = [allow("dynamodb:UpdateItem", on=IMAGES)]
CLAIM_RECORD: Final = END_RECORD
NOTIFY: Final = [allow("sns:Publish", on=Topic("image-recognition"))]
CALL_ATTENTION: Final = [allow("sqs:GetQueueUrl", "sqs:SendMessage", on=Queue(ATTENTION))]
KEEP_LIKENESS: Final = [
    allow("dynamodb:PutItem", on=LIKENESSES),
    allow("dynamodb:ConditionCheckItem", on=IMAGES),
]
