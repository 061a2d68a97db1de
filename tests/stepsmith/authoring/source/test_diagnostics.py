"""How a refusal reads."""

from stepsmith.authoring.source.diagnostics import DefinitionError, Diagnostic
from stepsmith.expressions.typed.tree import Span


def test_a_refusal_shows_the_line_a_caret_and_what_to_write() -> None:
    source = "    seen.append(cart.lines[0].sku)"
    message = "list[str].append() changes a value in place; workflow variables are immutable"
    help = "write `seen = [*seen, cart.lines[0].sku]`"

    diagnostic = Diagnostic("W170", message, help, Span("shopping_cart.py", 20, 5, 20, 35), source)

    assert str(diagnostic) == (
        "shopping_cart.py:20:5: W170 list[str].append() changes a value in place; workflow variables are immutable\n"
        "   20 |     seen.append(cart.lines[0].sku)\n"
        "      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "      = help: write `seen = [*seen, cart.lines[0].sku]`"
    )


def test_text_over_several_lines_is_marked_to_the_end_of_the_first() -> None:
    diagnostic = Diagnostic("W100", "no", None, Span("a.py", 1, 3, 2, 4), "  call(\n")

    assert str(diagnostic).splitlines()[-1] == "      |   ^^^^^"


def test_an_error_holds_all_refusals_and_shows_them_all() -> None:
    one = Diagnostic("W100", "first", None, Span("a.py", 1, 1, 1, 2), "x")
    two = Diagnostic("W101", "second", None, Span("a.py", 2, 1, 2, 2), "y")

    error = DefinitionError([one, two])

    assert error.diagnostics == (one, two)
    assert str(error) == f"{one}\n\n{two}"
