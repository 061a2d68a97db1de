"""Random classes and JSON: what a workflow makes of them is the same in plain Python, or it is refused with help."""

import linecache
from collections import Counter
from random import Random
from typing import Any

import pytest

from stepsmith import DefinitionError, Workflow
from stepsmith.testing import assert_equivalent
from tests.stepsmith.authoring.compiler.models.generator import program

PROGRAMS = 40
SEEDS = 10
INPUTS = 3
NAMES = """
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Literal, NotRequired
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic import PlainSerializer, computed_field, model_validator
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypedDict
from stepsmith import TaskToken, callback_task, task, workflow

class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"

class Grade(IntEnum):
    LOW = 1
    HIGH = 2

def same(value: Any) -> Any:
    return value
"""


def compiled(source: str) -> dict[str, Any]:
    text = f"{NAMES}\n{source}\n"
    file = f"<classes {abs(hash(text))}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    module: dict[str, Any] = {"__name__": file}
    exec(compile(text, file, "exec"), module)
    return module


def compare(made: dict[str, Any], given: Any, answer: Any) -> None:
    found: Workflow[..., Any] = made["program"]
    answers = {made["ask"]: answer} if "ask" in found.tasks else None
    assert_equivalent(found, raw_input=given, raw_answers=answers)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(SEEDS))
def test_classes_mean_in_a_state_machine_what_they_mean_in_python(seed: int) -> None:
    random = Random(f"classes {seed}")
    said: Counter[str] = Counter()
    for _ in range(PROGRAMS):
        classes, source, name = program(random)
        try:
            made = compiled(source)
        except DefinitionError as error:
            said["refused"] += 1
            said["without help"] += any(not found.help for found in error.diagnostics)
            continue
        for at in range(INPUTS):
            wrong = (0, 0.08, 0.3)[at]
            given = {"value": classes.json(name, wrong), "other": classes.json(name, wrong)}
            answer = classes.json(name, wrong)
            try:
                compare(made, given, answer)
            except AssertionError as error:
                raise AssertionError(f"{source}\n\n{given}\n{answer}\n\n{error}") from None
        said["equal"] += 1

    assert said["equal"] > PROGRAMS / 4
    assert said["refused"] > 0
    assert said["without help"] == 0
