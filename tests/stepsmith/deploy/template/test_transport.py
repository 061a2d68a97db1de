import json
from typing import Any

from tests.stepsmith.deploy.applications import project_template
from tests.stepsmith.deploy.template.test_assembly import EVERYTHING, answering, packing, rendered

TLS = {"Bool": {"aws:SecureTransport": "false"}}


def refused(template: Any) -> set[str]:
    """What is refused without TLS, by logical name."""
    found: list[str] = []
    for part in template["Resources"].values():
        document = part["Properties"].get("PolicyDocument", {"Statement": []})
        statements = [each for each in document["Statement"] if each.get("Condition") == TLS]
        for each in statements:
            assert (each["Effect"], each["Principal"]) == ("Deny", "*")
            found += [arn.get("Ref") or arn.get("Fn::GetAtt", [""])[0] for arn in each["Resource"]]
    names = [name for name in found if name]
    assert len(names) == len(set(names))
    return set(names)


def test_everything_that_has_a_policy_of_its_own_refuses_calls_without_tls() -> None:
    for template in (project_template(), rendered(packing, answering, options=EVERYTHING)):
        resources: Any = template["Resources"]
        kinds = ("AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::S3::Bucket")

        assert refused(template) == {name for name, part in resources.items() if part["Type"] in kinds}


def test_a_queue_has_one_policy() -> None:
    resources: Any = rendered(packing, answering, options=EVERYTHING)["Resources"]

    queues = [
        queue["Ref"]
        for part in resources.values()
        if part["Type"] == "AWS::SQS::QueuePolicy"
        for queue in part["Properties"]["Queues"]
    ]

    assert len(queues) == len(set(queues))
    policy = resources["FailedExecutionsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert [each["Effect"] for each in policy] == ["Allow", "Deny"]


def test_objects_are_refused_as_well_as_their_bucket() -> None:
    resources: Any = rendered(packing)["Resources"]

    (statement,) = resources["GoodsBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]

    assert statement["Resource"] == [
        {"Fn::GetAtt": ["GoodsBucket", "Arn"]},
        {"Fn::Sub": "${GoodsBucket.Arn}/*"},
    ]


def test_buckets_keep_what_is_replaced_for_a_month() -> None:
    resources: Any = rendered(packing)["Resources"]
    properties = resources["GoodsBucket"]["Properties"]

    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert '"NoncurrentDays": 30' in json.dumps(properties["LifecycleConfiguration"])
