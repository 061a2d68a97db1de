"""The offline evaluation on a small seed: the feed beats popularity and recency by its margin, and the same again."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import feed_quality  # pyright: ignore[reportMissingImports]  # tools are no package


@pytest.mark.slow
def test_the_feed_beats_popularity_and_recency_by_the_margin() -> None:
    found = feed_quality.evaluate(5, readers=30, a_day=24)

    assert found.readers > 25
    assert found.margin > feed_quality.MARGIN
    assert found.lead[0] < found.margin < found.lead[1]


def test_the_best_order_has_one_and_the_worst_none() -> None:
    made = [feed_quality._article(feed_quality.Random(1), n, feed_quality.BEGIN).entry for n in range(12)]

    assert feed_quality._ndcg(made, {made[0].id, made[1].id}) == 1.0
    assert feed_quality._ndcg(made, {made[11].id}) == 0.0
    assert 0 < feed_quality._ndcg(made, {made[9].id}) < 0.3


def test_the_report_says_whether_the_margin_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    weak = feed_quality.Quality(0.2, 0.1, 0.19, (0.9, 1.2), 10)
    monkeypatch.setattr(feed_quality, "evaluate", lambda seed, readers: weak)
    monkeypatch.setattr(sys, "argv", ["feed_quality.py", "--seeds", "7"])
    lines: list[str] = []

    assert feed_quality.main(lines.append) == 1

    assert lines[2] == "   7  0.200       0.100    0.190   1.05 (0.90 to 1.20)"
    assert lines[3] == "the feed leads by 1.25 or more: no"
