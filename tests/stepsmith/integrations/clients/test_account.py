import pytest
from botocore.parsers import ResponseParserError

from stepsmith.integrations.clients.account import AwsFailure, aws_failures


def test_a_page_of_something_before_the_service_is_a_failure_in_one_sentence() -> None:
    page = "Unable to parse response (syntax error), invalid XML received: <!doctype html>"

    with pytest.raises(AwsFailure) as failure, aws_failures("changing shop"):
        raise ResponseParserError(page)

    assert str(failure.value) == f"changing shop failed: the answer is none of AWS's: {page}"
