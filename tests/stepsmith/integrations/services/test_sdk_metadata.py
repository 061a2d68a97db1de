from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.integrations.services.sdk_metadata import name_uuid, sdk_metadata


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_the_id_of_a_name_is_the_uuid_of_version_five(name: str) -> None:
    assert name_uuid(name) == str(uuid5(NAMESPACE_URL, name))


@pytest.mark.parametrize("given_id", ["an-id", None])
def test_an_answer_has_one_request_id(given_id: str | None) -> None:
    metadata = sdk_metadata({}, request_id=given_id)

    response, http = metadata["SdkResponseMetadata"], metadata["SdkHttpMetadata"]
    assert isinstance(response, dict)
    assert isinstance(http, dict)
    headers = http["HttpHeaders"]
    assert isinstance(headers, dict)
    assert response["RequestId"] == headers["x-amzn-RequestId"]
    assert given_id is None or response["RequestId"] == given_id
