import re
from xml.etree import ElementTree

import pytest

from stepsmith.asl import parse
from stepsmith.views import StateStatus, graph_svg, outline, to_mermaid, to_text
from stepsmith.views.layout import place
from stepsmith.views.outline import walk
from tests.shared_data import SHARED, needs_shared
from tests.stepsmith.views.machines import HOSTILE, ORDER

SVG = "{http://www.w3.org/2000/svg}"


def test_every_state_is_in_the_figure_with_a_title_and_its_path() -> None:
    figure = ElementTree.fromstring(graph_svg(ORDER, title="order"))

    paths = {group.get("data-state") for group in figure.iter(f"{SVG}g") if group.get("data-state")}
    assert paths == {
        "Big?",
        "Both",
        "Both/0/Charge",
        "Both/1/Each line",
        "Both/1/Each line/0/Reserve",
        "Hold",
        "Ship",
        "Refused",
    }
    assert all(
        group.find(f"{SVG}title") is not None for group in figure.iter(f"{SVG}g") if group.get("data-state")
    )


def test_a_choice_is_labelled_with_its_conditions() -> None:
    text = graph_svg(ORDER, title="order")

    assert "$.total &gt; 100" in text
    assert "not $.note is present" in text
    assert "otherwise" in text


def test_a_state_called_script_stays_text() -> None:
    text = graph_svg(HOSTILE, title="</title><script>")

    ElementTree.fromstring(text)
    assert "<script" not in text
    assert "<img" not in text


def test_characters_that_xml_cannot_hold_are_replaced() -> None:
    machine = parse({"StartAt": "a\u202eb", "States": {"a\u202eb": {"Type": "Succeed"}}})

    text = graph_svg(machine, title="bell\x07")

    ElementTree.fromstring(text)
    assert "\u202e" not in text


def test_the_figure_is_the_same_bytes_each_time() -> None:
    first = graph_svg(ORDER, title="order")
    place.cache_clear()

    assert graph_svg(ORDER, title="order") == first


def test_no_box_overlaps_another_of_its_level() -> None:
    boxes = place(outline(ORDER)).boxes

    for i, a in enumerate(boxes):
        for b in boxes[i + 1 :]:
            apart = abs(a.x - b.x) >= (a.width + b.width) / 2 or abs(a.y - b.y) >= (a.height + b.height) / 2
            assert apart, (a.node.name, b.node.name)


def test_nested_states_stand_inside_their_parent() -> None:
    both = next(box for box in place(outline(ORDER)).boxes if box.node.name == "Both")

    for x, y, figure in both.inside:
        assert x >= 0
        assert y >= 0
        assert x + figure.width <= both.width + 0.01
        assert y + figure.height <= both.height + 0.01


def test_a_status_is_shown_by_colour_and_by_a_sign() -> None:
    statuses = {"Ship": StateStatus("failed", 1, 2, "2 retries"), "Hold": StateStatus("succeeded", 1, 0, "")}

    text = graph_svg(ORDER, title="order", statuses=statuses)

    assert "state failed" in text
    assert "✗ Ship" in text
    assert "2 retries" in text
    assert "✓ Hold" in text


def test_the_legend_explains_only_what_the_figure_uses() -> None:
    plain = parse({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})

    assert "when an error is caught" in graph_svg(ORDER, title="order")
    assert "when an error is caught" not in graph_svg(plain, title="plain")


def test_the_style_sheet_reaches_nothing_outside_the_figure() -> None:
    text = graph_svg(ORDER, title="order")

    scope = re.search(r'<svg [^>]*class="(\w+) ', text)
    assert scope is not None
    rules = re.findall(r"^([^@}\s][^{]*)\{", text.split("<style>")[1].split("</style>")[0], re.MULTILINE)
    assert rules
    for selector in (each.strip() for rule in rules for each in rule.split(",")):
        assert re.fullmatch(rf'(\[data-jp-theme-light="(true|false)"\] )?\.{scope[1]}( .*)?', selector)


@pytest.mark.parametrize("theme", ["true", "false"])
def test_the_theme_of_jupyterlab_overrules_the_system(theme: str) -> None:
    text = graph_svg(ORDER, title="order")

    assert f'[data-jp-theme-light="{theme}"] .' in text


def test_dollar_signs_are_not_read_as_formulas() -> None:
    assert 'class="sm' in graph_svg(ORDER, title="order")
    assert 'mathjax_ignore tex2jax_ignore"' in graph_svg(ORDER, title="order")


def test_a_head_stands_above_the_figure() -> None:
    plain, headed = (
        graph_svg(ORDER, title="order"),
        graph_svg(ORDER, title="order", head=["<RUNNING>", "4 s"]),
    )

    assert "&lt;RUNNING&gt;" in headed
    heights = [float(ElementTree.fromstring(text).get("height", "0")) for text in (plain, headed)]
    assert heights[1] == heights[0] + 36


def test_a_wide_figure_is_shown_smaller_and_loses_nothing() -> None:
    plain, small = (ElementTree.fromstring(graph_svg(ORDER, title="o", widest=at)) for at in (None, 200))

    assert small.get("width") == "200"
    assert small.get("viewBox") == plain.get("viewBox")


def test_a_viewer_that_drops_style_sheets_still_sees_the_status() -> None:
    text = graph_svg(ORDER, title="o", statuses={"Ship": StateStatus("failed", 1, 0, "")})

    assert 'fill="#ffebe9" stroke="#cf222e"' in text


def test_mermaid_never_holds_a_name_outside_quotes() -> None:
    text = to_mermaid(HOSTILE)

    assert "<" not in text
    assert text.startswith("stateDiagram-v2\n")


def test_mermaid_nests_branches_and_ends() -> None:
    text = to_mermaid(ORDER)

    assert 'state "Both" as s1' in text
    assert "\n    --\n" in text
    assert "s3 --> [*]" in text


def test_the_text_form_names_every_transition() -> None:
    text = to_text(ORDER)

    assert "if $.total > 100 -> Both" in text
    assert "on States.ALL -> Refused" in text
    assert "Ship [Task ship]" in text
    assert "each item" in text


@needs_shared
@pytest.mark.slow
def test_every_definition_of_the_corpus_can_be_drawn() -> None:
    drawn = 0
    for path in sorted((SHARED / "corpus" / "valid").glob("*.json"))[::6]:
        machine = parse(path.read_text(encoding="utf-8"))
        figure = ElementTree.fromstring(graph_svg(machine, title=path.stem))
        states = sum(1 for group in figure.iter(f"{SVG}g") if group.get("data-state"))
        assert states == len(list(walk(outline(machine))))
        drawn += 1
    assert drawn > 100
