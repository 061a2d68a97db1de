"""Options of Maps, and what calls of services and the context object give, are the same in Python and on AWS."""

from typing import Any

import pytest
from pydantic import BaseModel

from stepsmith import context, csv_rows, integration, map_items, task, workflow
from stepsmith.integrations import ClientRegistry
from stepsmith.testing import assert_equivalent


class Row(BaseModel):
    name: str
    number: int


class Agreement(BaseModel):
    agreed: bool


@task
def numbers(rows: list[Row]) -> list[int]:
    return [row.number for row in rows]


@workflow
def by_bytes(bucket: str) -> list[list[int]]:
    return map_items(csv_rows(bucket, "rows.csv", Row), numbers, distributed=True, batch_bytes=80)


@workflow
def by_both(bucket: str) -> list[list[int]]:
    return map_items(
        csv_rows(bucket, "rows.csv", Row), numbers, distributed=True, batch_size=2, batch_bytes=200
    )


@workflow
def given_by_bytes(rows: list[Row], most: int) -> list[list[int]]:
    return map_items(rows, numbers, distributed=True, batch_bytes=most)


@integration("apigateway:invoke.waitForTaskToken", result=Agreement)
def ask_by_http(ApiEndpoint: str, Method: str, Headers: dict[str, list[str]]) -> None: ...


@workflow
def agreed_by_http(endpoint: str) -> bool:
    return ask_by_http(endpoint, "POST", {"token": [context.task.token]}).agreed


@workflow
def given_or_not(name: str, number: int = 3) -> bool:
    return context.execution.input.get("number") is not None


def a_table(clients: ClientRegistry) -> None:
    rows = "\n".join(f"{'é' * (at % 5)}x,{at}" for at in range(12))
    clients.client("s3").create_bucket(Bucket="tables")
    clients.client("s3").put_object(Bucket="tables", Key="rows.csv", Body=f"name,number\n{rows}".encode())


@pytest.mark.parametrize("made", [by_bytes, by_both])
def test_rows_are_batched_by_the_bytes_of_their_json(made: Any) -> None:
    assert_equivalent(made, prepare=a_table, bucket="tables")


@pytest.mark.parametrize("most", [1, 40, 41, 42, 43, 70, 1000])
def test_items_are_batched_by_the_bytes_of_their_json(most: int) -> None:
    rows = [Row(name="é" * (at % 4), number=at) for at in range(9)]

    assert_equivalent(given_by_bytes, rows=rows, most=most)


def test_a_service_that_nothing_plays_here_is_answered_by_its_responder() -> None:
    answers = {ask_by_http: lambda **given: Agreement(agreed=True)}

    assert_equivalent(agreed_by_http, responders=answers, endpoint="a.execute-api.us-east-1.amazonaws.com")


def test_the_input_in_the_context_is_what_came_in() -> None:
    assert_equivalent(given_or_not, raw_input={"name": "a"})
    assert_equivalent(given_or_not, raw_input={"name": "a", "number": 4})
    assert_equivalent(given_or_not, name="a")
