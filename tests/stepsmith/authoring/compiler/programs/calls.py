"""Random statements that call what is outside: people, services, tasks with options, helpers that take functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from tests.stepsmith.authoring.compiler.programs.library import Writing


class Stating(Writing, Protocol):
    """What writes the parts of a statement, and knows what may happen at its place."""

    known: dict[str, str]
    can_fail: bool
    can_wait: bool
    can_raise: bool

    def fresh(self, kind: str) -> str: ...

    def tasks(self) -> str: ...

    def safe_number(self) -> str: ...


Statement = Callable[[Stating, str], list[str]]
"""Writes a statement; the text is another in each place."""


def _named(x: Stating, kind: str, value: str) -> list[str]:
    name = x.fresh(kind)
    x.known[name] = kind
    return [f"{name} = {value}"]


def asked(x: Stating, mark: str) -> list[str]:
    """Ask somebody, whose answer is JSON from outside; where it does not fit, only the text of the error differs."""
    other = x.expr("answer", 1)
    lines = _named(x, "answer", f"ask({x.expr('str', 1)})")
    if not x.can_raise or x.random.random() < 0.7:
        return lines
    name, _, call = lines[0].partition(" = ")
    return ["try:", f"    {name} = ask_anybody{call[3:]}", "except Exception:", f"    {name} = {other}"]


def published(x: Stating, mark: str) -> list[str]:
    """Call a service by an integration, whose result is JSON from outside."""
    call = x.random.choice(
        (
            f"publish('topic', {x.expr('str', 1)})",
            f"publish(Message={x.expr('str', 1)}, TopicArn={x.expr('str', 1)})",
        )
    )
    return _named(x, "answer", call)


def unanswered(x: Stating, mark: str) -> list[str]:
    """Wait for somebody who does not answer."""
    if not x.can_wait:
        return asked(x, mark)
    lines = _named(x, "int", f"ask_nobody({x.expr('str', 1)})")
    caught = x.random.choice(("TaskTimeout", "Exception", "(Problem, TaskTimeout)"))
    name = lines[0].partition(" ")[0]
    return ["try:", f"    {lines[0]}", f"except {caught}:", f"    {name} = {x.random.choice(('-1', '0'))}"]


def with_options(x: Stating, mark: str) -> list[str]:
    """Call a task, a child or a service with options of this place."""
    if not x.can_wait or not x.can_raise:
        return _named(x, "int", f"double.with_options(name='Twice {mark}')({x.expr('int', 1)})")
    options = x.random.choice(
        (
            f"name='Try {mark}'",
            "retry=[Retry(max_attempts=2)]",
            "retry=[Retry.never(SmallProblem), Retry.on(OtherProblem, max_attempts=1)]",
            f"timeout=timedelta(seconds=max(1, {x.expr('int', 0)}))",
            f"name='Both {mark}', retry=[]",
        )
    )
    called = x.random.choice(("risky", "double", "retried"))
    if "timeout" not in options and "SmallProblem" not in options and x.random.random() < 0.3:
        called = "child"
    return _named(x, "int", f"{called}.with_options({options})({x.expr('int', 1)})")


def attempted(x: Stating, mark: str) -> list[str]:
    """Hand the number of the attempt to a task."""
    return _named(x, "int", f"see_attempt({x.expr('int', 1)}, THE_CONTEXT.state.retry_count)")


def rate(x: Stating, mark: str) -> list[str]:
    """Call a task that is an `async def`."""
    return _named(x, "float", f"rated({x.expr('int', 1)})")


def shown(x: Stating, mark: str) -> list[str]:
    """Hand a value from outside on, or one that checks itself."""
    if x.named("checked") and x.random.random() < 0.5:
        return _named(x, "int", f"see_checked({x.random.choice(x.named('checked'))})")
    if x.named("weighed"):
        name = x.random.choice(x.named("weighed"))
        # that it is true or equal, only its own code says: refused
        test = x.random.choice((f"if {name}:", f"if {name} == {name}:"))
        call = f"see_weighed({name})"
        return [test, f"    {call}"] if x.random.random() < 0.05 else _named(x, "int", call)
    return [f"see_answer({x.expr('answer', 1)})"]


def put(x: Stating, mark: str) -> list[str]:
    """Write an item that may be there already, and catch what the service says then."""
    key = f'f"c{{{x.readable("int")}}}"'
    call = (
        f"services.dynamodb.put_item(TableName='table', Item={{'id': {{'S': {key}}}}}, "
        "ConditionExpression='attribute_not_exists(id)')"
    )
    name = x.fresh("bool")
    x.known[name] = "bool"
    caught = x.random.choice(("services.dynamodb.ConditionalCheckFailedException", "Exception"))
    return [
        f"{name} = True",
        "try:",
        *[f"    {call}"] * x.random.choice((1, 2)),
        f"except {caught}:",
        f"    {name} = False",
    ]


def applied(x: Stating, mark: str) -> list[str]:
    """Call a helper that takes a function, calls others, or stands in a branch."""
    number = x.expr("int", 1)
    if not x.can_raise:
        return _named(x, "int", f"applied({x.random.choice(('double', 'squared'))}, {number})")
    form = x.random.randrange(3)
    if form == 0:
        call = f"applied({x.random.choice(('double', 'risky', 'careful'))}, {number}, times={x.random.choice((1, 2))})"
        return _named(x, "int", call)
    if form == 1:
        return _named(x, "str", f"nested({number}, word={x.expr('str', 1)})")
    first, second = x.fresh("int"), x.fresh("str")
    call = f"parallel(careful({number}), labelled({x.expr('str', 1)}), nested({x.expr('int', 0)}))"
    x.known |= {first: "int", second: "str"}
    return [f"{first}, {second}, _ = {call}"]


def discarded(x: Stating, mark: str) -> list[str]:
    """Evaluate what nothing reads: it fails nevertheless, and calls what it calls."""
    if x.can_fail:
        lost = x.random.choice(
            (
                f"{x.expr('table', 1)}[{x.expr('str', 0)}]",
                f"{x.expr('ints', 1)}[{x.random.choice((0, 2, -1))}]",
                f"int({x.expr('str', 1)})",
            )
        )
        return [f"_ = {lost}"]
    return [f"{x.tasks()}({x.safe_number()})"]


def in_order(x: Stating, mark: str) -> list[str]:
    """Call tasks inside displays and arguments, in Python's order."""
    number, text = x.expr("int", 1), x.expr("str", 1)
    return x.random.choice(
        (
            lambda: _named(
                x, "table", f"{{shout({text}): {x.tasks()}({x.safe_number()}), 'a': double({number})}}"
            ),
            lambda: _named(x, "ints", f"[{x.tasks()}({x.safe_number()}), {number}, double({number})]"),
            lambda: _named(
                x,
                "answer",
                f"Answer(stars=double({number}), note=shout({text}), accepted={x.expr('bool', 1)})",
            ),
            lambda: _named(x, "str", f"shout(times=double({number}), text=shout({text}))"),
        )
    )()


def failing_wait(x: Stating, mark: str) -> list[str]:
    """Wait for a time that may be none, where that is caught."""
    if not x.can_wait:
        return rate(x, mark)
    seconds = x.expr("int", 1)
    return [
        "try:",
        f"    wait({seconds if x.random.random() < 0.1 else f'max({seconds}, 0)'})",
        f"    see_number({x.expr('int', 0)})",
        "except Exception:",
        f"    see_text({x.expr('str', 0)})",
    ]


STATEMENTS: Final[tuple[Statement, ...]] = (
    *(asked, asked, published, unanswered, with_options, attempted, rate, shown, put),
    *(applied, applied, discarded, in_order, failing_wait),
)


def drawn(x: Stating, mark: str) -> list[str]:
    """Write one of these statements."""
    lines = x.random.choice(STATEMENTS)(x, mark)
    if x.random.random() < 0.1 and any(f"= {name}(" in lines[0] for name in ("ask", "publish", "rated")):
        lines.insert(0, f"# state: Step {mark}" if x.random.random() < 0.3 else "# as said")
    return lines
