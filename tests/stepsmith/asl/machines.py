"""Random state machines that AWS would accept, and small ones to put a mistake into."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from stepsmith.asl.model import (
    And,
    Branch,
    Catcher,
    Choice,
    ChoiceRule,
    DataTest,
    Fail,
    ItemBatcher,
    ItemProcessor,
    ItemReader,
    Map,
    Not,
    Or,
    Parallel,
    Pass,
    ProcessorConfig,
    ReaderConfig,
    ResultWriter,
    Retrier,
    Rule,
    State,
    StateMachine,
    Succeed,
    Task,
    Wait,
    WriterConfig,
)
from stepsmith.expressions.types import UNDEFINED

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:work"

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=5)
COMMENTS = st.none() | TEXTS
CONSTANTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just("x"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
    max_leaves=4,
)
PATHS = st.sampled_from(["$", "$.a", "$.a[0].b", "$$.Execution.Id", "$v.a"])
REFERENCES = st.sampled_from(["$", "$.a", "$.a.b[0]"])
PATH_FIELDS = st.just(UNDEFINED) | st.none() | PATHS
RESULT_PATHS = st.just(UNDEFINED) | st.none() | REFERENCES
TEMPLATES = (
    st.just(UNDEFINED)
    | st.dictionaries(st.sampled_from("abc"), CONSTANTS, max_size=2)
    | st.fixed_dictionaries({"p.$": PATHS | st.just("States.Format('{}', $.a)")})
)
NAMES = st.lists(st.sampled_from(["A", "States.Timeout", "B.C"]), min_size=1, max_size=3).map(tuple)
SECONDS = st.integers(1, 99_999_999)

RETRIERS = st.builds(
    Retrier,
    error_equals=NAMES,
    interval_seconds=st.none() | SECONDS,
    max_attempts=st.none() | st.integers(0, 9),
    backoff_rate=st.none() | st.floats(1, 10) | st.integers(1, 3),
    max_delay_seconds=st.none() | st.integers(1, 31_622_400),
    jitter_strategy=st.sampled_from([None, "FULL", "NONE"]),
    comment=COMMENTS,
)
RULES: st.SearchStrategy[Rule] = st.recursive(
    st.builds(
        DataTest,
        variable=PATHS,
        operator=st.sampled_from(["StringEquals", "StringMatches", "StringLessThan"]),
        operand=TEXTS,
        comment=COMMENTS,
    )
    | st.builds(DataTest, variable=PATHS, operator=st.just("IsPresent"), operand=st.booleans())
    | st.builds(DataTest, variable=PATHS, operator=st.just("NumericEqualsPath"), operand=PATHS),
    lambda inner: (
        st.builds(And, rules=st.lists(inner, min_size=1, max_size=2).map(tuple), comment=COMMENTS)
        | st.builds(Or, rules=st.lists(inner, min_size=1, max_size=2).map(tuple))
        | st.builds(Not, rule=inner)
    ),
    max_leaves=4,
)


@st.composite
def _scope(draw: st.DrawFn, names: list[str], depth: int) -> dict[str, State]:
    """States in a row, each leading to the next, the last one an end."""
    own = [names.pop() for _ in range(draw(st.integers(1, 3)))]
    states: dict[str, State] = {}
    for name, following in zip(own, [*own[1:], None], strict=True):
        states[name] = draw(_state(names, following, depth))
    return states


@st.composite
def _state(draw: st.DrawFn, names: list[str], following: str | None, depth: int) -> State:
    after: dict[str, Any] = {"next": following} if following else {"end": True}
    common: dict[str, Any] = {
        "comment": draw(COMMENTS),
        "input_path": draw(PATH_FIELDS),
        "output_path": draw(PATH_FIELDS),
    }
    result: dict[str, Any] = {"result_path": draw(RESULT_PATHS), "parameters": draw(TEMPLATES)}
    catch = (
        (Catcher(error_equals=("X",), next=following, result_path=draw(RESULT_PATHS)),) if following else ()
    )
    failure: dict[str, Any] = {
        "retry": tuple(draw(st.lists(RETRIERS, max_size=2))),
        "catch": catch if draw(st.booleans()) else (),
        "result_selector": draw(TEMPLATES),
    }
    kinds = ["Task", "Pass", "Wait"] + (["Choice"] if following else ["Succeed", "Fail"])
    match draw(st.sampled_from(kinds + (["Map", "Parallel"] if depth else []))):
        case "Task":
            timeout = draw(st.sampled_from([{}, {"timeout_seconds": 5}, {"timeout_seconds_path": "$.t"}]))
            return Task(resource=FUNCTION, **common, **result, **failure, **timeout, **after)
        case "Pass":
            return Pass(**common, **result, result=draw(st.just(UNDEFINED) | CONSTANTS), **after)
        case "Wait":
            wait = draw(
                st.sampled_from(
                    [{"seconds": 0}, {"seconds_path": "$.s"}, {"timestamp": "2030-01-01T00:00:00Z"}]
                )
            )
            return Wait(**common, **wait, **after)
        case "Choice":
            assert following
            rules = draw(st.lists(RULES, min_size=1, max_size=2))
            bare = [
                replace(rule, comment=None) for rule in rules
            ]  # the comment of the outermost is the choice's
            choices = tuple(ChoiceRule(next=following, rule=rule, comment=draw(COMMENTS)) for rule in bare)
            return Choice(choices=choices, default=draw(st.sampled_from([None, following])), **common)
        case "Succeed":
            return Succeed(**common)
        case "Fail":
            return Fail(error=draw(st.none() | TEXTS), cause=draw(st.none() | TEXTS))
        case "Map":
            return draw(_map(names, depth, {**common, **result, **failure, **after}))
        case _:
            scopes = [draw(_scope(names, depth - 1)) for _ in range(draw(st.integers(1, 2)))]
            branches = tuple(Branch(start_at=next(iter(states)), states=states) for states in scopes)
            return Parallel(branches=branches, **common, **result, **failure, **after)


@st.composite
def _map(draw: st.DrawFn, names: list[str], depth: int, fields: dict[str, Any]) -> Map:
    states = draw(_scope(names, depth - 1))
    distributed = draw(st.booleans())
    config = ProcessorConfig(mode="DISTRIBUTED", execution_type="STANDARD") if distributed else None
    more: dict[str, Any] = {}
    if distributed:
        more = {
            "label": draw(st.none() | st.just(f"label-{next(iter(states))}")),
            "item_reader": draw(st.none() | st.just(READER)),
            "item_batcher": draw(
                st.none() | st.just(ItemBatcher(max_items_per_batch=3, batch_input={"a": 1}))
            ),
            "result_writer": draw(st.none() | st.just(WRITER)),
            "tolerated_failure_percentage": draw(st.none() | st.floats(0, 100)),
        }
    return Map(
        item_processor=ItemProcessor(start_at=next(iter(states)), states=states, processor_config=config),
        items_path=draw(st.none() | PATHS),
        max_concurrency=draw(st.none() | st.integers(0, 40)),
        **more,
        **fields,
    )


READER = ItemReader(
    resource="arn:aws:states:::s3:getObject",
    parameters={"Bucket": "b", "Key": "k"},
    reader_config=ReaderConfig(
        input_type="CSV",
        csv_header_location="GIVEN",
        csv_headers=("a", "b"),
        csv_delimiter="TAB",
        max_items=9,
    ),
)
WRITER = ResultWriter(
    resource="arn:aws:states:::s3:putObject",
    parameters={"Bucket": "b", "Prefix": "p"},
    writer_config=WriterConfig(transformation="FLATTEN", output_type="JSONL"),
)


@st.composite
def machines(draw: st.DrawFn) -> StateMachine:
    """Draw a state machine in JSONPath."""
    names = [f"S{number}" for number in range(100, 0, -1)]
    states = draw(_scope(names, 2))
    return StateMachine(
        start_at=next(iter(states)),
        states=states,
        comment=draw(COMMENTS),
        version=draw(st.sampled_from([None, "1.0"])),
        timeout_seconds=draw(st.none() | SECONDS),
        query_language=draw(st.sampled_from([None, "JSONPath"])),
    )


def one_state(state: dict[str, Any], **machine: Any) -> dict[str, Any]:
    """Give a machine with the state A, which may lead to Z."""
    states = {"A": state}
    if '"Z"' in repr(state).replace("'", '"'):
        states["Z"] = {"Type": "Succeed"}
    return {"StartAt": "A", "States": states, **machine}


def task(**fields: Any) -> dict[str, Any]:
    """Give a Task state that calls a function."""
    after = {} if "Next" in fields else {"End": True}
    return {"Type": "Task", "Resource": FUNCTION, **fields, **after}


def map_state(processor: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """Give a Map state with one Pass state inside."""
    inner = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}, **(processor or {})}
    return {"Type": "Map", "ItemProcessor": inner, "End": True, **fields}


DISTRIBUTED = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
