"""Statements and the states they are compiled to; each pair is also run both ways with random inputs."""

import pytest

from stepsmith.integrations import ClientRegistry
from stepsmith.testing import assert_equivalent
from tests.stepsmith.authoring.compiler.compact import compact
from tests.stepsmith.authoring.compiler.snippets import FIXTURES, inputs, snippet, sources
from tests.stepsmith.authoring.compiler.vocabulary import Size, ask
from tests.text_pairs import read_blocks

PAIRS = sources(sorted((FIXTURES / "statements").glob("*.txt")), read_blocks)


def table(clients: ClientRegistry) -> None:
    clients.client("dynamodb").create_table(
        TableName="things",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


@pytest.mark.parametrize(("source", "result", "kinds"), PAIRS)
def test_statements_become_states(source: str, result: str, kinds: dict[str, str]) -> None:
    assert "\n".join(compact(snippet(source, kinds).definition)) == result


@pytest.mark.slow
@pytest.mark.parametrize(("source", "result", "kinds"), PAIRS)
def test_the_states_of_statements_do_what_python_does(
    source: str, result: str, kinds: dict[str, str]
) -> None:
    made = snippet(source, kinds)
    responders = {ask: lambda question: Size.LARGE} if "ask(" in source else None
    prepare = table if "put_item(" in source else None

    for input in inputs(made, 5):
        assert_equivalent(made, responders=responders, prepare=prepare, **input)


def test_there_are_hundreds_of_pairs() -> None:
    assert len(PAIRS) > 220
