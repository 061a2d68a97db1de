"""Originals that are put where pictures are made of them."""

import base64
import json
from typing import Any

from tasks.media.originals import list_originals, put_original
from tasks.media.rights import ORIGINALS
from tests.tasks.pictures.made_pictures import jpeg


def put(s3: Any, key: str, body: bytes) -> tuple[int, Any]:
    event: Any = {
        "rawPath": f"/originals/{key}",
        "pathParameters": {"key": key},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
        "requestContext": {"http": {"method": "PUT", "path": f"/originals/{key}"}},
    }
    answer = put_original.handle(event, s3=s3)
    return answer["statusCode"], json.loads(answer["body"])


def test_a_picture_is_kept_by_what_it_is_and_listed(s3: Any) -> None:
    status, found = put(s3, "a/owl.txt", jpeg())

    assert (status, found) == (201, {"format": "JPEG", "width": 100, "height": 80, "frames": 1})
    assert s3.head_object(Bucket=ORIGINALS, Key="a/owl.txt")["ContentType"] == "image/jpeg"
    assert list_originals(s3=s3) == ["a/owl.txt"]


def test_what_is_no_picture_or_no_key_is_refused_and_not_kept(s3: Any) -> None:
    assert put(s3, "a.jpg", b"<script>") == (
        415,
        {"message": "text is not processed, only JPEG, PNG, GIF and WebP are"},
    )
    assert put(s3, "../a.jpg", jpeg())[0] == 400
    assert put(s3, "a.jpg", jpeg()[:-300])[0] == 422
    assert list_originals(s3=s3) == []
