"""Commands as the engine gives them, for the tests of what answers them."""

from __future__ import annotations

from collections.abc import Mapping

from stepsmith.engine.ports import Answer, StartTask, TaskFailed, TaskSucceeded
from stepsmith.expressions.types import Json
from stepsmith.integrations import ClientRegistry, Dispatcher


def start_task(
    resource: str, payload: Json, *, id: int = 1, state: str = "Work", **more: object
) -> StartTask:
    fields: dict[str, object] = {"idempotency_token": f"execution/{state}:{id}", **more}
    return StartTask(
        id=id,
        state=state,
        resource=resource,
        payload=payload,
        execution_arn="arn:aws:states:us-east-1:123456789012:execution:machine:run",
        **fields,  # type: ignore[arg-type]  # any field of StartTask
    )


def answers(dispatcher: Dispatcher, task: StartTask) -> list[Answer]:
    found: list[Answer] = []
    dispatcher.start(task, found.append)
    return found


def output(
    clients: ClientRegistry, resource: str, payload: Json, tasks: Mapping[str, object] | None = None
) -> Json:
    answer = answers(Dispatcher(clients, tasks), start_task(resource, payload))[-1]
    assert isinstance(answer, TaskSucceeded), answer
    return answer.output


def failure(
    clients: ClientRegistry, resource: str, payload: Json, tasks: Mapping[str, object] | None = None
) -> tuple[str | None, str]:
    answer = answers(Dispatcher(clients, tasks), start_task(resource, payload))[-1]
    assert isinstance(answer, TaskFailed), answer
    return answer.error, answer.cause or ""
