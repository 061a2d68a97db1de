"""JSON 1.0, and the credential scope of a request."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from stepsmith.cloud.services import Caller, ServiceError
from stepsmith.server.callers import scope_of
from stepsmith.server.wire import read_body, write, write_refusal

AUTHORIZATION = "AWS4-HMAC-SHA256 Credential={}/20260101/eu-west-1/states/aws4_request, SignedHeaders=host"


DEEP = b'{"a":' * 61 + b"1" + b"}" * 61


@pytest.mark.parametrize(
    "body", [b"[]", b"nope", b"\xff\xfe\x00\x01", b'{"a":NaN}', b'"x"', b"[" * 100_000, DEEP]
)
def test_what_is_no_json_object_is_refused_by_name(body: bytes) -> None:
    with pytest.raises(ServiceError) as caught:
        read_body(body)

    assert caught.value.code == "SerializationException"


def test_brackets_in_texts_do_not_count() -> None:
    assert read_body(b'{"input":"' + b"[" * 1000 + b'\\""}') == {"input": "[" * 1000 + '"'}
    assert read_body(b"") == {}


def test_instants_are_seconds_to_the_millisecond() -> None:
    moment = datetime(2025, 11, 23, 4, 3, 45, 123_400, UTC)

    assert write({"startDate": moment, "more": [{"at": moment}]}) == (
        b'{"startDate":1763870625.123,"more":[{"at":1763870625.123}]}'
    )


def test_a_refusal_names_its_code_and_further_members() -> None:
    error = ServiceError("ResourceNotFound", "Resource not found: 'é'", more={"resourceName": "é"})

    expected = '{"__type":"ResourceNotFound","message":"Resource not found: \'é\'","resourceName":"é"}'
    assert write_refusal(error) == expected.encode()


@pytest.mark.parametrize(
    ("key", "account"),
    [("AKIDEXAMPLE", "123456789012"), ("111122223333", "111122223333"), ("1234", "123456789012")],
)
def test_a_key_of_twelve_digits_names_the_account(key: str, account: str) -> None:
    scope = scope_of({"authorization": AUTHORIZATION.format(key)}, "", "123456789012")

    assert (scope.caller, scope.service) == (Caller("eu-west-1", account), "states")


def test_a_presigned_address_has_its_scope_in_the_query() -> None:
    query = "X-Amz-Credential=AKID%2F20260101%2Fus-west-2%2Fs3%2Faws4_request&X-Amz-Signature=x"

    assert scope_of({}, query, "123456789012").service == "s3"
    assert scope_of({}, query, "123456789012").caller.region == "us-west-2"
    assert scope_of({"authorization": "Bearer x"}, "", "123456789012").service is None
