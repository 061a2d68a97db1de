"""The five workflows as machines of explicit states: their definitions, and what they do."""

from collections.abc import Callable
from datetime import timedelta
from types import FunctionType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from stepsmith import TaskTimeout
from stepsmith.asl import check
from stepsmith.expressions.types import Json
from stepsmith.service import Execution, Machine, load
from stepsmith.states import StateMachine
from tests.stepsmith.authoring.explicit.functions import delayed_vending as delayed_vending_function
from tests.stepsmith.authoring.explicit.machines.customer_onboarding import customer_onboarding
from tests.stepsmith.authoring.explicit.machines.delayed_vending import (
    delayed_vending,
    delayed_vending_in_jsonpath,
)
from tests.stepsmith.authoring.explicit.machines.image_recognition import image_recognition
from tests.stepsmith.authoring.explicit.machines.power_tuning import power_tuning
from tests.stepsmith.authoring.explicit.machines.shopping_cart import shopping_cart

MACHINES = [
    customer_onboarding,
    delayed_vending,
    delayed_vending_in_jsonpath,
    image_recognition,
    power_tuning,
    shopping_cart,
]


class Definition(SingleFileSnapshotExtension):
    file_extension = "asl.json"
    _write_mode = WriteMode.TEXT


def run(machine: StateMachine, input: Json, **options: Any) -> Execution[Json]:
    return load(machine.to_json()).run(input, tasks=machine.tasks, **options)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.__name__)
def test_the_definition_is_as_committed(
    machine: Callable[[], StateMachine], snapshot: SnapshotAssertion
) -> None:
    text = machine().to_json()

    assert text == snapshot.use_extension(Definition)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.__name__)
def test_the_definition_passes_our_own_door_without_a_remark(machine: Callable[[], StateMachine]) -> None:
    assert check(machine().to_json()) == ()


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.__name__)
def test_every_state_knows_its_line(machine: FunctionType) -> None:
    made = machine()

    assert set(made.definition.states) <= set(made.spans)
    assert {span.file for span in made.spans.values()} == {f"{machine.__module__.replace('.', '/')}.py"}


@pytest.mark.parametrize("machine", [delayed_vending, delayed_vending_in_jsonpath])
def test_the_money_is_taken_when_the_product_drops(machine: Callable[[], StateMachine]) -> None:
    execution = run(machine(), {"purchase": {"machine_id": "m1", "product": "water", "price_cents": 150}})

    assert execution.output == {"authorisation": "auth-m1-itself", "delivered": True}
    assert execution.elapsed == timedelta(seconds=90)


@pytest.mark.parametrize("machine", [delayed_vending, delayed_vending_in_jsonpath])
def test_the_money_goes_back_when_the_machine_jams(machine: Callable[[], StateMachine]) -> None:
    execution = run(machine(), {"purchase": {"machine_id": "m1", "product": "stuck", "price_cents": 150}})

    assert execution.output == {"authorisation": "auth-m1-itself", "delivered": False}
    assert "Void payment" in execution.path


PURCHASES = st.fixed_dictionaries(
    {
        "machine_id": st.text("abc123", min_size=1, max_size=5),
        "product": st.just("stuck") | st.text("abc", min_size=1, max_size=5),
        "price_cents": st.integers(0, 100_000),
    }
)


@pytest.mark.slow
@settings(deadline=None)
@given(purchase=PURCHASES)
def test_both_layers_of_delayed_vending_agree(purchase: Json) -> None:
    function = Machine(delayed_vending_function.definition).run(
        {"purchase": purchase}, tasks=delayed_vending_function.tasks
    )
    explicit = run(delayed_vending(), {"purchase": purchase})

    assert (explicit.status, explicit.output) == (function.status, function.output)
    assert explicit.elapsed == function.elapsed


def test_the_function_compiles_to_no_more_states_than_are_written_by_hand() -> None:
    assert len(delayed_vending_function.definition.states) <= len(delayed_vending().definition.states)


CART = {"id": "c", "customer_id": "u", "lines": [{"sku": "a", "quantity": 2, "unit_cents": 100}]}


def test_a_cart_is_charged_and_shipped() -> None:
    execution = run(shopping_cart(), {"cart": CART})

    assert execution.output == {
        "cart_id": "c",
        "total_cents": 690,
        "payment_id": "pay-u",
        "tracking": "track-c",
    }


def test_an_empty_cart_is_refused_with_its_name() -> None:
    execution = run(shopping_cart(), {"cart": {**CART, "lines": []}})

    assert (execution.error, execution.cause) == ("EmptyCart", "cart c has no lines")


def test_payment_and_reservations_are_undone_when_no_carrier_goes_there() -> None:
    execution = run(shopping_cart(), {"cart": {**CART, "customer_id": "island"}})

    assert execution.error == "CarrierUnavailable"
    assert execution.path[-4:] == [
        "Undo payment and reservations",
        "Refund",
        "Release reservations after refund",
        "Checkout failed",
    ]


APPLICANT = {"email": "e", "country": "FR", "age": 20}


@pytest.mark.parametrize(
    ("decision", "output", "cause"),
    [
        ({"approved": True, "reviewer": "ann"}, {"id": "acc-e", "approved_by": "ann"}, None),
        ({"approved": False, "reviewer": "ann", "comment": None}, None, "declined by reviewer"),
        ({"approved": False, "reviewer": "ann", "comment": "too new"}, None, "too new"),
    ],
)
def test_an_account_is_opened_when_the_reviewer_agrees(
    decision: Json, output: Json, cause: str | None
) -> None:
    execution = run(
        customer_onboarding(),
        {"applicant": APPLICANT},
        responders={"request_review": lambda payload: decision},
    )

    assert (execution.output, execution.cause) == (output, cause)


def test_an_application_that_nobody_reviews_expires() -> None:
    def expire(payload: Json) -> Json:
        raise TaskTimeout("nobody")

    execution = run(customer_onboarding(), {"applicant": APPLICANT}, responders={"request_review": expire})

    assert execution.cause == "nobody reviewed the application in time"


def test_defaults_of_the_input_are_filled_in() -> None:
    execution = run(power_tuning(), {"function_arn": "f", "power_values": [128, 256]})

    assert execution.output == {"power": 128, "cost": 0.128, "duration": 78.125}


def test_versions_are_deleted_when_measuring_fails() -> None:
    def fail(payload: Json) -> Json:
        raise RuntimeError("no capacity")

    machine = power_tuning()

    execution = load(machine.to_json()).run(
        {"function_arn": "f", "power_values": [128]}, tasks={**machine.tasks, "measure": fail}
    )

    assert execution.error == "RuntimeError"
    assert execution.path[-2:] == ["Clean up on error", "Measuring failed"]
