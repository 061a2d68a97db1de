"""Classes whose code a state machine cannot run are refused, and what is said helps; their values pass unchanged."""

from enum import StrEnum
from typing import Annotated

import pytest
from pydantic import AfterValidator, BaseModel, PositiveInt, RootModel, field_serializer

from stepsmith import DefinitionError, TaskToken, callback_task, task, workflow
from stepsmith.testing import assert_equivalent


def more(value: int) -> int:
    return value + 1


class Raised(BaseModel):
    n: list[Annotated[int, AfterValidator(more)]]


class Priced(BaseModel):
    cents: int

    @field_serializer("cents")
    def write(self, value: int) -> str:
        return f"{value} cents"


class Bounded(BaseModel):
    n: PositiveInt


class Numbers(RootModel[list[int]]): ...


class Lenient(BaseModel):
    n: int

    def __eq__(self, other: object) -> bool:
        return True


class Loud(StrEnum):
    A = "a"

    def __str__(self) -> str:
        return "A!"


@task
def raised(n: int) -> Raised:
    return Raised(n=[n])


@task
def take(value: Raised) -> list[int]:
    return value.n


@task
def half(value: Annotated[int, AfterValidator(more)], bounded: PositiveInt) -> int:
    return value


@task
def priced() -> Priced:
    return Priced(cents=1)


@callback_task(Raised)
def ask(token: TaskToken) -> None: ...


@workflow
def passed_on(n: int) -> list[int]:
    value = raised(n)
    return [*value.n, *take(value), half(n, n)]


@workflow
def out_of_bounds(n: int) -> int:
    try:
        return half(n, -1)
    except Exception as error:
        return len(str(error))


def test_validators_run_in_tasks_and_nowhere_between() -> None:
    assert_equivalent(passed_on, n=3)
    assert passed_on(3) == [4, 5, 4]


def test_a_constraint_of_an_argument_fails_inside_the_task() -> None:
    assert_equivalent(out_of_bounds, n=3)


def test_serialisers_are_refused() -> None:
    with pytest.raises(DefinitionError, match="W220 Priced is written by its serializer write"):

        @workflow
        def program() -> int:
            return priced().cents


def test_an_answer_whose_type_runs_code_is_refused() -> None:
    with pytest.raises(DefinitionError, match="W220 Raised checks or changes what it is made from"):

        @workflow
        def program() -> list[int]:
            return ask().n


def test_a_root_model_is_not_made() -> None:
    with pytest.raises(DefinitionError, match="W220 Numbers is not an object of fields"):

        @workflow
        def program() -> Numbers:
            return Numbers([1])


def test_constraints_are_not_skipped_when_a_model_is_made() -> None:
    with pytest.raises(
        DefinitionError, match=r"W220 Bounded checks or changes .*: what is declared of its field n"
    ):

        @workflow
        def program(n: int) -> Bounded:
            return Bounded(n=n)


def test_equality_of_its_own_is_refused() -> None:
    with pytest.raises(DefinitionError, match="W110"):

        @workflow
        def program(a: Lenient, b: Lenient) -> bool:
            return a == b

    with pytest.raises(DefinitionError, match="with None runs its __eq__"):

        @workflow
        def other(a: Lenient | None) -> bool:
            return a == None  # noqa: E711 - what is tested


def test_a_member_that_prints_itself_is_refused_in_a_text() -> None:
    with pytest.raises(DefinitionError, match="W141 Loud prints differently"):

        @workflow
        def program(a: Loud) -> str:
            return f"{a}"
