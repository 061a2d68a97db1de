"""Mails in a local cloud are kept, whichever way they were sent."""

from collections.abc import Iterator
from typing import Any

import pytest

from stepsmith.cloud.local import LocalCloud

FROM = "shop@example.com"
TO = {"ToAddresses": ["ada@example.com"], "CcAddresses": ["bob@example.com"]}


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        cloud.client("ses").verify_email_identity(EmailAddress=FROM)
        cloud.client("sesv2").create_email_identity(EmailIdentity=FROM)
        yield cloud


def mails(cloud: LocalCloud) -> list[tuple[str, str | None, str]]:
    return [(each.to, each.subject, each.text) for each in cloud.mails]


def simple(html: bool = False) -> dict[str, Any]:
    return {"Subject": {"Data": "Hi"}, "Body": {"Html" if html else "Text": {"Data": "Hello"}}}


def test_a_mail_is_kept_for_each_of_those_it_was_sent_to(cloud: LocalCloud) -> None:
    cloud.client("ses").send_email(Source=FROM, Destination=TO, Message=simple())

    assert mails(cloud) == [("ada@example.com", "Hi", "Hello"), ("bob@example.com", "Hi", "Hello")]


def test_the_newer_api_is_heard_as_well(cloud: LocalCloud) -> None:
    cloud.client("sesv2").send_email(
        FromEmailAddress=FROM,
        Destination={"ToAddresses": ["ada@example.com"]},
        Content={"Simple": simple(True)},
    )

    assert mails(cloud) == [("ada@example.com", "Hi", "Hello")]


def test_a_raw_mail_is_read(cloud: LocalCloud) -> None:
    raw = b"From: shop@example.com\r\nTo: ada@example.com\r\nSubject: Hi\r\n\r\nHello\r\n"
    cloud.client("ses").send_raw_email(Source=FROM, RawMessage={"Data": raw})

    assert mails(cloud) == [("ada@example.com", "Hi", "Hello\n")]


def test_what_is_refused_is_no_mail(cloud: LocalCloud) -> None:
    with pytest.raises(cloud.client("ses").exceptions.ClientError):
        cloud.client("ses").send_email(Source="other@example.org", Destination=TO, Message=simple())

    assert cloud.mails == []
