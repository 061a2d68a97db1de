"""The faults of the cart as it was are found, each with a plan that no shorter one would do for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stepsmith.testing import Ending, Mishap, PropertyBroken, explore
from tests.stepsmith.testing.exploring.cart_as_it_was import checkout_as_it_was
from tests.stepsmith.testing.exploring.old_shop import (
    OldShop,
    asking_the_bank,
    everybody_gets_an_order_of_their_own,
    no_cart_is_paid_for_twice,
    no_money_is_left_held,
    only_confirmed_money_is_taken,
)

Property = Callable[[Ending[OldShop]], None]


def checkout(key: str, *, cart: str = "c1", method: str = "card") -> dict[str, Any]:
    return {"checkout": {"cart": cart, "payment_method": method, "idempotency_key": key}}


def first_fault(
    inputs: list[dict[str, Any]],
    holds: Property | None = None,
    *,
    always: Callable[[OldShop], None] | None = None,
    aborted: bool = True,
) -> PropertyBroken:
    def skip(mishap: Mishap) -> bool:
        return not aborted and mishap.does.startswith("is aborted")

    with pytest.raises(PropertyBroken) as broken:
        explore(
            checkout_as_it_was,
            inputs,
            holds=holds,
            always=always,
            world=OldShop,
            answers=asking_the_bank,
            skip=skip,
            depth=2,
        )
    return broken.value


def shown_again(tmp_path: Path, test: str) -> None:
    """Run a test module as pytest would."""
    path = tmp_path / "test_shown.py"
    path.write_text(test, encoding="utf-8")
    members: dict[str, Any] = {}
    exec(compile(test, str(path), "exec"), members)
    [function] = [value for name, value in members.items() if name.startswith("test_")]
    function()


def test_the_same_key_with_another_payment_method_takes_money_that_nobody_has_confirmed(
    tmp_path: Path,
) -> None:
    inputs = [checkout("k1", method="secure"), checkout("k1")]

    broken = first_fault(inputs, always=only_confirmed_money_is_taken, aborted=False)

    assert broken.plan == (Mishap(at="Confirm payment", does="execution 2 starts"),)
    with pytest.raises(AssertionError, match="k1 was captured without the customer's bank"):
        shown_again(tmp_path, broken.test)


def test_a_used_key_with_another_cart_is_answered_with_somebody_elses_order(tmp_path: Path) -> None:
    broken = first_fault([checkout("k1"), checkout("k1", cart="c2")], everybody_gets_an_order_of_their_own)

    assert broken.plan == ()
    with pytest.raises(AssertionError, match="c2 was answered with another's order"):
        shown_again(tmp_path, broken.test)


def test_one_cart_under_two_keys_at_once_is_paid_for_twice(tmp_path: Path) -> None:
    broken = first_fault([checkout("k1"), checkout("k2")], no_cart_is_paid_for_twice, aborted=False)

    assert broken.plan == (Mishap(at="Authorise payment", does="execution 2 starts"),)
    with pytest.raises(AssertionError, match=r"paid for: \['c1', 'c1'\]"):
        shown_again(tmp_path, broken.test)


def test_an_execution_that_is_aborted_leaves_money_held(tmp_path: Path) -> None:
    broken = first_fault([checkout("k1")], no_money_is_left_held)

    assert broken.plan == (Mishap(at="Authorise payment", does="is aborted after its effect"),)
    with pytest.raises(AssertionError, match=r"held: \{'k1': 700\}"):
        shown_again(tmp_path, broken.test)


def test_what_is_found_says_how_far_the_search_had_come() -> None:
    broken = first_fault([checkout("k1")], no_money_is_left_held)

    told = str(broken)
    assert told.startswith(
        "no_money_is_left_held: held: {'k1': 700}\n\n  execution 1, Authorise payment: is ab"
    )
    assert broken.test in told
    assert f"{broken.exploration.plans} plans, {broken.exploration.states} states" in told
