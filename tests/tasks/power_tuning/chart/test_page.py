import re

import pytest

from tasks.power_tuning.chart.page import STYLE, chart_figure, chart_page
from tasks.power_tuning.chart.runs import ChartRun
from tests.tasks.power_tuning.chart.drawn import HOSTILE, Page, a_run, a_run_on_arm

BOTH = [a_run(), a_run_on_arm()]


def told(page: str) -> str:
    """The text before the drawing, without tags."""
    return re.sub(r"<style>.*?</style>|<[^>]+>", "", page.partition("<svg")[0], flags=re.DOTALL)


@pytest.mark.parametrize("runs", [[a_run()], BOTH], ids=["one", "two"])
def test_a_page_needs_nothing_from_elsewhere_and_runs_nothing(runs: list[ChartRun]) -> None:
    page = chart_page(runs)

    forbidden = r"<script|<link|<img|<iframe|<object|<use|@import|url\(|https?:|src=|href=|\son\w+="
    assert not re.search(forbidden, page, re.IGNORECASE)


@pytest.mark.parametrize("runs", [[a_run()], BOTH], ids=["one", "two"])
def test_a_page_can_be_read_by_everybody(runs: list[ChartRun]) -> None:
    """A language, one title, one heading, a drawing with a name, and every figure in a table with headings."""
    page = chart_page(runs)
    found = Page(page)
    tags = [tag for tag, _ in found.opened]

    assert ("html", {"lang": "en"}) in found.opened
    assert (tags.count("h1"), tags.count("main"), tags.count("svg")) == (1, 1, 1)
    assert re.search(r'<svg [^>]*role="img" aria-label="[^"]+"><title>[^<]+</title>', page)
    assert tags.count("table") == tags.count("caption") == 3
    assert all(attributes.get("scope") for tag, attributes in found.opened if tag == "th")
    assert ("meta", {"charset": "utf-8"}) in found.opened
    assert "></th>" not in page
    for tag in re.findall(r"<t[hdr]\b[^>]*>", page):
        assert re.fullmatch(r'<t[hdr]( (scope|class|colspan)="[a-z0-9 ]+")*>', tag)


def test_a_page_says_which_function_where_and_what_is_best() -> None:
    page = chart_page([a_run(512, 128)])

    assert "<title>Power tuning of resize, x86_64, eu-west-1</title>" in page
    assert "<h1>Power tuning of resize, x86_64, eu-west-1</h1>" in page
    assert "512 MB is best for cost: 195 ms and 0.512 USD for a million runs." in told(page)


def test_a_size_that_is_not_clearly_best_is_said_not_to_be() -> None:
    assert "512 MB is best for speed, but not clearly: " in told(
        chart_page([a_run(512, 1024, tied=(1024,), strategy="speed")])
    )


def test_the_balanced_strategy_has_a_name_in_a_sentence() -> None:
    assert "is best for the balance of cost and speed: " in told(chart_page([a_run(strategy="balanced")]))


def test_warnings_are_sentences() -> None:
    page = chart_page([a_run(warnings=("the figures are a model's", "128 MB could not be measured"))])

    assert "<li>The figures are a model&#x27;s.</li><li>128 MB could not be measured.</li>" in page


def test_of_two_runs_the_page_says_how_much_better_the_second_is_at_its_best() -> None:
    text = told(chart_page(BOTH))

    assert "Power tuning of resize: x86_64 and arm64" in text
    assert "x86_64: 128 MB is best for cost: 781 ms and 0.128 USD" in text
    assert "arm64: 1,024 MB is best for cost: 78.12 ms and 0.717 USD" in text
    assert "arm64 at its best against x86_64 at its best: \u221290 % time, +460 % cost." in text


def test_what_two_runs_warn_of_alike_is_said_once() -> None:
    runs = [a_run(warnings=("it is a model", "one")), a_run_on_arm(warnings=("it is a model", "two"))]

    page = chart_page(runs)

    assert "<li>It is a model.</li><li>x86_64: One.</li><li>arm64: Two.</li></ul>" in page


def test_two_functions_are_both_in_the_title() -> None:
    page = chart_page([a_run(function="old"), a_run(function="new")])

    assert "<title>Power tuning of old and new</title>" in page


def test_what_is_known_by_its_address_only_has_a_page() -> None:
    bare = a_run(
        best=None, function=None, region=None, architecture=None, started=None, runs=None, strategy=None
    )

    assert "<h1>Power tuning</h1>" in chart_page([bare])
    assert "at its best" not in chart_page([bare, a_run_on_arm()])
    assert "<strong>" not in chart_page([bare])
    assert "<strong>1,024 MB</strong> is best:" in chart_page([a_run_on_arm(strategy=None)])


@pytest.mark.parametrize("is_two", [False, True])
def test_text_of_others_stays_text(is_two: bool) -> None:
    run = a_run(
        512,
        failing={128: HOSTILE},
        function=HOSTILE,
        region=HOSTILE,
        architecture=HOSTILE,
        measured_by=HOSTILE,
        currency=HOSTILE,
        strategy=HOSTILE,
        warnings=(HOSTILE,),
    )
    other = a_run(512, function=f"other {HOSTILE}", currency=HOSTILE)

    page = chart_page([run, other] if is_two else [run])

    assert "<script" not in page
    assert page.count("</title>") == page.count("<title>")
    assert page.count("&lt;script&gt;") >= 8
    Page(page)


def test_a_page_is_readable_in_light_and_dark() -> None:
    page = chart_page([a_run()])

    assert "@media (prefers-color-scheme:dark){.power-tuning{--ink:#e6edf3" in page
    assert '<meta name="color-scheme" content="light dark">' in page


def test_a_notebook_shows_the_same_with_a_heading_of_its_own_level() -> None:
    figure, page = chart_figure([a_run()]), chart_page([a_run()])

    assert figure.replace("h2>", "h1>") in page
    assert not re.search(r"\sid=", figure)


def test_wide_tables_scroll_by_themselves() -> None:
    assert chart_page(BOTH).count('<div class="wide"><table>') == 3


def lines(runs: list[ChartRun]) -> list[str]:
    """What stands before the drawing, line by line, from the heading on."""
    return [line for line in told(chart_page(runs)).splitlines() if line][1:]


def test_above_the_drawing_stand_the_heading_and_what_is_best_and_nothing_else() -> None:
    heading = "Power tuning of resize, x86_64, eu-west-1"
    verdict = "128 MB is best for cost: 781 ms and 0.128 USD for a million runs."

    assert lines([a_run()]) == [heading, verdict]
    assert lines([a_run(warnings=("one", "two"))]) == [heading, verdict + "One.Two."]
    assert lines([a_run(best=None)]) == [heading]


def test_above_two_runs_one_of_which_has_no_best_stands_the_other() -> None:
    assert lines([a_run(best=None), a_run_on_arm(tied=(512,))]) == [
        "Power tuning of resize: x86_64 and arm64",
        "arm64: 1,024 MB is best for cost, but not clearly: 78.12 ms and 0.717 USD for a million runs.",
    ]


def test_every_colour_has_a_light_and_a_dark_form() -> None:
    found = re.findall(r"\{((?:--[a-z]+:[^;}]+[;\n]*)+)[;}]", STYLE)
    colours = [dict(part.strip().split(":") for part in each.split(";")) for each in found]

    assert [set(each) for each in colours] == [
        {"--ink", "--soft", "--line", "--ground", "--time", "--cost", "--best", "--bad"}
    ] * 4
    assert all(
        re.fullmatch(r"#([0-9a-f]{3}|[0-9a-f]{6})", colour) for each in colours for colour in each.values()
    )
    assert set(re.findall(r"var\((--[a-z]+)\)", STYLE)) == set(colours[0])
