from html.parser import HTMLParser
from typing import Any

import pytest

from stepsmith.views import Report, Source, report_html, report_text
from stepsmith.views.histories.events_table import KINDS, MOST, events_table, kinds_of
from tests.stepsmith.views.machines import COUNTED, HOSTILE, ORDER, REFUSED, RETRIED, event

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


class Tags(HTMLParser):
    """The tags of an HTML text that were opened, and the attributes they have."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        if tag != "input":
            self.open.append(tag)
        self.attributes.extend(attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes.extend(attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def report(**changes: Any) -> Report:
    plain: dict[str, Any] = {
        "machine": ORDER,
        "machine_name": "order",
        "name": "e1",
        "status": "SUCCEEDED",
        "input": {"total": 5},
        "output": "done",
        "error": None,
        "message": None,
        "cause": None,
        "failed_state": None,
        "source": None,
        "events": RETRIED,
    }
    return Report(**{**plain, **changes})


def refused() -> Report:
    source = Source(file="workflows/order.py", line=12, text="ship(parcel)")
    return report(
        status="FAILED",
        error="Refused",
        message="no",
        cause='{"errorMessage": "no"}',
        failed_state="Ship",
        source=source,
        events=REFUSED,
    )


def test_every_tag_that_is_opened_is_closed() -> None:
    tags = Tags(report_html(refused()))

    assert tags.open == []


def test_a_report_has_no_scripts_and_loads_nothing() -> None:
    tags = Tags(report_html(refused()))

    assert not {"script", "iframe", "object", "link", "img", "a"} & set(tags.names)
    assert not [name for name, _ in tags.attributes if name.startswith("on") or name in ("src", "href")]


def test_everything_an_execution_says_is_escaped() -> None:
    evil = report(
        machine=HOSTILE,
        machine_name=EVIL,
        name=EVIL,
        status="FAILED",
        input={EVIL: EVIL},
        error=EVIL,
        message=EVIL,
        cause=EVIL + " and more",
        failed_state=EVIL,
        source=Source(file=EVIL, line=1, text=EVIL),
        events=[
            event(1, 0, 0, "ExecutionStarted", input=EVIL),
            event(2, 1, 0, "PassStateEntered", name=EVIL),
        ],
    )

    tags = Tags(report_html(evil))

    assert not {"script", "img"} & set(tags.names)
    assert not [name for name, _ in tags.attributes if name.startswith("on")]


def test_the_style_sheet_of_a_report_reaches_nothing_outside() -> None:
    style = report_html(report()).split("<style>")[1].split("</style>")[0]

    rules = [
        line.split("{")[0].strip() for line in style.splitlines() if "{" in line and "@media" not in line
    ]
    selectors = [each.strip() for rule in rules for each in rule.split(", ")]
    assert selectors
    assert all(each.startswith((".ex", "[data-jp-theme-light=")) for each in selectors)


def test_the_style_sheet_of_a_report_outweighs_that_of_jupyterlab() -> None:
    style = report_html(report()).split("<style>")[1].split("</style>")[0]

    rules = [line for line in style.splitlines() if "text-align" in line or "background: var(--box)" in line]
    assert len(rules) == 4
    # `.jp-RenderedHTMLCommon:not(.jp-RenderedMarkdown) td` has two classes and aligns to the right
    assert all(each.count(".ex") >= 2 * (each.split("{")[0].count(", ") + 1) for each in rules)


def test_input_and_output_are_folded() -> None:
    text = report_html(report())

    assert "<details><summary>Input</summary>" in text
    assert "<details><summary>Output</summary>" in text
    assert "<details open><summary>Graph</summary>" in text


def test_the_words_of_a_figure_stay_lines_where_a_page_drops_its_tags() -> None:
    class Words(HTMLParser):
        def __init__(self, text: str) -> None:
            super().__init__()
            self.found = ""
            self.style = False
            self.feed(text)

        def handle_starttag(self, tag: str, attrs: object) -> None:
            self.style = tag == "style"

        def handle_data(self, data: str) -> None:
            self.found += "" if self.style else data

        def handle_endtag(self, tag: str) -> None:
            self.style = False

    lines = Words(report_html(report())).found.splitlines()

    assert "Ship (Task, ship): succeeded (1 retry)" in lines
    assert "Hold: succeeded, 90 s" in lines


def test_a_graph_that_stands_above_already_is_folded_too() -> None:
    assert "<details><summary>Graph</summary>" in report_html(report(), unfolded=False)


def test_a_failure_names_state_error_message_and_source_line() -> None:
    text = report_html(refused())

    assert "in state <strong>Ship</strong>" in text
    assert '<span class="code">Refused</span>: no' in text
    assert "workflows/order.py:12\n    ship(parcel)" in text


def test_a_failure_reads_well_as_text() -> None:
    text = report_text(refused())

    assert text.startswith("✗ order FAILED · 1 state entered · 5 events · 1 s\nRefused in state Ship: no\n")
    assert "workflows/order.py:12: ship(parcel)" in text


def test_a_success_as_text_has_output_and_timeline() -> None:
    text = report_text(report())

    assert text.startswith('✓ order SUCCEEDED · 2 states entered · 12 events · 94 s\n"done"\n')
    assert "Hold" in text


def test_long_data_is_cut_and_says_so() -> None:
    assert "more characters" in report_html(report(input="x" * 50_000))


def test_what_runs_has_no_output_yet() -> None:
    text = report_html(report(status="RUNNING", events=COUNTED))

    assert "<summary>Output</summary>" not in text
    assert "▶ order RUNNING" in text


def test_an_execution_that_has_not_begun_has_a_report_too() -> None:
    assert "0 events" in report_html(report(status="RUNNING", events=[]))


@pytest.mark.parametrize(
    ("kind", "shown_by"),
    [
        ("TaskStateEntered", ["state", "task"]),
        ("TaskTimedOut", ["task", "failure"]),
        ("WaitStateExited", ["state", "wait"]),
        ("MapIterationFailed", ["map", "failure"]),
        ("ExecutionStarted", []),
    ],
)
def test_an_event_is_shown_by_the_filters_of_its_kind(kind: str, shown_by: list[str]) -> None:
    assert kinds_of(kind) == shown_by


def test_the_filter_offers_each_kind_once() -> None:
    text = events_table(RETRIED)

    assert text.count('type="radio"') == len(KINDS)
    assert text.count("<tr data-kind=") == len(RETRIED)


def test_events_name_the_state_they_belong_to() -> None:
    row = next(line for line in events_table(RETRIED).splitlines() if "TaskFailed" in line)

    assert "<td>Ship</td>" in row
    assert "no carrier" in row


def test_a_long_history_shows_both_its_ends() -> None:
    history = [event(n, n - 1, n, "PassStateEntered", name="P") for n in range(1, MOST + 101)]

    text = events_table(history)

    assert text.count("<tr data-kind=") == MOST
    assert "100 events are not shown" in text
