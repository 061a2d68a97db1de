import re

import pytest

from tasks.power_tuning.chart.runs import ChartRun
from tasks.power_tuning.chart.tables import extremes, facts, figures, figures_of_both
from tests.tasks.power_tuning.chart.drawn import HOSTILE, Page, a_run, a_run_on_arm, a_size


def rows(html: str) -> list[list[str]]:
    (table,) = Page(html).tables.values()
    return table


def one(run: ChartRun) -> list[list[str]]:
    return rows(figures(run))


UNLIKE = (
    a_size(128, duration=900, cost=3e-6, p95=950, deviation=12),
    a_size(512, duration=300, cost=2e-6),
    a_size(1024, duration=200, cost=9e-6),
)


def test_every_size_has_its_figures_and_what_is_special_about_it() -> None:
    run = a_run(sizes=UNLIKE, best=512, tied=(1024,))

    assert one(run) == [
        ["Memory", "Duration, ms", "p95, ms", "Deviation, ms", "Million runs, USD", "Runs", "Notes"],
        ["128 MB", "900", "950", "12", "3", "9", "slowest"],
        ["512 MB", "300", "234", "3.25", "2", "9", "best, cheapest"],
        ["1,024 MB", "200", "117", "3.25", "9", "9", "most expensive, fastest, within the noise of the best"],
    ]


def test_the_best_size_is_set_off() -> None:
    html = figures(a_run(128, 512, best=512))

    assert html.count('<tr class="best">') == 1
    assert '<tr class="best"><th scope="row">512 MB</th>' in html


def test_the_best_sizes_of_two_runs_are_set_off() -> None:
    runs = (a_run(128, 512, 1024, best=512), a_run_on_arm(128, 512, 1024, best=1024))

    html = figures_of_both(runs, ("one", "other"))

    assert re.findall(r'<tr class="best"><th scope="row">([^<]*)', html) == ["512 MB", "1,024 MB"]


def test_a_failed_size_stands_in_order_with_its_reason() -> None:
    run = a_run(128, 1024, failing={512: "out of memory " + "x" * 600})

    found = one(run)

    assert [row[0] for row in found] == ["Memory", "128 MB", "512 MB", "1,024 MB"]
    assert found[2][1] == ("out of memory " + "x" * 600)[:500]
    assert 'colspan="6"' in figures(run)


def test_what_is_not_known_of_a_size_is_left_empty() -> None:
    run = a_run(sizes=(a_size(128, p95=None, deviation=None, samples=None),), best=None)

    assert one(run)[1][:6] == ["128 MB", "781", "", "", "0.128", ""]


def test_best_and_worst_cost_and_time_are_listed() -> None:
    html = extremes([a_run(sizes=UNLIKE)], ["x"])

    assert "<caption>Best and worst</caption>" in html
    assert rows(html) == [
        ["", "Memory", "Million runs, USD", "Duration, ms"],
        ["Best cost", "512 MB", "2", "300"],
        ["Worst cost", "1,024 MB", "9", "200"],
        ["Best time", "1,024 MB", "9", "200"],
        ["Worst time", "128 MB", "3", "900"],
    ]


def test_best_and_worst_of_two_runs_stand_beside_each_other() -> None:
    found = rows(extremes([a_run(sizes=UNLIKE), a_run_on_arm(128)], ["old", "new"]))

    assert found[0] == ["", "old", "new"]
    assert found[2] == ["Best cost", "512 MB", "2", "300", "128 MB", "0.0896", "625"]


def test_figures_that_are_none_are_neither_best_nor_worst() -> None:
    strange = a_run(sizes=(a_size(128, duration=float("nan"), cost=float("inf")),), best=None)

    assert rows(extremes([strange], ["x"]))[1] == ["Best cost", "unknown", "", ""]


def test_two_runs_are_compared_size_by_size() -> None:
    first = a_run(sizes=UNLIKE, best=512, failing={2048: "no"})
    second = a_run_on_arm(sizes=(a_size(128, duration=450, cost=3.3e-6, p95=500, deviation=7), a_size(2048)))

    html = figures_of_both([first, second], ["old", "new"])

    table, titles = rows(html)[2:], rows(html)[:2]
    assert titles[0] == ["", "Duration, ms", "Million runs, USD", "p95, ms", "Deviation, ms"]
    assert titles[1] == ["Memory", *["old", "new", "change"] * 2, "old", "new", "old", "new"]
    assert table[0] == ["128 MB", "900", "450", "\u221250 %", "3", "3.3", "+10 %", "950", "500", "12", "7"]
    assert table[1] == ["512 MB", "300", "", "", "2", "", "", "234", "", "3.25", ""]
    assert table[3] == ["2,048 MB", "failed", "48.83", "", "failed", "2.05", "", "", "58.59", "", "3.25"]
    assert "<li>old: 2,048 MB failed: no</li>" in html
    assert html.count('<tr class="best">') == 2


def test_where_nothing_failed_there_is_no_list_of_failures() -> None:
    assert "<ul" not in figures_of_both([a_run(), a_run_on_arm()], ["old", "new"])


def test_how_it_was_measured_is_told() -> None:
    assert rows(facts([a_run()], ["x"])) == [
        ["Function", "resize"],
        ["Region", "eu-west-1"],
        ["Architecture", "x86_64"],
        ["Date", "2026-03-01 12:30 UTC"],
        ["Runs", "10 for each size"],
        ["Measured by", "AWS Lambda"],
        ["Best by", "cost"],
    ]


def test_how_two_runs_were_measured_is_told_beside_each_other() -> None:
    cold = a_run_on_arm(is_cold=True, runs=2000, region=None, started=None, strategy=None, measured_by=None)

    found = rows(facts([a_run(), cold], ["old", "new"]))

    assert found[0] == ["", "old", "new"]
    assert [row[2] for row in found[1:]] == [
        "resize",
        "unknown",
        "arm64",
        "unknown",
        "2,000 for each size, each a cold start",
        "unknown",
        "unknown",
    ]


def test_without_a_number_of_runs_it_is_unknown() -> None:
    assert rows(facts([a_run(runs=None, function=None)], ["x"]))[4] == ["Runs", "unknown"]


@pytest.mark.parametrize("is_two", [False, True])
def test_reasons_and_names_stay_text(is_two: bool) -> None:
    run = a_run(failing={2048: HOSTILE}, currency=HOSTILE)

    html = figures_of_both([run, a_run_on_arm()], [HOSTILE, "b"]) if is_two else figures(run)

    assert "<script" not in html
    assert HOSTILE in "".join(Page(html).texts)


def test_the_heading_above_notes_stands_where_they_begin() -> None:
    assert '<th scope="col" class="notes">Notes</th>' in figures(a_run())


def test_headings_stand_above_as_many_columns_as_they_name() -> None:
    both, best = figures_of_both([a_run(), a_run_on_arm()], ["a", "b"]), extremes([a_run()] * 2, ["a", "b"])

    assert re.findall(r'colspan="(\d+)"', both) == ["3", "3", "2", "2"]
    assert re.findall(r'colspan="(\d+)"', best) == ["3", "3"]
    assert len(rows(both)[1]) == 1 + 3 + 3 + 2 + 2
    assert len(rows(best)[1]) == 1 + 3 + 3


def test_only_sizes_are_set_off_as_best() -> None:
    assert 'class="best"' not in extremes([a_run()], ["x"]) + facts([a_run()], ["x"])
    assert 'class="best"' not in figures(a_run(best=None, failing={2048: "no"}))
