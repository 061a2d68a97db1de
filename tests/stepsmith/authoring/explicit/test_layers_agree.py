"""Both layers: the compiled function is no larger than the machine written by hand, and does the same."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from stepsmith import Workflow
from stepsmith.asl.model import Map, Parallel, State
from stepsmith.asl.parse import parse
from stepsmith.service import load
from stepsmith.states import StateMachine
from stepsmith.testing import assert_equivalent
from tests.stepsmith.authoring.explicit import functions
from tests.stepsmith.authoring.explicit.machines import customer_onboarding as ob
from tests.stepsmith.authoring.explicit.machines import delayed_vending as dv
from tests.stepsmith.authoring.explicit.machines import image_recognition as im
from tests.stepsmith.authoring.explicit.machines import power_tuning as pt
from tests.stepsmith.authoring.explicit.machines import shopping_cart as sc

PAIRS: list[tuple[Workflow[..., Any], Callable[[], StateMachine]]] = [
    (functions.delayed_vending, dv.delayed_vending),
    (functions.image_recognition, im.image_recognition),
    (functions.shopping_cart, sc.shopping_cart),
    (functions.customer_onboarding, ob.customer_onboarding),
    (functions.power_tuning, pt.power_tuning),
]
CART = {"id": "c", "customer_id": "ann", "lines": [{"sku": "a", "quantity": 2, "unit_cents": 300}]}
INPUTS: list[tuple[Workflow[..., Any], Callable[[], StateMachine], dict[str, Any]]] = [
    *(
        (functions.shopping_cart, sc.shopping_cart, {"cart": {**CART, **change}})
        for change in (
            {"coupon": None},
            {"coupon": "TEN"},
            {"lines": []},
            {"customer_id": "island"},
            {"lines": [{"sku": "a", "quantity": 11, "unit_cents": 1}]},
            {"lines": [{"sku": "a", "quantity": 9, "unit_cents": 90_000}]},
        )
    ),
    *(
        (functions.power_tuning, pt.power_tuning, {"function_arn": "arn", "power_values": [128, 256], **more})
        for more in ({}, {"strategy": "speed", "apply": True})
    ),
]


def count(states: Mapping[str, State]) -> int:
    total = 0
    for state in states.values():
        total += 1
        if isinstance(state, Parallel):
            total += sum(count(branch.states) for branch in state.branches)
        if isinstance(state, Map):
            total += count(state.item_processor.states)
    return total


@pytest.mark.parametrize(("function", "machine"), PAIRS, ids=[function.name for function, _ in PAIRS])
def test_the_compiled_function_has_no_more_states(
    function: Workflow[..., Any], machine: Callable[[], StateMachine]
) -> None:
    assert count(function.definition.states) <= count(parse(machine().to_json()).states)


@pytest.mark.parametrize(("function", "machine", "input"), INPUTS)
def test_both_layers_end_alike(
    function: Workflow[..., Any], machine: Callable[[], StateMachine], input: dict[str, Any]
) -> None:
    explicit = machine()
    arguments = function.boundary.from_json(input)

    by_hand = load(explicit.to_json()).run(function.check_input(input), tasks=explicit.tasks)
    compiled = function.run(**arguments)

    assert (compiled.status, compiled.output, compiled.error) == (
        by_hand.status,
        by_hand.output,
        by_hand.error,
    )
    assert compiled.elapsed == by_hand.elapsed
    assert_equivalent(function, **arguments)
