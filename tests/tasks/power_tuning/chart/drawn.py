"""Runs to draw, and what is in the pages that show them."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as xml

from tasks.power_tuning.chart.runs import ChartFailure, ChartRun, ChartSize

HOSTILE = "</title></svg><script>alert(1)</script>&\"'"


def a_size(power: int, **figures: Any) -> ChartSize:
    usual = {"duration": 100_000 / power, "cost": power * 1e-9, "p95": 120_000 / power, "deviation": 3.25}
    return ChartSize(power=power, **{**usual, "samples": 9, **figures})


def a_run(*powers: int, failing: dict[int, str] | None = None, **more: Any) -> ChartRun:
    """A run as our own reports tell of it; unless told otherwise the smallest size is best."""
    sizes = tuple(a_size(power) for power in powers or (128, 512, 1024))
    usual = ChartRun(
        sizes=sizes,
        best=sizes[0].power,
        failed=tuple(ChartFailure(power=power, failure=reason) for power, reason in (failing or {}).items()),
        strategy="cost",
        function="resize",
        region="eu-west-1",
        architecture="x86_64",
        started=datetime(2026, 3, 1, 12, 30, tzinfo=UTC),
        runs=10,
        measured_by="AWS Lambda",
    )
    return replace(usual, **more)


def a_run_on_arm(*powers: int, **more: Any) -> ChartRun:
    sizes = tuple(
        a_size(power, duration=80_000 / power, cost=power * 0.7e-9) for power in powers or (128, 512, 1024)
    )
    return a_run(**{"sizes": sizes, "best": sizes[-1].power, "architecture": "arm64", **more})


def drawing(page: str) -> xml.Element:
    """The one drawing of a page, which is well-formed XML."""
    (text,) = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    return xml.fromstring(text)


def kinds(drawn: xml.Element, tag: str) -> list[str]:
    return [element.attrib["class"] for element in drawn.iter(tag) if "class" in element.attrib]


class Page(HTMLParser):
    """The tables of a page as texts, and every tag that was opened; a tag that is not closed fails."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.opened: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self._rows: list[list[str]] = []
        self._caption = ""
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened.append((tag, dict(attrs)))
        if tag == "meta":
            return
        self._open.append(tag)
        match tag:
            case "table":
                self._rows, self._caption = [], ""
            case "tr":
                self._rows.append([])
            case "td" | "th":
                self._rows[-1].append("")
            case _:
                pass

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        if tag == "table":
            self.tables[self._caption] = self._rows

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if "caption" in self._open:
            self._caption += data
        elif self._open and self._open[-1] in ("td", "th"):
            self._rows[-1][-1] += data
