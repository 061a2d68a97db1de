import re
from xml.etree import ElementTree as xml

import pytest

from tasks.power_tuning.chart.plot import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, plot
from tasks.power_tuning.chart.runs import ChartRun
from tests.tasks.power_tuning.chart.drawn import HOSTILE, a_run, a_run_on_arm, a_size, kinds


def drawn(*runs: ChartRun) -> xml.Element:
    return xml.fromstring(plot(runs))


def texts(drawing: xml.Element, kind: str | None = None) -> list[str]:
    return [each.text or "" for each in drawing.iter("text") if kind in (None, each.attrib.get("class"))]


def places(drawing: xml.Element, tag: str, kind: str) -> list[tuple[float, float]]:
    """Where the marks of a kind are; those of the legend are left out."""
    x, y = ("cx", "cy") if tag == "circle" else ("x", "y")
    half = 0 if tag == "circle" else 3.5
    found = [each for each in drawing.iter(tag) if each.attrib["class"] == kind]
    at = [(float(each.attrib[x]) + half, float(each.attrib[y]) + half) for each in found]
    return [place for place in at if place[1] > 50]


def test_time_and_cost_are_in_one_drawing_with_an_axis_each() -> None:
    run = a_run(sizes=(a_size(128, duration=400, cost=2e-6), a_size(512, duration=100, cost=4e-6)))

    drawing = drawn(run)

    left = [each for each in drawing.iter("text") if each.attrib.get("x") == str(LEFT - 8)]
    right = [each for each in drawing.iter("text") if each.attrib.get("x") == str(RIGHT + 8)]
    assert [each.text for each in left] == ["0", "200", "400", "600", "800", "1,000"]
    assert [each.text for each in right] == ["0", "0.8", "1.6", "2.4", "3.2", "4"]
    assert [each.attrib["y"] for each in left] == [each.attrib["y"] for each in right]
    assert texts(drawing, "time") == ["Duration, ms"]
    assert texts(drawing, "cost") == ["Cost of a million runs, USD"]


def test_a_mark_is_where_its_axis_says() -> None:
    run = a_run(
        sizes=(a_size(128, duration=500, cost=1e-6, p95=500), a_size(512, duration=250, cost=5e-6, p95=None))
    )

    drawing = drawn(run)

    top, middle = TOP[0], (TOP[0] + BOTTOM) / 2
    assert [y for _, y in places(drawing, "circle", "time")] == pytest.approx([top, middle])
    assert [y for _, y in places(drawing, "rect", "cost")] == pytest.approx(
        [BOTTOM - (BOTTOM - top) / 5, top]
    )
    assert [x for x, _ in places(drawing, "circle", "time")] == [LEFT + 14, RIGHT - 14]


def test_the_lines_go_through_the_marks() -> None:
    drawing = drawn(a_run(128, 512, 1024))

    for kind, tag in (("time", "circle"), ("cost", "rect")):
        (line,) = [
            each.attrib["d"]
            for each in drawing.iter("path")
            if each.attrib["class"] == kind and "L" in each.attrib["d"]
        ]
        numbers = [float(text) for text in re.findall(r"[\d.]+", line)]
        assert numbers == pytest.approx(
            [figure for place in places(drawing, tag, kind) for figure in place], abs=0.11
        )
        assert re.fullmatch(r"M[^ML]+( L[^ML]+)+", line)


def test_each_mark_tells_its_figure() -> None:
    drawing = drawn(a_run(512))

    assert [each.text for each in drawing.iter("title")] == [
        "Duration in milliseconds and cost of a million runs in USD, by memory size",
        "512 MB: 195 ms",
        "512 MB: 0.512 USD for a million runs",
    ]


def test_the_best_size_is_marked_and_named() -> None:
    drawing = drawn(a_run(128, 512, 2048, best=512))

    assert texts(drawing, "best") == ["512 MB is best"]
    (line,) = [each.attrib["d"] for each in drawing.iter("path") if each.attrib["class"] == "best"]
    assert line == f"M{WIDTH / 2:.1f} {TOP[0] - 5}.0V{BOTTOM}"


@pytest.mark.parametrize(
    ("best", "anchor"),
    [(128, "start"), (256, "start"), (512, "middle"), (1024, "middle"), (2048, "end"), (4096, "end")],
)
def test_the_name_of_the_best_stays_within_the_drawing(best: int, anchor: str) -> None:
    drawing = drawn(a_run(128, 256, 512, 1024, 2048, 4096, best=best))

    (text,) = [each for each in drawing.iter("text") if each.attrib.get("class") == "best"]
    assert text.attrib["text-anchor"] == anchor


def test_memory_sizes_stand_below_their_marks_and_what_they_are_below_that() -> None:
    drawing = drawn(a_run(128, 512))

    below = {each.text: each.attrib for each in drawing.iter("text") if float(each.attrib["y"]) > BOTTOM + 10}
    assert list(below) == ["128 MB", "512 MB", "Memory size"]
    assert [float(each["x"]) for each in below.values()] == [LEFT + 14, RIGHT - 14, WIDTH / 2]
    assert {each["text-anchor"] for each in below.values()} == {"middle"}
    marks = [each.attrib for each in drawing.iter("line") if each.attrib["x1"] == each.attrib["x2"]]
    assert [float(each["x1"]) for each in marks] == [LEFT + 14, RIGHT - 14]
    assert {(each["y1"], each["y2"]) for each in marks} == {(str(BOTTOM), str(BOTTOM + 5))}


def test_a_line_goes_from_each_mark_to_its_p95() -> None:
    run = a_run(sizes=(a_size(128, duration=250, p95=500), a_size(512, duration=100, p95=None)))

    drawing = drawn(run)

    lines = [each.attrib["d"] for each in drawing.iter("path") if each.attrib["class"] == "time p95"]
    middle = (TOP[0] + BOTTOM) / 2
    assert lines[1:] == [f"M{LEFT + 14:.1f} {middle:.1f}V{TOP[0]:.1f}m-4 0h8"]
    assert "to its p95" in texts(drawing)


def test_without_a_p95_none_is_explained() -> None:
    run = a_run(sizes=(a_size(128, p95=None), a_size(512, p95=float("inf"))))

    assert "to its p95" not in texts(drawn(run))
    assert "time p95" not in kinds(drawn(run), "path")


def test_a_failed_size_is_a_cross_on_the_axis() -> None:
    drawing = drawn(a_run(512, failing={128: "out of memory"}))

    (cross,) = [each for each in drawing.iter("path") if each.attrib["class"] == "cross"]
    assert cross.attrib["d"].startswith(f"M{LEFT + 14 - 5:.1f} {BOTTOM - 5}l10 10")
    assert [each.text for each in cross.iter("title")] == ["128 MB: could not be measured"]
    assert "128 MB" in texts(drawing)


def test_two_runs_are_told_apart_by_line_and_mark_and_named_above() -> None:
    drawing = drawn(a_run(), a_run_on_arm())

    assert kinds(drawing, "circle").count("time") == 3 + 1
    assert kinds(drawing, "circle").count("time second") == 3
    assert kinds(drawing, "rect").count("cost second") == 3
    assert kinds(drawing, "path").count("cost second") == kinds(drawing, "path").count("time second") == 1
    assert texts(drawing, "ink") == ["x86_64", "arm64"]
    assert texts(drawing, "best") == ["128 MB is best for x86_64", "1,024 MB is best for arm64"]
    assert drawing.attrib["aria-label"].endswith(", by memory size, of x86_64 and arm64")
    assert "512 MB of arm64: 156 ms" in [each.text for each in drawing.iter("title")]
    assert "time p95" not in kinds(drawing, "path")


def test_names_of_what_is_best_stand_above_each_other_and_above_the_axes() -> None:
    drawing = drawn(a_run(), a_run_on_arm())

    heights = [float(each.attrib["y"]) for each in drawing.iter("text") if each.attrib.get("class") == "best"]
    assert heights == [TOP[1] - 10, TOP[1] - 26]
    assert min(heights) > 38 + 12


def test_a_size_that_is_best_for_both_is_marked_once() -> None:
    drawing = drawn(a_run(best=512), a_run_on_arm(best=512))

    assert texts(drawing, "best") == ["512 MB is best for both"]
    assert kinds(drawing, "path").count("best") == 1


def test_a_best_size_that_was_not_measured_is_not_marked() -> None:
    assert texts(drawn(a_run(best=640)), "best") == []
    assert texts(drawn(a_run(best=None), a_run_on_arm()), "best") == ["1,024 MB is best for arm64"]


def test_p95_does_not_stretch_the_axis_where_it_is_not_drawn() -> None:
    far = [a_size(128, duration=100, p95=9000), a_size(512, duration=50, p95=9000)]

    drawing = drawn(a_run(sizes=tuple(far)), a_run_on_arm(sizes=tuple(far)))

    assert min(y for _, y in places(drawing, "circle", "time")) == TOP[1]


@pytest.mark.parametrize("is_two", [False, True])
def test_everything_stays_within_the_drawing(is_two: bool) -> None:
    many = a_run(*range(128, 3009, 64), failing={10_240: "x"}, architecture="a" * 64)
    strange = a_run_on_arm(
        sizes=(a_size(128, duration=float("inf"), cost=float("nan")), a_size(9000, duration=0, cost=0))
    )

    for each in drawn(many, strange).iter() if is_two else drawn(many).iter():
        for name in ("x", "cx", "x1", "x2"):
            assert 0 <= float(each.attrib.get(name, 0)) <= WIDTH
        for name in ("y", "cy", "y1", "y2"):
            assert 0 <= float(each.attrib.get(name, 0)) <= HEIGHT


def test_long_names_are_cut_where_there_is_no_room() -> None:
    drawing = drawn(a_run(function="f" * 64), a_run_on_arm(function="g" * 28))

    assert texts(drawing, "ink") == ["f" * 27 + "…", "g" * 28]


def test_names_stay_text() -> None:
    drawing = drawn(a_run(function=HOSTILE, failing={2048: HOSTILE}), a_run_on_arm(currency=HOSTILE))

    assert {each.tag for each in drawing.iter()} <= {"svg", "title", "text", "path", "circle", "rect", "line"}
