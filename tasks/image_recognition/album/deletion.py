"""Take a photograph out of an album: every version of it, its thumbnail, its record and its likeness."""

from typing import TYPE_CHECKING, Any, Final

from stepsmith.http import Refused
from tasks.aws_faults import ConditionFailed, dynamodb_errors
from tasks.image_recognition import likeness
from tasks.image_recognition.album.places import Place
from tasks.image_recognition.keys import FOLDERS
from tasks.image_recognition.models import Status
from tasks.image_recognition.records import TABLE, find
from tasks.image_recognition.rights import PHOTOGRAPHS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

_BUSY: Final = "the photograph is being recognised; delete it when that has ended"


def delete(s3: "S3Client", dynamodb: "DynamoDBClient", place: Place) -> None:
    """Delete a photograph; one that is not there any more is deleted as well, so that it can be asked for again.

    Raises Refused with 409 while an execution works on it, which would leave a thumbnail of what is gone. The record
    goes last, together with the likeness: what breaks on the way is deleted by whoever asks again.
    """
    record = find(dynamodb, place.key)
    if record is not None and record.status == Status.RUNNING:
        raise Refused(409, _BUSY)
    for key in (place.key, FOLDERS.thumbnail_key(place.key)):
        _delete_object(s3, key)
    id: Any = {"id": {"S": place.key}}
    try:
        with dynamodb_errors():
            dynamodb.transact_write_items(
                TransactItems=[
                    {
                        "Delete": {
                            "TableName": TABLE,
                            "Key": id,
                            "ConditionExpression": "attribute_not_exists(id) OR #status <> :running",
                            "ExpressionAttributeNames": {"#status": "status"},
                            "ExpressionAttributeValues": {":running": {"S": Status.RUNNING}},
                        }
                    },
                    {"Delete": {"TableName": likeness.TABLE, "Key": id}},
                ]
            )
    except ConditionFailed:
        raise Refused(409, _BUSY) from None


def _delete_object(s3: "S3Client", key: str) -> None:
    asked: Any = {"Bucket": PHOTOGRAPHS.name, "Prefix": key}
    while True:
        answer = s3.list_object_versions(**asked)
        for each in [*answer.get("Versions", []), *answer.get("DeleteMarkers", [])]:
            if each.get("Key") == key:
                s3.delete_object(Bucket=PHOTOGRAPHS.name, Key=key, VersionId=each.get("VersionId", "null"))
        if not answer.get("IsTruncated"):
            return
        asked |= {"KeyMarker": answer["NextKeyMarker"], "VersionIdMarker": answer["NextVersionIdMarker"]}
