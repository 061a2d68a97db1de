"""Random programs as plain Python against the machines they are compiled to."""

from __future__ import annotations

import ast
import gc
import random
import signal
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Final

from stepsmith import DefinitionError
from stepsmith.integrations import ClientRegistry
from stepsmith.service import workflow_tasks
from stepsmith.testing import assert_equivalent
from tests.stepsmith.authoring.compiler.programs.expressions import Expressions
from tests.stepsmith.authoring.compiler.programs.generator import Generator, Program
from tests.stepsmith.authoring.compiler.programs.outside import ANSWERS, RESULTS, as_json, spoilt
from tests.stepsmith.authoring.compiler.programs.shrinking import shrunk
from tests.stepsmith.authoring.compiler.programs.world import workflow_of

MOST_STATEMENTS: Final = 14
LIMITS: Final = ("States.DataLimitExceeded", "The execution reached the maximum number of history events")
"""What a state machine fails with where Python has room for more."""
ENDLESS: Final = 120
"""Seconds of CPU after which a program counts as one that does not end."""
LONGEST: Final = 5
"""Seconds of CPU after which a program that is made smaller counts as one that does not end."""


@dataclass
class Comparison:
    """What has been compared."""

    accepted: int = 0
    refused: int = 0
    reasons: Counter[str] = field(default_factory=Counter[str])
    """The codes of refusals."""
    problems: list[str] = field(default_factory=list[str])
    """Differences and crashes, with the smallest programs that show them."""


def compare(count: int, seed: int, *, statements: int = MOST_STATEMENTS) -> Comparison:
    """Write programs until so many have been accepted, and compare each with several inputs."""
    found = Comparison()
    number = seed
    with _seldom_collected():
        while found.accepted < count:
            program, inputs = written(number, statements)
            problem = _in_time(program.text, inputs, found)
            if problem is not None:
                found.problems.append(f"seed {number}: {_smallest(program, inputs, problem)}")
            number += 1
    return found


def written(number: int, statements: int = MOST_STATEMENTS) -> tuple[Program, list[dict[str, Any]]]:
    """Give the program of a number, and what it is run with: arguments, and JSON from outside."""
    drawn = random.Random(number)
    program = Generator(Expressions(drawn), budget=statements).program()
    given, other = (
        program.inputs(drawn),
        {name: as_json(value) for name, value in program.inputs(drawn).items()},
    )
    if "checked=True" in program.text and drawn.random() < 0.7:
        name = drawn.choice(list(other))
        other[name] = spoilt(drawn, other[name])
    return program, [given, other]


def _in_time(text: str, inputs: list[dict[str, Any]], found: Comparison) -> str | None:
    try:
        with _at_most(ENDLESS):
            return problem_of(text, inputs, found)
    except TimeoutError:
        return f"the program takes more than {ENDLESS} s of CPU"


def problem_of(text: str, inputs: list[dict[str, Any]], found: Comparison) -> str | None:
    """Give what is wrong with a program: a crash of the compiler, or a difference; None where nothing is."""
    try:
        with warnings.catch_warnings(action="ignore"):
            workflow = workflow_of(text)
    except DefinitionError as error:
        found.refused += 1
        found.reasons.update({each.code for each in error.diagnostics})
        return None
    except Exception as error:
        return f"the compiler crashes: {error!r}"
    found.accepted += 1
    tasks = workflow_tasks(workflow)
    options: dict[str, Any] = {
        "prepare": _tables if "services." in text else None,
        "raw_results": {name: result for name, result in RESULTS.items() if name in tasks},
        "raw_answers": {name: answer for name, answer in ANSWERS.items() if name in tasks},
    }
    # clients of services take as long as all the rest
    for number, input in enumerate(inputs[:1] if "services." in text else inputs):
        known = {name: value for name, value in input.items() if name in workflow.input_models}
        given: dict[str, Any] = {"raw_input": known} if number else known
        try:
            assert_equivalent(workflow, **options, **given)
        except AssertionError as error:
            if any(limit in str(error) for limit in LIMITS):
                continue
            return f"{error}\n  input: {known}"
    return None


def _tables(clients: ClientRegistry) -> None:
    clients.client("dynamodb").create_table(
        TableName="table",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def _smallest(program: Program, inputs: list[dict[str, Any]], problem: str) -> str:
    kind = problem.partition("\n")[0]

    def shows(text: str) -> bool:
        if not _steps_on(text):
            return False
        try:
            with _at_most(LONGEST):
                return (problem_of(text, inputs, Comparison()) or "").startswith(kind)
        except Exception:  # it may be no program any more, or have no end, in time or in memory
            return False

    small = shrunk(program.text, shows)
    return f"{problem_of(small, inputs, Comparison())}\n{small}"


def _steps_on(text: str) -> bool:
    """Say whether every `while` still counts its rounds: one without an end doubles texts until no memory is left."""
    loops = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.While)]
    return all(
        isinstance(loop.body[0], ast.AugAssign) and "round_" in ast.unparse(loop.test) for loop in loops
    )


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Look for circles of garbage less often: a compiled program leaves many objects and few circles."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    def late(number: int, frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
