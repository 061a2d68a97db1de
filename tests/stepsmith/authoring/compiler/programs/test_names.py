"""Names of the user's, the compiler's and JSONata's live together: each means what it means in Python."""

import keyword
from typing import Final

import pytest

from stepsmith.expressions.jsonata.functions import BUILTINS
from stepsmith.expressions.typed.jsonata_text import FUNCTION_NAMES
from stepsmith.testing import assert_equivalent
from tests.stepsmith.authoring.compiler.programs.world import workflow_of

LOCAL: Final = """
@workflow
def program(NAME: list[int], table: dict[str, int], text: str) -> list[str]:
    rest = [*NAME, table["a"]]
    rest = rest + [item for item in NAME if item not in rest or not item]
    words = [f"{item}-{text[1:]}".upper() for item in rest if item // 2]
    for key_, value_ in table.items():
        table = {**table, key_ + "b": value_ + rest[0]}
    words = words + [key_ for key_ in table] + text.replace("a", "b").split("b")
    return [*words, f"{table.get(text, 3)}", ", ".join(words)]
"""
ASSIGNED: Final = """
@workflow
def program(xs: list[int], table: dict[str, int]) -> list[int]:
    NAME = 0
    for x in xs:
        NAME += table["a"] if "a" in table else x
    for NAME in xs:
        see_number(NAME)
    return [NAME * part for part in xs]
"""
BOUND: Final = """
@workflow
def program(xs: list[int], rows: list[tuple[int, str]]) -> list[list[int]]:
    doubled = [double(NAME) for NAME in xs]
    nested = [[NAME + xs[0] for other in xs if other != NAME] for NAME in xs]
    table = {word: NAME for NAME, word in rows}
    again = map_items(xs, lambda NAME: double(NAME + xs[-1]))
    return [doubled, again, *nested, [each for each in table.values()], [table[key_] for key_ in table]]
"""
CAUGHT: Final = """
@workflow
def program(number_: int, words: list[str]) -> str:
    try:
        risky(number_)
        retried(number_)
    except SmallProblem as NAME:
        words = [*words, str(NAME)]
    except Problem as NAME:
        raise
    finally:
        see_number(number_)
    return words[0] + words[number_]
"""
IN_BRANCHES: Final = """
@workflow
def program(xs: list[int], NAME: int) -> list[int]:
    def first() -> int:
        inner = xs[0] + NAME
        return inner

    def of_each(item: int) -> int:
        deeper = double(item) + NAME
        return deeper

    one, two = parallel(first(), double(NAME))
    doubled = [of_each(item) for item in xs]
    again = map_items(xs, of_each)
    return [one, two, *doubled, *again]
"""
CARRIED: Final = """
@workflow
def program(xs: list[int], NAME: int, rows: list[int]) -> list[int]:
    def of_row() -> int:
        return rows[0]

    def of_part(part: int) -> int:
        def inside() -> int:
            return part + NAME

        one, two, three = parallel(inside(), double(part), of_row())
        return one + two + three

    def of_rows(part: int) -> int:
        one, two = parallel(of_row(), double(part))
        return one + two

    carried = map_items(xs, of_part, distributed=True)
    alone = map_items(xs, of_rows, distributed=True)
    return carried + alone
"""
PROGRAMS: Final = {
    LOCAL: {"NAME": [1, 2], "table": {"a": 3, "q": 0}, "text": "xay"},
    ASSIGNED: {"xs": [1, 2], "table": {"b": 3}},
    BOUND: {"xs": [1, 2, 3], "rows": [(1, "a"), (2, "b")]},
    CAUGHT: {"number_": 4, "words": ["a"]},
    IN_BRANCHES: {"xs": [1, 2], "NAME": 3},
    CARRIED: {"xs": [1, 2], "NAME": 3, "rows": [5]},
}
HOSTILE: Final = (
    "states",
    "input",
    "item",
    "Item",
    "x",
    "number_of_things" * 6,
    "größe",
    "part_2",
    "null",
    "_x",
)
NAMES: Final = sorted(name for name in FUNCTION_NAMES if not keyword.iskeyword(name))


def test_the_names_that_no_variable_has_are_those_of_the_functions() -> None:
    assert set(BUILTINS) == FUNCTION_NAMES


@pytest.mark.parametrize("name", [*NAMES, *HOSTILE])
@pytest.mark.parametrize(
    "program", PROGRAMS, ids=["local", "assigned", "bound", "caught", "branches", "carried"]
)
def test_a_name_hides_no_function_and_no_other_name(name: str, program: str) -> None:
    if name.startswith("_") and program is not BOUND:
        pytest.skip("workflow variables begin with a letter")
    workflow = workflow_of(program.replace("NAME", name))

    assert_equivalent(
        workflow, **{key.replace("NAME", name): value for key, value in PROGRAMS[program].items()}
    )


NESTED: Final = {
    "[[item for _ in range(3)] for item in xs]": "the name for nothing",
    "[[x + _x for _x in xs] for x in xs]": "with and without an underscore",
    "[[a_b * c + a * b_c for a, b_c in pairs] for a_b, c in pairs]": "pairs whose names are joined",
    "[[value + key[0] for value in table.values()] for (key,) in ones]": "names of the compiler",
    "[[x for x in [x, x + 1]] for x in xs]": "the same name again",
    "[[x + sum(y for y in xs if y > x) for x in [x + 1]] for x in xs]": "a generator inside",
    "[[len([_0key for _0key in xs if _0key in [x]]) for x in xs] for x in xs]": "names in the way of others",
    "[[__ + _ for _ in xs] for __ in xs]": "nothing but underscores",
}


@pytest.mark.parametrize("expression", NESTED, ids=NESTED.values())
def test_names_of_nested_comprehensions_are_apart(expression: str) -> None:
    program = workflow_of(
        "@workflow\ndef program(xs: list[int], pairs: list[tuple[int, int]], ones: list[tuple[list[int]]], "
        f"table: dict[str, int]) -> list[list[int]]:\n    return {expression}\n"
    )

    assert_equivalent(
        program, xs=[1, 2, 4], pairs=[(2, 3), (5, 7)], ones=[([1],), ([2],)], table={"a": 5, "b": 6}
    )
