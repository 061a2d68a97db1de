import pytest

from tasks.errors import InvalidInput
from tasks.power_tuning.aws.function_arn import FunctionArn, function_arn, region_of


def test_an_arn_is_taken_apart() -> None:
    arn = function_arn("arn:aws-cn:lambda:cn-north-1:123456789012:function:my_function-2")

    assert arn == FunctionArn("aws-cn", "cn-north-1", "123456789012", "my_function-2")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "my-function",
        "arn:aws:s3:eu-west-1:123456789012:function:f",
        "arn:aws:lambda:eu-west-1:12345:function:f",
        "arn:aws:lambda:eu-west-1:123456789012:layer:f",
        "arn:aws:lambda:eu-west-1:123456789012:function:",
        "arn:aws:lambda:eu-west-1:123456789012:function:a b",
        "arn:aws:lambda:eu-west-1:123456789012:function:f\n",
        "arn:aws:lambda:eu-west-1:123456789012:function:f\0",
        "arn:aws:lambda:eu-west-1:123456789012:function:" + "f" * 65,
        "arn:aws:lambda::123456789012:function:f",
        "arn:aws:lambda:nowhere:123456789012:function:f",
        "arn:aws:lambda:eu-west-1a:123456789012:function:f",
        "arn:aws:lambda:EU-west-1:123456789012:function:f",
        "arn:aws:lambda:eu-west-1.evil.example:123456789012:function:f",
        "arn:aws:lambda:eu-west-100:123456789012:function:f",
        "arn:aws:lambda:eu-west-1:123456789012:function:f:a b",
        "arn:aws:lambda:eu-west-1:123456789012:function:f:",
    ],
)
def test_what_is_no_function_arn_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"lambdaARN: .* is not the ARN of a Lambda function"):
        function_arn(text)


@pytest.mark.parametrize("suffix", ["1", "live", "$LATEST"])
def test_a_version_or_alias_is_refused_by_name(suffix: str) -> None:
    with pytest.raises(InvalidInput, match="names the version or alias"):
        function_arn(f"arn:aws:lambda:eu-west-1:123456789012:function:f:{suffix}")


def test_the_region_is_the_fourth_of_seven_parts() -> None:
    assert region_of("a:b:c:d:e:f:g") == "d"


@pytest.mark.parametrize("arn", [None, 5, [], "a:b:c:d:e:f", "a:b:c:d:e:f:g:h"])
def test_other_than_seven_parts_have_no_region(arn: object) -> None:
    with pytest.raises(InvalidInput, match="seven parts"):
        region_of(arn)  # pyright: ignore[reportArgumentType] - any JSON


@pytest.mark.parametrize(
    ("partition", "region"),
    [
        ("aws", "eu-west-1"),
        ("aws", "ap-southeast-7"),
        ("aws-cn", "cn-northwest-1"),
        ("aws-us-gov", "us-gov-east-1"),
        ("aws-iso", "us-iso-east-1"),
        ("aws-iso-e", "eu-isoe-west-1"),
        ("aws-eusc", "eusc-de-east-1"),
    ],
)
def test_the_regions_of_every_partition_are_taken(partition: str, region: str) -> None:
    assert function_arn(f"arn:{partition}:lambda:{region}:123456789012:function:f").region == region


@pytest.mark.parametrize(
    ("partition", "region"),
    [
        ("aws", "cn-north-1"),
        ("aws", "us-gov-west-1"),
        ("aws-cn", "eu-west-1"),
        ("aws-us-gov", "us-east-1"),
        ("aws-us-gov", "cn-north-1"),
    ],
)
def test_a_region_of_another_partition_is_refused(partition: str, region: str) -> None:
    with pytest.raises(
        InvalidInput, match=f"lambdaARN: .* is in the partition {partition}, and {region} is not"
    ):
        function_arn(f"arn:{partition}:lambda:{region}:123456789012:function:f")


@pytest.mark.parametrize("suffix", ["", ":1", ":live", ":$LATEST"])
def test_a_processor_may_be_qualified(suffix: str) -> None:
    arn = f"arn:aws:lambda:eu-west-1:123456789012:function:f{suffix}"

    assert function_arn(arn, field="preProcessorARN", may_be_qualified=True).name == "f"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "arn:aws:lambda:moon:123456789012:function:f",
            "lambdaARN: 'arn:aws:lambda:moon:123456789012:function:f' is not the ARN of a Lambda function; "
            "'moon' is no region, such as 'eu-west-1'",
        ),
        (
            f"arn:aws:lambda:{'m' * 60}:123456789012:function:f:live",
            f"function; '{'m' * 50}' is no region, such as 'eu-west-1'",
        ),
        ("arn:aws:s3:eu-west-1:123456789012:function:f", "is not the ARN of a Lambda function"),
        ("arn:aws:lambda:moon:123456789012", "is not the ARN of a Lambda function"),
        ("a:b:c:d:e:f:g:h:i", "is not the ARN of a Lambda function"),
    ],
)
def test_a_region_that_is_none_is_named(text: str, told: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        function_arn(text)

    assert str(refused.value).endswith(told)
