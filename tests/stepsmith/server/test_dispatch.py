"""Whatever a request of Step Functions holds, it is answered or refused in AWS's form, and never fails."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Generator, Iterator
from typing import Any, Final

import botocore.session
import pytest

from stepsmith.cloud.actions.service import ACTIONS
from stepsmith.cloud.local import LocalCloud
from stepsmith.cloud.services import Caller
from stepsmith.server.dispatch import step_functions

MODEL: Final = botocore.session.get_session().get_service_model("stepfunctions")
ODD: Final = (
    True, 0, -1, 1.5, 10**40, "", "x", "\0", "\ud800", "arn:", "arn:aws:states:us-east-1:1:stateMachine:x",
    "a" * 3000, [], [1], [None], {}, {"a": 1}, [{}], [[[]]],
)  # fmt: skip
BODIES: Final = (
    b"",
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b"\xff",
    b'{"a":NaN}',
    b"{" * 100,
    b'{"a":' * 70 + b"1" + b"}" * 70,
)


def sample(shape: Any, depth: int = 0) -> Any:
    """Give a value of a shape of the API's model."""
    if shape.type_name == "structure":
        return {name: sample(each, depth + 1) for name, each in shape.members.items()} if depth < 4 else {}
    if shape.type_name == "list":
        return [sample(shape.member, depth + 1)]
    if shape.type_name in ("integer", "long", "float", "double"):
        return 1
    if shape.type_name == "boolean":
        return True
    return shape.enum[0] if shape.enum else "arn:aws:states:us-east-1:123456789012:stateMachine:m"


def odd_requests(action: str) -> Iterator[Any]:
    """Give requests of which one member is odd or missing, or one is too many."""
    good = sample(MODEL.operation_model(action).input_shape)
    yield from ({}, good, {**good, "unknown": 1})
    for name in good:
        yield {key: value for key, value in good.items() if key != name}
        for value in ODD:
            yield {**good, name: value}


@pytest.fixture(scope="module")
def cloud() -> Generator[LocalCloud]:
    with LocalCloud() as found:
        yield found


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_an_odd_request_is_answered_or_refused_in_awss_form(cloud: LocalCloud, action: str) -> None:
    found: Counter[str] = Counter()
    for given in odd_requests(action):
        status, body = step_functions(cloud, action, json.dumps(given).encode(), Caller())
        answer = json.loads(body)
        assert status == 200 or (status in (400, 402) and isinstance(answer.get("message"), str)), (
            given,
            answer,
        )
        found[answer.get("__type", "answered")] += 1
    for body in BODIES:
        status, answered = step_functions(cloud, action, body, Caller())
        assert status == 200 or (status == 400 and "Traceback" not in answered.decode())

    assert found.total() > len(ODD)


@pytest.mark.parametrize("action", ["ListActivities", "ListStateMachines"])
def test_null_is_as_good_as_absent(cloud: LocalCloud, action: str) -> None:
    status, body = step_functions(cloud, action, b'{"maxResults":null,"nextToken":null}', Caller())

    assert (status, list(json.loads(body))) == (200, [action[4].lower() + action[5:]])
