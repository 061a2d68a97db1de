"""Clients as parameters of tasks."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from stepsmith import client_by_region, task
from stepsmith.authoring.calls import clients
from stepsmith.authoring.calls.clients import (
    ClientSource,
    current_client,
    current_client_by_region,
    fall_back_on,
    using_clients,
)
from stepsmith.errors import InvalidInput, StepsmithError


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


@task
def where(region: str, *, s3_in: Callable[[str], object] = client_by_region("s3")) -> str:
    return str(s3_in(region))


class Regions:
    """A source that has every region."""

    def __call__(self, service: str) -> object:
        return f"{service} at home"

    def in_region(self, region: str) -> ClientSource:
        return lambda service: f"{service} in {region}"


def test_a_source_that_has_regions_is_asked_for_the_one_that_the_task_names() -> None:
    with using_clients(Regions()):
        assert where.handle({"region": "eu-west-1"}) == "s3 in eu-west-1"
        assert current_client("s3") == "s3 at home"


def test_what_gives_clients_by_region_can_be_passed_by_keyword() -> None:
    assert (
        where.handle({"region": "eu-west-1"}, s3_in=lambda region: f"mine in {region}") == "mine in eu-west-1"
    )


def test_a_source_without_regions_gives_the_client_it_has() -> None:
    with using_clients(lambda service: f"a stub of {service}"):
        assert where.handle({"region": "eu-west-1"}) == "a stub of s3"


def test_a_client_of_another_region_is_refused() -> None:
    given = SimpleNamespace(meta=SimpleNamespace(region_name="us-east-1"))

    with using_clients(lambda service: given):
        assert current_client_by_region("s3")("us-east-1") is given
        with pytest.raises(
            InvalidInput, match="'s3' that was given is in us-east-1, and eu-west-1 is needed"
        ):
            current_client_by_region("s3")("eu-west-1")


def test_without_a_source_there_are_no_clients_by_region_either(no_fallback: None) -> None:
    with pytest.raises(StepsmithError, match="no client for 's3': pass it by keyword"):
        current_client_by_region("s3")


def test_outside_a_run_clients_of_any_region_are_boto3s() -> None:
    (source,) = clients._fallback

    with using_clients(source):
        found: object = current_client_by_region("s3")("eu-west-3")

    assert found.meta.region_name == "eu-west-3"  # type: ignore[attr-defined]  # a boto3 client has it
