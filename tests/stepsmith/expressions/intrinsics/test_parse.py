import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.expressions.intrinsics import Call, IntrinsicSyntaxError, Literal, Text, is_call, parse_call
from stepsmith.expressions.jsonpath import Path


def test_a_call_has_a_name_and_arguments() -> None:
    call = parse_call(" States.Format( 'a {}' ,$.b[0], -1.5e2, true ,null,States.UUID( ) ) ")

    assert call.name == "Format"
    assert call.text == "States.Format( 'a {}' ,$.b[0], -1.5e2, true ,null,States.UUID( ) )"
    text, path, number, truth, nothing, inner = call.arguments
    assert text == Text("a {}")
    assert isinstance(path, Path)
    assert path.text == "$.b[0]"
    assert (number, truth, nothing) == (Literal(-150.0), Literal(True), Literal(None))
    assert inner == Call("UUID", (), "States.UUID( )")


@pytest.mark.parametrize(
    "path",
    [
        "$['a,b']",
        "$.a[?(@.b == FooBar)].c",
        "$.a[?(@.b == ')')]",
        "$.a[0,1]",
        "$.a.length()",
        "$$.Execution.Name",
        "$var.a",
        "$",
    ],
)
def test_a_path_may_hold_commas_and_brackets_of_its_own(path: str) -> None:
    call = parse_call(f"States.Array({path} , 1)")

    first = call.arguments[0]
    assert isinstance(first, Path)
    assert first.text == path
    assert len(call.arguments) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("States.Nope()", "The unknown function 'States.Nope' at offset 0"),
        ("states.Format('x')", "The unknown function"),
        ("States.UUID", "No '(' after the name of the function at offset 11"),
        ("States.Format('x', $.a", "No ',' or ')' after an argument at offset 22"),
        ("States.Format('x, $.a)", "No argument that a function takes at offset 14"),
        ("States.Format('{} {}' $.a $.b)", "No ',' or ')' after an argument at offset 22"),
        ("States.Format('a\\nb')", "No argument that a function takes at offset 14"),
        ("States.Format('a\\\"b')", "No argument that a function takes at offset 14"),
        ("States.Format('a\\')", "No argument that a function takes at offset 14"),
        ('States.Format("a")', "No argument that a function takes at offset 14"),
        ("States.Array(,)", "No argument that a function takes at offset 13"),
        ("States.Array(1,)", "No argument that a function takes at offset 15"),
        ("States.Array($.a[)", "')' where a name or an index should be"),
        ("States.Array(1) x", "'x' after the call at offset 16"),
        ("States.Array(" * 11 + ")" * 11, "Calls nested more than 10 deep"),
        ("States.Array(" * 2000, "Calls nested more than 10 deep"),
        ("States. ", "The unknown function"),
    ],
)
def test_a_text_that_is_no_call_is_refused_at_its_place(text: str, message: str) -> None:
    with pytest.raises(IntrinsicSyntaxError) as refusal:
        parse_call(text)

    assert str(refusal.value).startswith(message)


def test_calls_may_lie_ten_deep() -> None:
    call = parse_call("States.Array(" * 10 + ")" * 10)

    for _ in range(9):
        inner = call.arguments[0]
        assert isinstance(inner, Call)
        call = inner
    assert call.arguments == ()


def test_five_thousand_arguments_are_read() -> None:
    assert len(parse_call("States.Array(" + ", ".join(["$.x"] * 5000) + ")").arguments) == 5000


@given(st.text("States.Format($@'\\{},) \"0-1[]?", max_size=40))
def test_any_text_is_a_call_or_refused(text: str) -> None:
    offset, name = 0, "Format"

    try:
        name = parse_call("States.Format(" + text).name
    except IntrinsicSyntaxError as refusal:
        offset = refusal.offset

    assert name == "Format"
    assert 0 <= offset <= len(text) + 14


def test_a_call_begins_with_the_name_of_the_library() -> None:
    assert is_call("  States.UUID()")
    assert not is_call("$.States.UUID()")
