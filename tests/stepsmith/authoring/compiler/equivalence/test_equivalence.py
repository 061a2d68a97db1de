"""Every construct: the state machine does what the Python function does."""

import typing
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from stepsmith import Workflow
from stepsmith.authoring.compiler.workflow import compile_function
from stepsmith.integrations import ClientRegistry
from stepsmith.testing import assert_equivalent
from tests.stepsmith.authoring.compiler.equivalence import (
    constructs,
    crossed,
    helpers,
    nested,
    options,
    sagas,
    values,
)

INTS = st.integers(-4, 42)
WORDS = st.sampled_from(["", "a", "b", "ab", "x y", "é'😀"])
JSON = st.recursive(
    st.none() | INTS | WORDS | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=4,
)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))

LINES = st.builds(constructs.Line, sku=WORDS, quantity=st.integers(0, 4), price=INTS, note=st.none() | WORDS)
ORDERS = st.builds(
    constructs.Order,
    id=WORDS,
    lines=st.lists(LINES, max_size=4),
    size=st.sampled_from(constructs.Size),
    tags=st.dictionaries(WORDS, INTS, max_size=3),
    limit=st.none() | INTS,
)
PARTS = st.builds(nested.Part, n=INTS, note=st.none() | WORDS)
DEEP = st.builds(
    nested.Deep,
    part=PARTS,
    parts=st.lists(PARTS, max_size=2),
    by=st.dictionaries(WORDS, PARTS, max_size=2),
    maybe=st.none() | PARTS,
)
STRATEGIES: dict[Any, st.SearchStrategy[Any]] = {
    int: INTS,
    str: WORDS,
    float: st.floats(0, 10),
    typing.Any: JSON,
    int | None: st.none() | INTS,
    str | None: st.none() | WORDS,
    list[int]: st.lists(INTS, max_size=4),
    list[str]: st.lists(WORDS, max_size=3),
    list[list[int]]: st.lists(st.lists(INTS, max_size=3), max_size=3),
    dict[str, int]: st.dictionaries(WORDS, INTS, max_size=3),
    dict[str, typing.Any]: st.dictionaries(WORDS, JSON, max_size=2),
    bool: st.booleans(),
    constructs.Size: st.sampled_from(constructs.Size),
    nested.Level: st.sampled_from(nested.Level),
    nested.Color: st.sampled_from(nested.Color),
    typing.Literal["a", "b"]: st.sampled_from(["a", "b"]),
    constructs.Order: ORDERS,
    constructs.Line: LINES,
    crossed.Model: st.builds(crossed.Model, a=INTS, b=st.lists(INTS, max_size=3), c=st.none() | WORDS),
    nested.Pair: st.builds(nested.Pair, a=INTS, b=st.lists(INTS, max_size=2)),
    nested.Keys: st.fixed_dictionaries({"k": INTS}, optional={"o": INTS}),
    nested.Top: st.builds(nested.Top, deep=DEEP, name=WORDS, when=st.none() | MOMENTS),
}
OWN: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "waiting": {"seconds": st.integers(0, 4000)},
    "while_loop": {"start": st.integers(0, 60)},
    "polling": {"start": st.integers(1, 60)},
    "checking": {"text": st.sampled_from(["a", "b", "12", " 7 ", ""])},
    "checking_json": {
        "text": st.sampled_from(
            [
                "",
                "[",
                "[]",
                "{}",
                '[{"a": {"b": "c"}}]',
                '[{"a": {}}]',
                '[{"a": "b"}]',
                "[3]",
                "[[1, 2,]]",
                "'a'",
                '"["',
            ]
        )
    },
    "raised_again": {"text": st.sampled_from(["1", "1.5", "x", "1e3", "-.5"])},
    "calls_in_expressions": {"number": st.integers(1, 60)},
}
FROM_S3 = {"from_bare_csv", "from_csv", "batched", "integrations"}
WORKFLOWS = [
    value
    for module in (constructs, nested, crossed, values, helpers, sagas, options)
    for value in vars(module).values()
    if isinstance(value, Workflow) and value.name not in FROM_S3
]


def answer(question: str) -> constructs.Size:
    if question == "b":
        raise constructs.SmallProblem("no")
    return constructs.Size.LARGE if question else constructs.Size.SMALL


def inputs_of(workflow: Workflow[..., Any]) -> st.SearchStrategy[dict[str, Any]]:
    own = OWN.get(workflow.name, {})
    return st.fixed_dictionaries(
        {
            name: own[name] if name in own else STRATEGIES[annotation]
            for name, annotation in workflow.input_models.items()
        }
    )


@pytest.mark.slow
@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.name)
def test_the_machine_does_what_the_function_does(workflow: Workflow[..., Any]) -> None:
    @settings(
        max_examples=12,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
        phases=[Phase.generate, Phase.shrink],
    )
    @given(inputs_of(workflow))
    def compare(input: dict[str, Any]) -> None:
        responders = {constructs.ask: answer} if workflow is constructs.asking else None
        assert_equivalent(workflow, responders=responders, **input)

    compare()


def test_there_are_more_than_forty_workflow_functions_to_compare() -> None:
    assert len(WORKFLOWS) > 40


def test_a_callback_that_nobody_answers_times_out_on_both_sides() -> None:
    assert_equivalent(constructs.asking, question="anyone?")


def bucket(clients: ClientRegistry) -> None:
    s3 = clients.client("s3")
    s3.create_bucket(Bucket="rows")
    s3.put_object(Bucket="rows", Key="some.csv", Body=b'id,n\na,1\n"b,c",2\nc,5\n')
    s3.put_object(Bucket="rows", Key="bare.csv", Body=b'a,1\n"b,c",2\n')


@pytest.mark.slow
def test_rows_of_a_file_in_s3_are_the_same_items() -> None:
    assert_equivalent(nested.from_csv, prepare=bucket, bucket="rows", key="some.csv", factor=3)
    assert_equivalent(nested.batched, prepare=bucket, bucket="rows", key="some.csv")
    assert_equivalent(nested.from_bare_csv, prepare=bucket, bucket="rows", key="bare.csv")


def table(clients: ClientRegistry) -> None:
    clients.client("dynamodb").create_table(
        TableName="things",
        KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


@pytest.mark.slow
def test_a_service_integration_makes_the_same_call() -> None:
    assert_equivalent(nested.integrations, prepare=table, key="a", number=3)


def test_a_difference_is_reported_with_both_sides() -> None:
    class Forgetful(Workflow[..., Any]):
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            return "something else"

    function, boundary = constructs.child.function, constructs.child.boundary
    forgetful = Forgetful(function, boundary, compile_function(function, boundary))

    with pytest.raises(AssertionError, match="child: the output differs"):
        assert_equivalent(forgetful, number=1)
