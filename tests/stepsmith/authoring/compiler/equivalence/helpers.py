"""Workflow functions that call helper functions: of this module, of themselves, and in each other."""

from collections.abc import Callable

from stepsmith import WorkflowError, map_items, parallel, task, uuid, wait, workflow
from tests.stepsmith.authoring.compiler.equivalence import constructs
from tests.stepsmith.authoring.compiler.equivalence.constructs import Line, Order, Problem, SmallProblem


class TooMany(WorkflowError): ...


@task
def risky(number: int) -> int:
    if number % 5 == 0:
        raise SmallProblem(f"{number} is a multiple of five")
    if number % 7 == 0:
        raise TooMany(f"{number} is a multiple of seven")
    if number % 11 == 0:
        raise ValueError("eleven")
    return number


@task
def tell(text: str) -> None: ...


LIMIT = 20


def cost(line: Line) -> int:
    """Give what a line costs."""
    return line.quantity * line.price


def total(lines: list[Line], most: int = LIMIT) -> int:
    found = sum(cost(line) for line in lines)
    if found > most:
        raise TooMany(f"{found} is more than {most}")
    return found


def tried(number: int, *, otherwise: int = -1) -> int:
    try:
        return risky(number)
    except Problem as error:
        tell(str(error))
    finally:
        tell("tried")
    return otherwise


def until(number: int, stop: int) -> int:
    while True:
        number = number + 3
        if number > stop:
            return number
        if number % 4 == 0:
            continue
        found = tried(number, otherwise=0)
        if found == 0:
            break
    return -number


def either(test: bool, number: int) -> int | None:
    if test:
        return tried(number)
    return None


def each(numbers: list[int], by: Callable[[int], int]) -> list[int]:
    return map_items(numbers, by)


def always_fails(text: str) -> None:
    raise TooMany(text)


@workflow
def helper_values(order: Order) -> int:
    costs = [cost(line) for line in order.lines]
    dear = [line for line in order.lines if cost(line) > 8]
    return sum(costs) + len(dear) + total(order.lines, most=60)


@workflow
def helper_statements(number: int, other: int) -> int:
    first = tried(number)
    second = tried(first + 1, otherwise=other)
    return first * 100 + second + tried(otherwise=number, number=other)


@workflow
def helper_loops(numbers: list[int]) -> list[int]:
    found: list[int] = []
    for number in numbers:
        try:
            last = until(number, 30)
        except TooMany as error:
            tell(f"{error}")
            continue
        found = [*found, last]
        if last < -20:
            break
    return found


@workflow
def helpers_side_by_side(numbers: list[int], number: int) -> list[int]:
    def local(most: int = 3) -> int:
        if len(numbers) > most:
            return tried(most)
        return most + number

    maps = [tried(each, otherwise=number) for each in numbers]
    a, b = parallel(local(), until(number, stop=9))
    more = map_items(numbers, tried)
    return [*maps, a, b, *more]


@workflow
def helper_given_functions(numbers: list[int]) -> list[int]:
    return [*each(numbers, constructs.double), *each(numbers, by=tried)]


@workflow
def helper_results(flag: bool, number: int) -> str:
    found = either(flag, number)
    if found is None:
        return "nothing"
    again = either(not flag, found)
    return f"{found}" if again is None else "both"


@workflow
def helper_raises(number: int) -> str:
    def checked(text: str) -> str:
        if number > 20:
            always_fails(f"{text}: {number}")
        wait(max(0, number + 5))
        return text

    try:
        return checked("large")
    except TooMany as error:
        tell(str(error))
        if number > 30:
            raise
        return f"caught {error}"


@workflow
def helper_raises_again(number: int) -> int:
    def passed_on(text: str) -> None:
        tell(text)
        raise

    try:
        return risky(number)
    except SmallProblem as error:
        passed_on(str(error))
        return -1


@workflow
def helper_names(number: int, name: str) -> str:
    def inner(name: str) -> str:
        error = f"<{name}>"
        found = name
        for number in range(2):
            try:
                tell(f"{risky(number + 5)} {error}")
            except Problem as problem:
                found = f"{found} {problem}"
        return found

    error = inner(f"{name}{number}")
    found = inner(name)
    return f"{error} {found} {number} {name} {inner(error)}"


@workflow
def helper_with_identifiers() -> bool:
    def both(one: str, two: str) -> bool:
        return one == one and two == two and one != two

    first = uuid()
    found = both(first, uuid())
    return found and not both(first, first)
