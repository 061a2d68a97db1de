import itertools
import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as xml

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.power_tuning.chart.page import LABEL, MemoryScale, chart_figure, chart_page, number, ticks
from tasks.power_tuning.models import PowerMeasurement, PowerStatus, TuningReport
from tasks.power_tuning.reporting import report
from tests.tasks.power_tuning.worlds import FaultyLambda, plan_for

HOSTILE = "</title><script>alert(1)</script>&\"'"


def a_report(*powers: int, failing: dict[int, str] | None = None) -> TuningReport:
    measured = [
        PowerMeasurement(
            power=power,
            status=PowerStatus.MEASURED,
            samples=5,
            average_duration=100_000 / power,
            average_price=power * 1e-9,
        )
        for power in powers or (128, 512, 1024)
    ]
    failed = [
        PowerMeasurement(power=power, status=PowerStatus.FAILED, failure=reason)
        for power, reason in (failing or {}).items()
    ]
    return report(plan_for(FaultyLambda()), [*measured, *failed], 16)


def drawings(page: str) -> list[xml.Element]:
    return [xml.fromstring(text) for text in re.findall(r"<svg.*?</svg>", page, re.DOTALL)]


def test_a_page_needs_nothing_from_elsewhere_and_runs_nothing() -> None:
    page = chart_page(a_report())

    assert not re.search(r"<script|<link|<img|<iframe|@import|url\(|https?:|\son\w+=", page, re.IGNORECASE)


def test_there_is_a_drawing_for_duration_and_one_for_cost() -> None:
    duration, cost = drawings(chart_page(a_report()))

    assert duration.attrib["aria-label"] == "Duration of a run, milliseconds by memory size"
    assert cost.attrib["aria-label"] == "Cost of a million runs, USD by memory size"


def test_each_size_is_a_point_and_the_best_has_a_ring() -> None:
    for drawing in drawings(chart_page(a_report(128, 512, 1024))):
        rings = [circle for circle in drawing.iter("circle") if circle.attrib["class"] == "ring"]
        assert len(list(drawing.iter("circle"))) - len(rings) == 3
        assert len(rings) == 1


def test_a_failed_size_is_a_cross_with_its_reason_in_the_table() -> None:
    page = chart_page(a_report(512, failing={128: "out of memory"}))

    assert all(
        len([path for path in one.iter("path") if path.attrib["class"] == "cross"]) == 1
        for one in drawings(page)
    )
    assert '<td>128 MB</td><td class="reason" colspan="2">out of memory</td>' in page


def test_points_stay_within_the_drawing() -> None:
    for drawing in drawings(chart_page(a_report(*range(128, 3009, 64), failing={10_240: "x"}))):
        for circle in drawing.iter("circle"):
            assert 0 <= float(circle.attrib["cx"]) <= 720
            assert 0 <= float(circle.attrib["cy"]) <= 190


def test_text_of_others_is_escaped() -> None:
    page = chart_page(a_report(512, failing={128: HOSTILE}), title=HOSTILE)

    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 3


def test_a_page_is_readable_in_light_and_dark() -> None:
    page = chart_page(a_report())

    assert "prefers-color-scheme:dark" in page
    assert '<meta name="color-scheme" content="light dark">' in page


def test_tags_are_balanced() -> None:
    open_tags: list[str] = []

    class Balance(HTMLParser):
        def handle_starttag(self, tag: str, attrs: Any) -> None:
            if tag not in ("meta", "line"):
                open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

        def handle_startendtag(self, tag: str, attrs: Any) -> None: ...

    Balance().feed(chart_page(a_report(512, failing={128: "x"})))

    assert open_tags == []


def test_a_notebook_shows_the_same_figure() -> None:
    one = a_report()

    assert one._repr_html_() == chart_figure(one)


def test_a_single_size_has_a_chart() -> None:
    assert len(drawings(chart_page(a_report(512)))) == 2


def test_sizes_within_the_noise_are_flagged() -> None:
    alike = [
        PowerMeasurement(
            power=power,
            status=PowerStatus.MEASURED,
            samples=5,
            average_duration=100,
            average_error=error,
            average_price=price,
        )
        for power, price, error in ((128, 1e-7, 40), (512, 1.1e-7, 40), (1024, 9e-7, 1))
    ]

    page = chart_page(report(plan_for(FaultyLambda()), alike, 16))

    assert "<strong>128 MB</strong> is best for cost, but not clearly" in page
    assert re.findall(r"≈ </span>(\d+) MB", page) == ["512"]
    assert "The difference from 512 MB is within the noise." in page


def test_a_long_word_in_a_reason_is_broken() -> None:
    page = chart_page(a_report(512, failing={128: "x" * 400}))

    assert "td.reason{text-align:left;color:var(--bad);overflow-wrap:anywhere}" in page


def test_the_summary_says_what_measured() -> None:
    assert "Measured by a performance model." in chart_page(a_report())


@given(st.floats(1e-9, 1e12))
def test_ticks_are_few_and_reach_the_highest(highest: float) -> None:
    marks = ticks(highest)

    assert 3 <= len(marks) <= 6
    assert marks[0] == 0
    assert marks[-1] >= highest * (1 - 1e-6)


@pytest.mark.parametrize("highest", [0, float("inf"), -1])
def test_there_are_ticks_for_nothing_too(highest: float) -> None:
    assert ticks(highest) == [0, 1]


@given(st.lists(st.integers(128, 10_240), min_size=1, max_size=60))
def test_labels_do_not_touch_each_other_and_the_best_has_one(powers: list[int]) -> None:
    scale = MemoryScale.over(powers)

    labels = scale.labels(powers[0])

    places = [scale.at(power) for power in labels]
    assert all(later - earlier >= LABEL for earlier, later in itertools.pairwise(places))
    assert powers[0] in labels


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1234567.8, "1,234,568"),
        (469.4, "469"),
        (12.5, "12.5"),
        (0.01234, "0.0123"),
        (0.0000312, "0.0000312"),
        (0.1, "0.1"),
        (3e-12, "3e-12"),
        (float("inf"), "unknown"),
    ],
)
def test_figures_have_the_digits_that_matter(value: float, text: str) -> None:
    assert number(value) == text
