import pytest

from tasks.errors import Unsupported
from tasks.power_tuning.prices import (
    LambdaPrice,
    base_price,
    lambda_price,
    reference_execution_cost,
    reference_price,
    reference_total,
    regional_price,
)


def test_a_run_costs_its_gigabyte_seconds_and_one_request() -> None:
    price = LambdaPrice(gb_second=0.0000166667, request=0.0000002, currency="USD", is_approximate=False)

    assert price.of(1024, 1000) == pytest.approx(0.0000168667)
    assert price.of(512, 3000, requests=3) == pytest.approx(1.5 * 0.0000166667 + 3 * 0.0000002)


def test_list_prices_are_exact_where_they_are_known() -> None:
    x86, arm = lambda_price("eu-west-1", "x86_64"), lambda_price("eu-west-1", "arm64")

    assert (x86.gb_second, arm.gb_second, x86.request) == (0.0000166667, 0.0000133334, 0.0000002)
    assert not x86.is_approximate


def test_the_reference_rounds_its_prices_up() -> None:
    exact = lambda_price("us-east-1", "arm64").gb_second / 8 / 1000

    assert base_price("us-east-1", "arm64") / exact == pytest.approx(1.02, abs=0.001)


@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
def test_a_dearer_region_is_dearer_for_both_architectures_and_marked(architecture: str) -> None:
    price = lambda_price("ap-east-1", architecture)

    assert price.gb_second > 1.3 * lambda_price("eu-west-1", architecture).gb_second
    assert price.is_approximate


def test_china_is_priced_in_its_own_currency() -> None:
    assert lambda_price("cn-north-1", "x86_64").currency == "CNY"


@pytest.mark.parametrize("price", [base_price, lambda_price])
def test_an_unknown_architecture_has_no_price(price: object) -> None:
    with pytest.raises(Unsupported, match="'riscv'"):
        price("us-east-1", "riscv")  # pyright: ignore[reportCallIssue] - either function


def test_a_price_of_0_is_a_price() -> None:
    assert regional_price({"default": 5, "eu-west-1": 0}, "eu-west-1") == 0


def test_the_reference_rounds_each_run_up_to_a_millisecond() -> None:
    assert reference_price(2.1e-9, 128, 1024, 99.1) == reference_price(2.1e-9, 128, 1024, 100)
    assert reference_total(2.1e-9, 128, 1024, [100, 150, 200, 300, 400]) == pytest.approx(1.932e-05)


def test_the_reference_counts_transitions_by_its_own_formula() -> None:
    assert reference_execution_cost(0.000025, 6, only_cold_starts=False, runs=165) == 0.0006
    assert reference_execution_cost(0.000025, 39, only_cold_starts=True, runs=165) == 0.32288


def test_a_cost_in_the_middle_is_rounded_up() -> None:
    assert reference_execution_cost(0.015625 / 9, 1, only_cold_starts=False, runs=0) == 0.01563
