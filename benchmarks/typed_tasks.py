"""A workflow whose own `.run()` calls a task of pydantic models for every item, and the same in plain Python."""

from pydantic import BaseModel

from stepsmith import map_items, task, workflow


class Bumped(BaseModel):
    """What the task gives."""

    y: int


@task
def bump(number: int) -> Bumped:
    return Bumped(y=number + 1)


@workflow
def bump_all(numbers: list[int]) -> list[Bumped]:
    """Bump each number."""
    return map_items(numbers, bump)


def plain(numbers: list[int]) -> list[Bumped]:
    """The same work without a state machine."""
    return [Bumped(y=number + 1) for number in numbers]
