"""Workflow functions that use each construct alone and nested, for the tests that compare both ways of running them."""

import json
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Literal, TypedDict

from pydantic import BaseModel

from stepsmith import (
    Retry,
    TaskTimeout,
    TaskToken,
    WorkflowError,
    callback_task,
    map_items,
    now,
    parallel,
    task,
    uuid,
    wait,
    wait_until,
    workflow,
)


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


class Line(BaseModel):
    sku: str
    quantity: int
    price: int = 5
    note: str | None = None


class Order(BaseModel):
    id: str
    lines: list[Line]
    size: Size = Size.SMALL
    tags: dict[str, int] = {}
    limit: int | None = None


class Address(TypedDict):
    street: str
    town: str


class Problem(WorkflowError): ...


class SmallProblem(Problem): ...


class OtherProblem(WorkflowError): ...


@task
def echo(text: str) -> str:
    return text


@task
def double(number: int) -> int:
    return number * 2


@task
def risky(number: int) -> int:
    if number % 5 == 0:
        raise SmallProblem(f"{number} is a multiple of five")
    if number % 7 == 0:
        raise OtherProblem(f"{number} is a multiple of seven")
    if number % 11 == 0:
        raise ValueError("eleven")
    return number


@task(retry=[Retry.never(OtherProblem), Retry(max_attempts=2, interval=timedelta(seconds=3))])
def retried(number: int) -> int:
    if number % 5 == 0:
        raise SmallProblem("again and again")
    if number % 7 == 0:
        raise OtherProblem("at once")
    return number + 1


@task
def count(lines: list[Line]) -> int:
    return sum(line.quantity for line in lines)


@task
def first_line(order: Order) -> Line | None:
    return order.lines[0] if order.lines else None


@task
def note(text: str) -> None: ...


@task
def divmod_of(number: int, by: int) -> tuple[int, int]:
    return divmod(number, by)


@task
def total_of(numbers: list[int]) -> int:
    return sum(numbers)


@callback_task(Size, timeout=timedelta(hours=2))
def ask(token: TaskToken, question: str) -> None: ...


@task
def parcel(address: Address, weight: float) -> str:
    return f"{address['town']}/{weight}"


@task
def remember(moment: datetime) -> datetime:
    return moment


@workflow
def sequence(text: str, number: int = 4) -> str:
    first = echo(text)
    second = double(number)
    note(f"{first} {second}")
    return f"{first}-{second}"


@workflow
def assignments(a: int, b: int) -> list[int]:
    c = a + b
    c += 1
    a, b = b, a
    d = c * 2 - a
    text = "x" if a > b else "y"
    size = len(text) + d
    return [a, b, c, d, size]


@workflow
def branches(order: Order) -> str:
    if order.size is Size.LARGE and order.limit is not None and order.limit > 3:
        answer = "large"
    elif not order.lines:
        answer = "empty"
    elif order.lines[0].quantity > 2 or order.tags:
        answer = echo("many")
    else:
        answer = "other"
    return answer


@workflow
def matches(size: Size, number: int, kind: Literal["a", "b"]) -> str:
    match number:
        case 0 | 1:
            word = "few"
        case 2 if size == Size.SMALL:
            word = "small two"
        case -1:
            return "negative"
        case _:
            word = "many"
    match kind:
        case "a":
            word = f"{word} a"
    return word


@workflow
def optionals(line: Line, limit: int | None = None) -> str:
    if line.note:
        return line.note
    if limit is None:
        return "no limit"
    match line.note:
        case None:
            text = "none"
        case "":
            text = "empty"
        case _:
            text = "some"
    return f"{limit} {text}"


@workflow
def for_loop(order: Order) -> list[str]:
    seen: list[str] = []
    total = 0
    for line in order.lines:
        if line.quantity == 0:
            continue
        if total > 10:
            break
        total += line.quantity
        name = echo(line.sku)
        seen = [*seen, name]
    else:
        seen = [*seen, "end"]
    return [*seen, str(total)]


@workflow
def loops_in_loops(rows: list[list[int]]) -> int:
    total = 0
    for row in rows:
        for number in row:
            if number < 0:
                break
            if number > 100:
                return -1
            total = total + number
        else:
            total += 1000
    return total


@workflow
def while_loop(start: int) -> int:
    number = start
    rounds = 0
    while number < 50 and rounds < 20:
        rounds += 1
        if number % 2 == 0:
            number = number + 7
            continue
        number = double(number) + 1
    else:
        rounds += 100
    return number + rounds


@workflow
def polling(start: int) -> int:
    number = start
    tries = 0
    while True:
        number = double(number)
        if number > 20 or tries == 5:
            break
        tries += 1
        wait(10)
    return number


@workflow
def counting(number: int, words: list[str]) -> list[str]:
    found: list[str] = []
    for index in range(number):
        if index > 6:
            break
        found = [*found, str(index)]
    for place, word in enumerate(words):
        found = [*found, f"{place}:{word}"]
    for index in range(2, 4):
        found = [*found, str(index)]
    return found


@workflow
def dictionaries(tags: dict[str, int]) -> list[str]:
    found: list[str] = []
    for key, value in tags.items():
        found = [*found, f"{key}={value}"]
    for key in tags:
        found = [*found, key]
    if "a" in tags:
        found = [*found, "has a"]
    missing = tags.get("zz", 7)
    bigger = {**tags, "new": missing}
    return [*found, str(len(bigger)), *list(bigger)]


@workflow
def catching(number: int) -> str:
    try:
        value = risky(number)
    except SmallProblem as error:
        note("small")
        return f"small: {error}"
    except (Problem, OtherProblem) as error:
        return f"other: {error!s}"
    else:
        text = f"fine {value}"
    return text


@workflow
def catching_all(number: int) -> str:
    done = "nothing"
    try:
        first = risky(number)
        done = "first"
        second = risky(first + 1)
        done = f"second {second}"
    except Exception as error:
        return f"{done} then {error}"
    return done


@workflow
def nested_tries(number: int) -> str:
    trail = ""
    try:
        try:
            risky(number)
            trail = f"{trail}a"
        except OtherProblem:
            trail = f"{trail}b"
            risky(number + 1)
            trail = f"{trail}c"
            raise
        trail = f"{trail}d"
        if number > 20:
            raise SmallProblem("too many")
    except Problem as problem:
        note(str(problem))
        trail = f"{trail}e{problem}"
    except OtherProblem:
        trail = f"{trail}f"
        if number > 30:
            raise
    return trail


@workflow
def finally_(number: int) -> str:
    trail = "start"
    for step in range(3):
        try:
            if step == 1:
                continue
            value = risky(number + step)
            if value > 40:
                return f"{trail} big"
            trail = f"{trail} {value}"
        except SmallProblem:
            trail = f"{trail} small"
            if number > 20:
                break
        finally:
            note(trail)
            trail = f"{trail} done"
    return trail


@workflow
def cleaning_up(number: int) -> int:
    note("open")
    try:
        result = risky(number)
    finally:
        note("close")
    return result


@workflow
def raising(number: int, text: str) -> int:
    if number > 30:
        raise Problem(f"{text} {number}")
    if number > 20:
        raise OtherProblem
    try:
        if number > 10:
            raise SmallProblem(text)
        if number > 5:
            raise OtherProblem("through")
    except Problem as error:
        note(str(error))
        raise OtherProblem(f"wrapped {error}") from error
    return number


@workflow
def retrying(number: int) -> int:
    value = retried(number)
    try:
        return retried(value)
    except SmallProblem:
        return -1


@workflow
def side_by_side(order: Order) -> str:
    total, line = parallel(count(order.lines), first_line(order))
    if line is None:
        return f"none of {total}"
    a, b, c = parallel(echo(line.sku), double(line.quantity), double(total))
    return f"{a} {b} {c}"


@workflow
def local_branches(order: Order, number: int) -> list[int]:
    base = number + 1

    def add_up() -> int:
        total = base
        for line in order.lines:
            total = total + line.quantity
        return total

    def careful() -> int:
        total = 0
        try:
            total = risky(base)
        except SmallProblem:
            return -5
        return double(total)

    first, second, third = parallel(add_up(), careful(), double(base))
    return [first, second, third]


@workflow
def mapped(order: Order) -> list[str]:
    names = [echo(line.sku) for line in order.lines if line.quantity > 1]
    doubled = map_items([line.quantity for line in order.lines], double, max_concurrency=2)
    again = map_items(doubled, lambda number: double(number))
    return [*names, *[str(number) for number in again]]


@workflow
def mapped_functions(numbers: list[int], offset: int) -> list[str]:
    label = f"n{offset}"

    def process(number: int) -> str:
        try:
            value = risky(number + offset)
        except Problem as error:
            return f"{label} failed: {error}"
        except Exception:
            return "broken"
        name = "even" if value % 2 == 0 else "odd"
        for step in range(2):
            value = double(value) + step
        return f"{label} {name} {value}"

    return [process(number) for number in numbers]


@workflow
def map_in_try(numbers: list[int]) -> str:
    try:
        values = [risky(number) for number in numbers]
    except SmallProblem as error:
        return f"small {error}"
    except OtherProblem:
        return "other"
    total = total_of(values)
    return str(total)


@workflow
def parallel_in_map_in_try(numbers: list[int], order: Order) -> list[int]:
    def both(number: int) -> int:
        def left() -> int:
            value = double(number)
            return value + 1

        a, b = parallel(left(), count(order.lines))
        return a + b

    try:
        results = [both(number) for number in numbers]
    except Exception:
        return []
    return results


@workflow
def waiting(seconds: int, order: Order) -> datetime:
    wait(seconds)
    start = now()
    wait(timedelta(minutes=2))
    if order.lines:
        wait(order.lines[0].quantity)
    wait_until(datetime(2026, 1, 1, 1, tzinfo=UTC))
    end = now()
    moment = remember(end)
    if start < end:
        return moment
    return start


@workflow
def identifiers() -> int:
    first = uuid()
    second = uuid()
    if first == second:
        return 0
    return len(first) + len(second)


@workflow
def asking(question: str) -> str:
    try:
        answer = ask(question)
    except TaskTimeout:
        return "nobody answered"
    except Problem as error:
        return f"refused: {error}"
    match answer:
        case Size.SMALL:
            return "small"
        case Size.LARGE:
            return "large"
    return "never"


@workflow
def child(number: int, name: str = "child") -> str:
    value = risky(number)
    return f"{name} {value}"


@workflow
def parent(number: int) -> str:
    first = child(number)
    try:
        second = child(number + 2, name="second")
    except SmallProblem as error:
        second = f"failed {error}"
    return f"{first}, {second}"


@workflow
def checking(text: str, tags: dict[str, int], numbers: list[int]) -> str:
    found: list[int] = []
    for key in ("a", "b", text):
        try:
            found = [*found, int(text) // tags[key]]
            if numbers[tags[key]] > 3 and numbers[len(found)] > 4:
                found = [*found, 4]
        except KeyError:
            found = [*found, -1]
        except (ValueError, IndexError):
            note(text)
            continue
    try:
        total = sum([12 // number for number in numbers])
        double(numbers[0])
        wait(total)
    except Problem:
        return "no problem"
    except Exception:
        return f"{len(found)} of {text}"
    return f"{total} {sum(found)}"


@workflow
def checking_json(text: str) -> str:
    try:
        data = json.loads(text)
        first = data[0]["a"]
        name: str = first["b"] if text else "none"
    except json.JSONDecodeError:
        return "no JSON"
    except (LookupError, TypeError):
        return "not that"
    finally:
        note(text)
    return name


@workflow
def raised_again(text: str) -> int:
    try:
        try:
            return int(float(text))
        except ValueError:
            note("bad")
            raise
    finally:
        note("after")
