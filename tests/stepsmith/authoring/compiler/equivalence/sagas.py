"""Workflow functions that undo what they did when a later step fails."""

from datetime import timedelta

from stepsmith import CompensationFailed, Retry, WorkflowError, compensation, parallel, task, wait, workflow


class Full(WorkflowError): ...


class Closed(Full): ...


@task
def book(what: str, number: int) -> str:
    if number % 5 == 0:
        raise Full(f"no {what}")
    if number % 11 == 0:
        raise ValueError("eleven")
    return f"{what}-{number}"


@task
def cancel(booking: str, number: int = 1) -> None:
    if number % 3 == 0:
        raise Closed(f"nobody answers for {booking}")


@task(retry=[Retry.on(Full, interval=timedelta(seconds=7), max_attempts=2)])
def pay_back(cents: int, reason: str) -> None:
    if cents % 4 == 0:
        raise Full("the bank is closed")


@task
def tell(text: str) -> None: ...


def refund(cents: int, reason: str) -> None:
    pay_back(cents, reason)
    tell(f"{cents} back: {reason}")


@workflow
def trip(hotel: int, flight: int, car: int) -> str:
    with compensation() as undo:
        undo(cancel, "hotel", hotel)
        first = book("hotel", hotel)
        undo(cancel, first, number=flight)
        second = book("flight", flight)
        undo(tell, second)
        third = book("car", car)
    return f"{first} {second} {third}"


@workflow
def trip_for_all(numbers: list[int]) -> int:
    done = 0
    with compensation() as undo:
        undo(tell, "first")
        for number in numbers:
            undo(cancel, f"room {number}", number)
            booking = book("room", number)
            if number > 10:
                undo(tell, booking)
                continue
            done = done + 1
        undo(tell, "last")
        if done > 2:
            raise Full(f"{done} rooms are too many")
        book("end", done + 1)
    return done


@workflow
def trip_while(number: int) -> int:
    with compensation() as undo:
        while number > 0:
            undo(cancel, "room", number)
            number = number - 7
            if number < 20:
                break
            book("room", number + 1)
        book("last", number)
    return number


@workflow
def trip_in_branches(number: int, other: int, flag: bool) -> str:
    undo = compensation()
    try:
        with undo:
            undo(refund, number, undo.error)
            result = book("hotel", number)
            if flag:
                undo(cancel, f"bus {other}", other)
                result = book("bus", other)
            else:
                undo(tell, result)
            undo(cancel, result, other)
            result = book("car", number + other)
            if number > 20:
                undo.clear()
            result = book("end", other + 1)
    except CompensationFailed as error:
        tell(f"{error}, {len(undo.problems)}, {undo.error}")
        if flag:
            raise
        return "; ".join(undo.problems)
    except Full as error:
        return str(error)
    return result


@workflow
def trip_again(numbers: list[int]) -> list[str]:
    found: list[str] = []
    for number in numbers:
        try:
            with compensation() as undo:
                undo(cancel, "x", number)
                wait(5)
                if number == 7:
                    break
                if number == 8:
                    continue
                found = [*found, book("x", number)]
        except Full as error:
            found = [*found, f"{error}"]
    return found


@workflow
def trip_within(number: int, other: int) -> str:
    def inside(name: str) -> str:
        with compensation() as undo:
            undo(cancel, name, other)
            return book(name, number)

    with compensation() as undo:
        undo(tell, "outer")
        name = inside("inner")
        with compensation() as more:
            more(cancel, name, number)
            book("more", other)
        undo(cancel, name, other)
        return book("outer", other + 1)


@workflow
def trip_side_by_side(number: int, other: int) -> str:
    def one() -> str:
        with compensation() as undo:
            undo(cancel, "one", number)
            book("one", number)
            return book("one more", number + 1)

    with compensation() as undo:
        undo(refund, other, undo.error)
        first = one()
        _, second = parallel(tell("x"), book("two", other))
    return f"{first} {second}"


@workflow
def trip_with_closure(number: int, other: int) -> int:
    state = "begun"

    def give_up(extra: int) -> None:
        tell(f"{state} {extra}")
        if number > 9:
            cancel(state, other)

    with compensation() as undo:
        undo(give_up, number + 1)
        book("a", number)
        state = "half"
        number = number + 2
        book("b", other)
        state = "nearly"
        try:
            book("c", number + other)
        finally:
            tell("c is over")
    return number


@workflow
def trip_that_counts_on(number: int, other: int, names: list[str]) -> int:
    with compensation() as undo:
        undo(cancel, "first", number)
        number += 1
        undo(cancel, "second", number)
        undo(cancel, "third", other)
        book("a", number)
        match names:
            case [name, *_]:
                undo(cancel, name, number)
            case _:
                name = "none"
        match number + other:
            case 7:
                pass
            case other:
                book("b", other)
        name = book("c", number + other)
    return number + other
