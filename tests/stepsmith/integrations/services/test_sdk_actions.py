"""The actions of AWS's services, from botocore."""

import sys

import pytest

from stepsmith.integrations.services.aws_sdk import sdk_services
from stepsmith.integrations.services.sdk_actions import sdk_actions


def test_actions_are_named_as_resources_name_them() -> None:
    found = sdk_actions("s3")

    assert found is not None
    assert {"getObject", "listObjectsV2"} <= found


def test_a_service_has_the_name_that_resources_give_it() -> None:
    found = sdk_actions("sfn")

    assert found is not None
    assert "startExecution" in found


@pytest.mark.slow
def test_every_service_has_actions() -> None:
    assert [service for service in sdk_services() if not sdk_actions(service)] == []


def test_of_a_service_that_is_none_nothing_is_known() -> None:
    assert sdk_actions("teleport") is None


def test_without_botocore_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore.loaders", None)
    sdk_actions.cache_clear()

    found = sdk_actions("s3")

    sdk_actions.cache_clear()
    assert found is None
