"""PT-07: the chart address is the reference's, and decodes back."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.errors import InvalidInput
from tasks.power_tuning.chart.address import Point, chart_address, points_in

POINTS = st.lists(
    st.builds(
        Point, st.integers(1, 32_767), st.floats(0, 2.0**99, width=32), st.floats(0, 2.0**99, width=32)
    ),
    unique_by=lambda point: point.power,
    max_size=46,
)


def test_points_are_ordered_by_memory_size() -> None:
    address = chart_address([Point(3, 1, 2), Point(1, 2, 3), Point(2, 2, 2)], "https://prefix/")

    assert address == "https://prefix/#AQACAAMA;AAAAQAAAAEAAAIA/;AABAQAAAAEAAAABA"


def test_costs_in_china_are_in_its_currency() -> None:
    assert chart_address([], "https://v/", region="cn-north-1") == "https://v/?currency=CNY#;;"


def test_a_size_beyond_16_bits_wraps() -> None:
    assert points_in(chart_address([Point(40_000, 1, 1)])) == [Point(40_000 - 65_536, 1, 1)]


def test_a_duration_beyond_32_bits_is_infinite() -> None:
    assert points_in(chart_address([Point(1, 1e300, -1e300)])) == [Point(1, float("inf"), float("-inf"))]


@given(POINTS)
def test_an_address_decodes_back(points: list[Point]) -> None:
    assert points_in(chart_address(points)) == sorted(points, key=lambda point: point.power)


@pytest.mark.parametrize("address", ["", "https://v/", "#a;b;c", "#AQA=;;", "#AQA=;AAAAQA==;!", "#;;;"])
def test_what_carries_no_points_is_refused(address: str) -> None:
    with pytest.raises(InvalidInput, match="no chart address"):
        points_in(address)


def test_figures_are_rounded_to_32_bits() -> None:
    (point,) = points_in(chart_address([Point(128, 0.1, 0.2)]))

    assert (point.duration, point.cost) == struct.unpack("<2f", struct.pack("<2f", 0.1, 0.2))


def test_the_page_is_the_originals_and_its_figures_are_strictly_base64() -> None:
    address = chart_address([Point(512, 200, 1e-6)])

    assert address.startswith("https://lambda-power-tuning.show/#")
    with pytest.raises(InvalidInput, match="is no chart address"):
        points_in(address.replace(";", ";!", 1))
