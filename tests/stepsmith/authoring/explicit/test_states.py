"""Explicit states: chains, links, and the mistakes that are found when a machine is made."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepsmith import DefinitionError, WorkflowError, task
from stepsmith.asl import render
from stepsmith.diagnostics import InvalidDefinition
from stepsmith.expressions.types import Json
from stepsmith.references import state_input, variable
from stepsmith.service import load
from stepsmith.states import (
    Choice,
    ErrorOutput,
    Fail,
    Flow,
    Map,
    Parallel,
    Pass,
    RawState,
    StateMachine,
    Succeed,
    Wait,
    goto,
    sdk_task,
)


class Broken(WorkflowError):
    """Something is broken."""


class VeryBroken(Broken):
    """Something is broken beyond repair."""


@task
def double(number: int) -> int:
    return number * 2


@task
def clean() -> None: ...


x: Any = variable("x", int)
name: Any = variable("name", str)
ok: Any = variable("ok", bool)
numbers: Any = variable("numbers", list[int])
error: Any = variable("error", ErrorOutput)


def states(flow: Flow[Any], **options: Any) -> dict[str, Any]:
    machine = StateMachine("m", flow, **options)
    return render(machine.definition)["States"]  # type: ignore[return-value]  # a definition is an object


def starts(**values: Any) -> Pass[Any]:
    start = Pass("Start")
    for key, value in values.items():
        start = start.let({"x": x, "name": name, "ok": ok, "numbers": numbers}[key], value)
    return start


def nexts(found: dict[str, Any]) -> dict[str, object]:
    return {name: state.get("Next") or state.get("Default") for name, state in found.items()}


def test_a_chain_is_a_value_and_its_states_stay_as_they_are() -> None:
    a, b, c = Pass("A"), Pass("B"), Pass("C")

    one, two = a >> b, a >> c

    assert (repr(one), repr(two), repr(a)) == (
        "Pass('A') >> Pass('B')",
        "Pass('A') >> Pass('C')",
        "Pass('A')",
    )


def test_a_method_gives_a_new_state() -> None:
    plain = Pass("A")

    changed = plain.let(x, 1)

    assert "Assign" not in states(plain)["A"]
    assert states(changed)["A"]["Assign"] == {"x": 1}


def test_states_are_in_the_order_of_the_chain_with_what_they_lead_to_after_them() -> None:
    handler = clean.state("Clean") >> Fail("Failed")
    flow = (
        starts(ok=True)
        >> double.state("Double", 1).catch(then=handler)
        >> Choice("Ok?").when(ok, Pass("Yes")).otherwise(Pass("No"))
        >> Succeed("Done")
    )

    assert list(states(flow)) == ["Start", "Double", "Clean", "Failed", "Ok?", "Yes", "No", "Done"]


def test_what_follows_a_choice_follows_its_open_ends_and_the_missing_otherwise() -> None:
    choice = Choice("Ok?").when(ok, Pass("Yes")).when(ok, Fail("Failed"))

    found = states(starts(ok=True) >> choice >> Succeed("Done"))

    assert found["Yes"]["Next"] == "Done"
    assert found["Ok?"]["Default"] == "Done"
    assert "Next" not in found["Failed"]


def test_a_handler_that_does_not_end_leads_to_what_follows_the_state() -> None:
    flow = double.state("Double", 1).catch(Broken, then=clean.state("Clean"), error=error) >> Succeed("Done")

    found = states(flow)

    assert found["Clean"]["Next"] == "Done"
    assert found["Double"]["Catch"] == [
        {
            "ErrorEquals": ["Broken", "VeryBroken"],
            "Assign": {"error": "{% $states.errorOutput %}"},
            "Next": "Clean",
        }
    ]


def test_two_handlers_share_a_tail() -> None:
    tail = Fail("Failed")
    flow = double.state("First", 1).catch(then=clean.state("Undo first") >> tail) >> double.state(
        "Second", 1
    ).catch(then=clean.state("Undo second") >> tail)

    found = states(flow)

    assert found["Undo first"]["Next"] == found["Undo second"]["Next"] == "Failed"


def test_goto_leads_back_to_the_state_of_that_name() -> None:
    poll = double.state("Poll", 1)
    again = Wait("Pause", seconds=timedelta(minutes=1)) >> goto(poll)

    found = states(poll.assign(x) >> Choice("Ready?").when(x > 3, Succeed("Done")).otherwise(again))

    assert found["Pause"] == {"Type": "Wait", "Seconds": 60, "Next": "Poll"}


def test_a_loop_with_goto_runs() -> None:
    count: Any = variable("count", int)
    again = Pass("Count").let(count, count + 1) >> goto("Enough?")
    flow = Pass("Start").let(count, 0) >> Choice("Enough?").when(
        count >= 3, Succeed("Done").output(count)
    ).otherwise(again)

    execution = load(StateMachine("m", flow).to_json()).run({})

    assert execution.output == 3


def test_branches_give_a_tuple_and_items_a_list() -> None:
    a, b = variable("a", int), variable("b", int)
    flow = (
        starts(numbers=[1, 2, 3])
        >> Parallel("Both", double.state("First", 4), double.state("Second", 5)).assign((a, b))
        >> Map("Each", numbers, lambda number: double.state("Double", number), max_concurrency=1).assign(
            numbers
        )
        >> Succeed("Done").output([a, b, numbers])
    )
    machine = StateMachine("m", flow)

    execution = load(machine.to_json()).run({}, tasks=machine.tasks)

    assert execution.output == [8, 10, [2, 4, 6]]


def test_every_state_of_an_iteration_sees_the_item() -> None:
    flow = starts(numbers=[1, 2]) >> Map(
        "Each", numbers, lambda number: Pass("First") >> Pass("Second") >> Pass("Third").output(number)
    )

    execution = load(StateMachine("m", flow).to_json()).run({})

    assert execution.output == [1, 2]


def test_a_distributed_iteration_finds_its_item_as_the_input_of_its_execution() -> None:
    flow = starts(numbers=[1, 2]) >> Map(
        "Each",
        numbers,
        lambda number: Pass("First") >> Pass("Second").output(number),
        distributed="EXPRESS",
        tolerated_failure_percentage=10,
    )

    each = states(flow)["Each"]

    assert each["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    assert each["ItemProcessor"]["States"]["Second"]["Output"] == "{% $states.context.Execution.Input %}"


def test_an_integration_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="knows no integration 'dynamodb:getItm'"):
        sdk_task("dynamodb:getItm", result=str)


def test_a_raw_state_gets_the_transition_that_the_chain_gives_it() -> None:
    found = states(RawState("Raw", {"Type": "Pass", "Output": "{% 1 %}"}) >> Succeed("Done"))

    assert found["Raw"] == {"Type": "Pass", "Output": "{% 1 %}", "Next": "Done"}


def test_a_definition_that_is_there_becomes_a_machine() -> None:
    text = StateMachine("m", Pass("Start") >> Succeed("Done")).to_json()

    again = StateMachine.from_json("m", text)

    assert (again.to_json(), again.spans, again.tasks) == (text, {}, {})


def test_a_definition_that_aws_refuses_is_refused() -> None:
    with pytest.raises(InvalidDefinition):
        StateMachine.from_json("m", {"StartAt": "Nowhere", "States": {}})


def test_machine_comment_and_timeout_are_written() -> None:
    machine = StateMachine("m", Pass("A"), comment="Nothing much", timeout=timedelta(hours=1))

    assert (machine.definition.comment, machine.definition.timeout_seconds) == ("Nothing much", 3600)


def leaking_item() -> Flow[Any]:
    kept: list[Any] = []

    def body(item: int) -> Flow[Any]:
        kept.append(item)
        return Pass("A")

    each = Map("Each", [1, 2], body)
    return each >> Succeed("Done").output(kept[0])


def refusals() -> dict[str, tuple[str, Callable[[], Flow[Any]]]]:
    tail = Pass("Tail")
    leading_two_ways = (
        Choice("Ok?").when(ok, tail) >> Pass("B") >> Choice("Again?").when(ok, tail) >> Pass("C")
    )
    return {
        "two states of one name": ("W301", lambda: Pass("A") >> Pass("A")),
        "one name in two branches": ("W301", lambda: Parallel("P", Pass("A"), Pass("A"))),
        "two successors": ("W305", lambda: starts(ok=True) >> leading_two_ways),
        "a successor of an end": ("W306", lambda: Succeed("Done") >> Pass("A")),
        "a target that is not there": ("W303", lambda: Pass("A") >> goto("B")),
        "a target in another scope": ("W303", lambda: Pass("A") >> Parallel("P", Pass("B") >> goto("A"))),
        "a state that nothing leads to": (
            "W304",
            lambda: starts(ok=True) >> Choice("Ok?").when(ok, Fail("F")).otherwise(Fail("G")) >> Pass("A"),
        ),
        "a name that is too long": ("W300", lambda: Pass("A" * 81)),
        "an empty name": ("W300", lambda: Pass("")),
        "a choice without conditions": ("W302", lambda: Choice("Ok?") >> Pass("A")),
        "a variable of another type": ("W310", lambda: double.state("Double", 1).assign(name)),
        "a value of another type": ("W310", lambda: Pass("A").let(x, "text")),
        "an argument of another type": ("W310", lambda: double.state("Double", name)),
        "a variable that no state assigns": ("W322", lambda: Pass("A").output(x)),
        "an outer item": (
            "W321",
            lambda: (
                starts(numbers=[1])
                >> Map("Outer", numbers, lambda a: Map("Inner", numbers, lambda b: Pass("A").output(a + b)))
            ),
        ),
        "an item outside its map": ("W321", leaking_item),
        "an outer variable in a distributed map": (
            "W321",
            lambda: (
                starts(numbers=[1], x=1)
                >> Map("Each", numbers, lambda number: Pass("A").output(x), distributed="STANDARD")
            ),
        ),
    }


@pytest.mark.parametrize("what", list(refusals()))
def test_a_mistake_in_the_graph_has_a_code_a_place_and_a_help(what: str) -> None:
    code, make = refusals()[what]

    with pytest.raises(DefinitionError) as refused:
        StateMachine("m", make())

    found = refused.value.diagnostics[0]
    assert found.code == code
    assert found.span.file == "tests/stepsmith/authoring/explicit/test_states.py"
    assert found.help


def test_a_mistake_is_shown_with_the_line_it_is_on() -> None:
    with pytest.raises(DefinitionError) as refused:
        StateMachine("m", Pass("Here") >> goto("Nowhere"))

    lines = str(refused.value).splitlines()
    assert lines[0].endswith("W303 state 'Here' leads to 'Nowhere', which is not among the states beside it")
    assert lines[1].endswith('StateMachine("m", Pass("Here") >> goto("Nowhere"))')
    assert lines[2].strip(" |") == "^" * len('Pass("Here")')
    assert lines[3].strip().startswith("= help: put that state into the chain")


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: bool(Pass("A")),
        lambda: goto("A") >> Pass("B"),
        lambda: Wait("W"),
        lambda: Wait("W", seconds=1, timestamp="2030-01-01T00:00:00Z"),
        lambda: Choice("C").otherwise(Pass("A")).otherwise(Pass("B")),
        lambda: Choice("C").when(1 == 1, Pass("A")),
        lambda: Pass("A").let(x + 1, 2),
        lambda: Map("M", x, lambda item: Pass("A")),
        lambda: Parallel("P", Pass("A"), Pass("B")).assign((x,)),  # pyright: ignore[reportArgumentType] - what is tested
    ],
)
def test_what_a_state_cannot_take_is_a_type_error(mistake: Callable[[], object]) -> None:
    with pytest.raises(TypeError):
        mistake()


def test_the_items_of_an_outer_map_reach_an_inner_one_through_a_variable() -> None:
    a: Any = variable("a", int)
    flow = starts(numbers=[1, 2]) >> Map(
        "Outer",
        numbers,
        lambda outer: (
            Pass("Keep").let(a, outer) >> Map("Inner", numbers, lambda inner: Pass("Add").output(a + inner))
        ),
    )

    execution = load(StateMachine("m", flow).to_json()).run({})

    assert execution.output == [[2, 3], [3, 4]]


JSONPATH = {"query_language": "JSONPath"}


def test_a_machine_of_jsonpath_runs() -> None:
    flow = (
        starts(x=state_input("x", int), numbers=state_input("numbers", list[int]))
        >> Map("Each", numbers, lambda number: double.state("Double", number)).assign(numbers)
        >> Choice("Many?").when(x > 1, Pass("Add").let(x, x + 10))
        >> Parallel("Both", Pass("A").output({"x": x}), Pass("B").output({"numbers": numbers}))
    )
    machine = StateMachine("m", flow, query_language="JSONPath")

    execution = load(machine.to_json()).run({"x": 2, "numbers": [1, 2]}, tasks=machine.tasks)

    assert execution.output == [{"x": 12}, {"numbers": [2, 4]}]


CHAINS = st.lists(st.sampled_from("ABCDEFGH"), min_size=1, max_size=8, unique=True)


@pytest.mark.slow
@settings(deadline=None)
@given(names=CHAINS, cut=st.integers(0, 7))
def test_joining_chains_does_not_depend_on_brackets(names: list[str], cut: int) -> None:
    made = [Pass(name) for name in names]
    left: Flow[Any] = made[0]
    for state in made[1:]:
        left = left >> state
    at = min(cut, len(made) - 1)
    head, tail = made[: at + 1], made[at + 1 :]
    joined: Flow[Any] = head[0]
    for state in head[1:]:
        joined = joined >> state
    if tail:
        rest: Flow[Any] = tail[-1]
        for state in reversed(tail[:-1]):
            rest = state >> rest
        joined = joined >> rest

    assert states(joined) == states(left)
    assert list(states(left)) == names


@pytest.mark.slow
@settings(deadline=None, max_examples=50)
@given(values=st.lists(st.integers(-100, 100), max_size=6), least=st.integers(-100, 100))
def test_both_query_languages_give_the_same(values: list[int], least: int) -> None:
    def make(query_language: Any) -> StateMachine:
        first: Any = variable("first", int)
        big = Choice("Big?").when(first >= least, Pass("Yes").let(first, first + 1))
        some = Pass("First").let(first, numbers[0]) >> big >> Pass("Found").output({"first": first})
        flow = starts(numbers=state_input("numbers", list[int])) >> Choice("Any?").when(
            _some(), some
        ).otherwise(Fail("None", Broken, "no numbers"))
        return StateMachine("m", flow, query_language=query_language)

    runs = [
        load(make(language).to_json()).run({"numbers": _json(values)}) for language in ("JSONata", "JSONPath")
    ]

    assert runs[0].status == runs[1].status
    assert runs[0].output == runs[1].output
    assert runs[0].error == runs[1].error


def _some() -> Any:
    from stepsmith.references import length

    return length(numbers) > 0


def _json(values: list[int]) -> Json:
    return list(values)
