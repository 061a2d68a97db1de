"""Clients as parameters of tasks."""

from collections.abc import Iterator

import pytest

from stepsmith.authoring.calls import clients
from stepsmith.authoring.calls.clients import current_client, fall_back_on, using_clients
from stepsmith.errors import StepsmithError


@pytest.fixture
def no_fallback() -> Iterator[None]:
    kept = list(clients._fallback)
    clients._fallback.clear()
    yield
    clients._fallback[:] = kept


def test_the_source_in_use_gives_the_client() -> None:
    with using_clients(lambda service: f"my {service}"):
        assert current_client("s3") == "my s3"


def test_sources_nest() -> None:
    with using_clients(lambda _: "outer"):
        with using_clients(lambda _: "inner"):
            assert current_client("s3") == "inner"
        assert current_client("s3") == "outer"


def test_no_source_at_all_is_said_plainly(no_fallback: None) -> None:
    with pytest.raises(StepsmithError, match="no client for 's3': pass it by keyword"):
        current_client("s3")


def test_the_fallback_is_asked_last(no_fallback: None) -> None:
    fall_back_on(lambda service: f"fallback {service}")

    assert current_client("s3") == "fallback s3"
