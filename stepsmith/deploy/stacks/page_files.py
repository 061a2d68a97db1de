"""The files of pages in their bucket: what differs is uploaded, what is no longer there is removed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from stepsmith.deploy.packaging.files import collect
from stepsmith.integrations.clients.account import AwsAccount, aws_failures
from stepsmith.service.pages import File, Page


def upload_pages(account: AwsAccount, bucket: str, pages: Iterable[Page], say: Callable[[str], None]) -> None:
    """Make a bucket hold the files of pages and nothing else; CloudFront asks it again each time.

    Raises PackageRefused for a link or a secret in a page, before anything is uploaded.
    """
    files: dict[str, File] = {}
    for page in pages:
        collect(page.folder)
        files |= page.files()
    s3 = account.client("s3")
    with aws_failures(f"uploading pages to {bucket}"):
        there = _there(s3, bucket)
        uploaded = 0
        # what pages name is there before they are
        for key in sorted(files, key=lambda key: (key.endswith(".html"), key)):
            content = files[key].path.read_bytes()
            # S3's ETag of an object that was put at once
            if there.pop(key, None) == hashlib.md5(content, usedforsecurity=False).hexdigest():
                continue
            s3.put_object(
                Bucket=bucket,
                Key=key,
                Body=content,
                ContentType=files[key].content_type,
                CacheControl="no-cache",
                ExpectedBucketOwner=account.id,
            )
            uploaded += 1
        for key in sorted(there):
            s3.delete_object(Bucket=bucket, Key=key, ExpectedBucketOwner=account.id)
    if uploaded or there:
        say(f"pages: uploaded {uploaded} files, removed {len(there)}")


def _there(s3: Any, bucket: str) -> dict[str, str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {each["Key"]: each["ETag"].strip('"') for page in pages for each in page.get("Contents", ())}
