from __future__ import annotations

import threading

import boto3
import pytest
from moto import mock_aws

from stepsmith.errors import InvalidInput, StepsmithError
from stepsmith.integrations import ClientRegistry
from stepsmith.integrations.clients.local_aws import LocalServiceError


def test_a_local_client_keeps_what_it_is_given() -> None:
    s3 = ClientRegistry.local().client("s3")

    s3.create_bucket(Bucket="pictures")
    s3.put_object(Bucket="pictures", Key="a.txt", Body=b"hello")

    assert s3.get_object(Bucket="pictures", Key="a.txt")["Body"].read() == b"hello"


def test_two_local_registries_share_nothing() -> None:
    one, other = ClientRegistry.local(), ClientRegistry.local()
    one.client("s3").create_bucket(Bucket="pictures")
    one.client("sqs").create_queue(QueueName="jobs")

    assert other.client("s3").list_buckets()["Buckets"] == []
    assert "QueueUrls" not in other.client("sqs").list_queues()
    other.client("s3").create_bucket(Bucket="pictures")
    assert [each["Name"] for each in one.client("s3").list_buckets()["Buckets"]] == ["pictures"]
    assert len(one.client("sqs").list_queues()["QueueUrls"]) == 1


def test_inside_mock_aws_the_data_is_the_tests_own() -> None:
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="pictures")

        seen = ClientRegistry.local().client("s3").list_buckets()["Buckets"]

    assert [each["Name"] for each in seen] == ["pictures"]


def test_local_data_is_neither_seen_nor_emptied_by_mock_aws() -> None:
    local = ClientRegistry.local().client("s3")
    local.create_bucket(Bucket="kept")
    local.put_object(Bucket="kept", Key="before.txt", Body=b"before")

    with mock_aws():
        mocked = boto3.client("s3", region_name="us-east-1")
        seen = mocked.list_buckets()["Buckets"]
        mocked.create_bucket(Bucket="pictures")

    assert seen == []
    assert [each["Name"] for each in local.list_buckets()["Buckets"]] == ["kept"]
    local.put_object(Bucket="kept", Key="a.txt", Body=b"hello")
    assert local.get_object(Bucket="kept", Key="a.txt")["Body"].read() == b"hello"
    assert local.get_object(Bucket="kept", Key="before.txt")["Body"].read() == b"before"


def test_a_local_client_needs_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_PROFILE", "not-there")

    assert ClientRegistry.local().client("sns").list_topics()["Topics"] == []


def test_a_client_is_made_once() -> None:
    registry = ClientRegistry.local()

    assert registry.client("s3") is registry.client("s3")
    assert registry("s3") is registry.client("s3")


def test_a_stub_stands_in_for_one_service() -> None:
    stub = object()
    registry = ClientRegistry.local({"s3": stub})

    assert registry.client("s3") is stub
    assert registry.client("sqs") is not stub


def test_a_wrapper_is_put_before_a_client_that_was_not_used() -> None:
    registry = ClientRegistry.local()

    registry.wrap("sns", lambda inner: ("wrapped", inner))

    assert registry.client("sns")[0] == "wrapped"


def test_threads_get_the_same_client() -> None:
    registry = ClientRegistry.local()
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(registry.client("dynamodb"))) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(map(id, found))) == 1


def test_a_service_that_boto3_lacks_is_named() -> None:
    with pytest.raises(StepsmithError, match="boto3 has no service 's4'"):
        ClientRegistry.local().client("s4")


def test_what_moto_cannot_answer_is_said() -> None:
    rekognition = ClientRegistry.local().client("rekognition")
    assert not hasattr(rekognition, "detect_faces")

    with pytest.raises(LocalServiceError, match="is not answered here"):
        ClientRegistry.local().client("appfabric").list_app_bundles()


def test_clients_for_aws_go_to_the_endpoint_they_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")

    registry = ClientRegistry.aws("eu-central-1", endpoint_url="https://endpoint.invalid")

    assert registry.client("s3").meta.endpoint_url == "https://endpoint.invalid"
    assert registry.region == "eu-central-1"
    assert not registry.is_local


def test_a_profile_that_is_not_there_is_named() -> None:
    with pytest.raises(InvalidInput, match="not-there"):
        ClientRegistry.aws(profile="not-there")


def test_a_machine_without_a_region_has_the_default_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")

    assert ClientRegistry.aws().client("sns").meta.region_name == "us-east-1"


def test_a_role_is_assumed_for_a_task_with_credentials() -> None:
    class Sts:
        def assume_role(self, *, RoleArn: str, RoleSessionName: str) -> dict[str, object]:
            keys = {"AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": "c"}
            return {"Credentials": keys}

    registry = ClientRegistry.aws("eu-west-1", clients={"sts": Sts()})

    assumed = registry.as_role("arn:aws:iam::123456789012:role/other")

    assert assumed is not registry
    assert assumed is registry.as_role("arn:aws:iam::123456789012:role/other")
    assert registry.as_role(None) is registry


def test_local_services_ask_for_no_rights() -> None:
    registry = ClientRegistry.local()

    assert registry.as_role("arn:aws:iam::123456789012:role/any") is registry


def test_a_lambda_function_may_take_its_fifteen_minutes() -> None:
    registry = ClientRegistry.aws("eu-west-1")

    assert registry.client("lambda").meta.config.read_timeout == 910
    assert registry.client("sqs").meta.config.read_timeout == 60


def test_local_clients_of_other_regions_have_data_of_their_own_in_the_same_world() -> None:
    registry = ClientRegistry.local(region="us-east-1")
    registry.in_region("eu-west-1").client("sqs").create_queue(QueueName="jobs")

    urls = registry.in_region("eu-west-1").client("sqs").list_queues()["QueueUrls"]

    assert "eu-west-1" in urls[0]
    assert "QueueUrls" not in registry.client("sqs").list_queues()
    assert registry.in_region("us-east-1") is registry
    assert registry.in_region("eu-west-1") is registry.in_region("eu-west-1")
    assert registry.in_region("eu-west-1").is_local


def test_labels_of_a_region_are_those_of_its_own_pictures() -> None:
    abroad = ClientRegistry.local().in_region("eu-west-1")

    assert abroad.client("rekognition") is abroad.client("rekognition")
    assert abroad.client("s3").meta.region_name == "eu-west-1"


def test_a_stub_stands_in_for_its_service_in_every_region_and_a_wrapper_is_put_before_all() -> None:
    stub = object()
    registry = ClientRegistry.local({"s3": stub})
    registry.wrap("sns", lambda inner: ("wrapped", inner.meta.region_name))

    abroad = registry.in_region("eu-west-1")

    assert abroad.client("s3") is stub
    assert abroad.client("sns") == ("wrapped", "eu-west-1")


def test_clients_for_aws_in_another_region_keep_credentials_and_endpoint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
    registry = ClientRegistry.aws("eu-central-1", endpoint_url="https://endpoint.invalid")

    abroad = registry.in_region("us-west-2").client("lambda")

    assert (abroad.meta.region_name, abroad.meta.endpoint_url) == ("us-west-2", "https://endpoint.invalid")
    assert registry.client("lambda").meta.region_name == "eu-central-1"
    assert not registry.in_region("us-west-2").is_local
