import re
from xml.etree import ElementTree

import pytest

from stepsmith.asl import parse
from stepsmith.diagnostics import InvalidDefinition
from stepsmith.views import Level, Node, StateStatus, graph_svg, outline, to_mermaid, to_text
from stepsmith.views.graphs import layout
from stepsmith.views.graphs.graph import GLYPHS
from stepsmith.views.graphs.layout import place
from stepsmith.views.graphs.outline import walk
from stepsmith.views.lettering import width
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


@pytest.mark.parametrize(
    "inside", [{}, {"Branches": [{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}]}]
)
@pytest.mark.parametrize("name", ["W" * 80, "mm MM <i>", "Wait 10 minutes"])
def test_a_sign_stands_inside_the_box_too(name: str, inside: dict[str, object]) -> None:
    kind = "Parallel" if inside else "Pass"
    machine = parse({"StartAt": name, "States": {name: {"Type": kind, **inside, "End": True}}})

    (box,) = place(outline(machine)).boxes

    assert box.width >= width(f"✓ {box.text[0]}") + 8


def test_the_sign_of_each_status_is_in_the_faces_that_are_everywhere() -> None:
    plain_shapes = range(0x25A0, 0x2600)
    dingbats = range(0x2713, 0x2718)

    assert all(sign == "!" or ord(sign) in (*plain_shapes, *dingbats) for sign in GLYPHS.values())


def test_the_legend_leaves_out_what_has_happened_to_states_that_are_not_drawn() -> None:
    plain = parse({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})

    text = graph_svg(plain, title="t", statuses={"Gone": StateStatus("failed", 1, 0, "")})

    assert ">failed</text>" not in text


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


def test_only_a_catcher_of_certain_errors_is_labelled() -> None:
    catch = [{"ErrorEquals": ["Late"], "Next": "B"}, {"ErrorEquals": ["States.ALL"], "Next": "B"}]
    task = {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:1:function:f", "Catch": catch, "Next": "B"}
    machine = parse({"StartAt": "A", "States": {"A": task, "B": {"Type": "Succeed"}}})

    text = graph_svg(machine, title="t")

    assert ">Late</text>" in text
    assert ">States.ALL</text>" not in text
    assert "<title>A to B: States.ALL</title>" in text
    assert "when an error is caught: the one named, or any" in text


def test_counts_that_do_not_fit_are_written_with_signs() -> None:
    plain = parse({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    statuses = {"A": StateStatus("failed", 720, 2, "720 visits, 2 retries")}

    text = graph_svg(plain, title="t", statuses=statuses)

    assert ">720×, 2↻</text>" in text
    assert "failed (720 visits, 2 retries)</title>" in text


def test_a_head_stands_above_the_figure() -> None:
    plain, headed = (
        graph_svg(ORDER, title="order"),
        graph_svg(ORDER, title="order", head=["<RUNNING>", "4 s"]),
    )

    assert "&lt;RUNNING&gt;" in headed
    heights = [float(ElementTree.fromstring(text).get("height", "0")) for text in (plain, headed)]
    assert heights[1] == heights[0] + 36


@pytest.mark.parametrize("many", [1, 4, 7, 12])
def test_a_figure_that_is_wider_than_the_page_stays_legible(many: int) -> None:
    states = [f"A state with a name of some length, number {number}" for number in range(many)]
    choices = [{"Variable": "$", "NumericEquals": place, "Next": name} for place, name in enumerate(states)]
    machine = parse(
        {
            "StartAt": "Which",
            "States": {
                "Which": {"Type": "Choice", "Choices": choices},
                **{name: {"Type": "Succeed"} for name in states},
            },
        }
    )
    figure = ElementTree.fromstring(graph_svg(machine, title="o"))

    natural = float(figure.get("viewBox", "").split()[2])
    smallest = re.search(r"min-width:(\d+)px", figure.get("style", ""))
    assert smallest is not None
    for shown in (float(figure.get("width", "0")), float(smallest[1])):
        assert shown * 12 / natural >= 11  # pixels of a name's letters
    assert float(figure.get("width", "0")) <= max(980, natural * 0.93)


def spread(many: int) -> Level:
    """A choice between tasks that all lead to the same state."""
    names = [f"Handle the case number {number}" for number in range(many)]
    choices = [{"Variable": "$", "NumericEquals": number, "Next": name} for number, name in enumerate(names)]
    states = {name: {"Type": "Pass", "Next": "End"} for name in names}
    first = {"Type": "Choice", "Choices": choices}
    return outline(
        parse({"StartAt": "Which", "States": {"Which": first, **states, "End": {"Type": "Succeed"}}})
    )


@pytest.mark.parametrize(("many", "rows"), [(4, 1), (5, 3), (12, 3)])
def test_many_states_between_the_same_two_stand_in_three_rows(many: int, rows: int) -> None:
    boxes = place(spread(many)).boxes

    assert len({box.y for box in boxes if box.node.kind == "Pass"}) == rows


def test_many_wide_branches_stand_in_rows() -> None:
    states = {"Wide": {"Type": "Pass", "Comment": "", "End": True}}
    branches = [
        {"StartAt": f"A rather long name {n}", "States": {f"A rather long name {n}": states["Wide"]}}
        for n in range(9)
    ]
    machine = parse(
        {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": branches, "End": True}}}
    )

    (box,) = place(outline(machine)).boxes

    assert box.width <= layout.ROW
    assert len({top for _, top, _ in box.inside}) > 1
    assert all(left >= 0 and left + figure.width <= box.width for left, _, figure in box.inside)


@pytest.mark.parametrize("kind", ["Choice", "Succeed"])
@pytest.mark.parametrize(
    "at", [(-60, -10), (60, 10), (-58, -21), (58, 21), (-55, 21), (0, 21), (-60, 0), (60, -21)]
)
def test_a_line_touches_the_shape_it_leads_to(kind: str, at: tuple[float, float]) -> None:
    box = layout.Box(Node("n", kind, "", False), 100, 50, 120, 42, ("n",))

    x, y = layout.touch(box, (100 + at[0], 50 + at[1]))

    assert abs(x - 100) <= abs(at[0])
    assert abs(y - 50) <= abs(at[1])
    assert on_outline(kind, abs(x - 100), abs(y - 50))


def on_outline(kind: str, across: float, along: float) -> bool:
    if kind == "Choice":
        return abs(along - min(21, (60 - across) * 21 / layout.SLANT)) < 0.1
    corner = across - (60 - 21)
    return abs(along - (21 if corner <= 0 else (21**2 - corner**2) ** 0.5)) < 0.1


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
        try:
            machine = parse(path.read_text(encoding="utf-8"))
        except InvalidDefinition:
            continue  # which ones AWS refuses after all is the business of another test
        figure = ElementTree.fromstring(graph_svg(machine, title=path.stem))
        states = sum(1 for group in figure.iter(f"{SVG}g") if group.get("data-state"))
        assert states == len(list(walk(outline(machine))))
        drawn += 1
    assert drawn > 100
