"""Constants that a service does not take, and those that it takes."""

import pytest

from stepsmith.asl.services import ServiceModel
from stepsmith.authoring.values.limits import Limits
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import ANY, INT, STR, DictType, EnumType, ListType
from stepsmith.expressions.types import Json

MODEL = ServiceModel(
    {
        "metadata": {},
        "operations": {},
        "shapes": {
            "In": {
                "type": "structure",
                "members": {
                    "mode": {"shape": "Mode"},
                    "name": {"shape": "Name"},
                    "count": {"shape": "Count"},
                    "names": {"shape": "Names"},
                    "tags": {"shape": "Tags"},
                    "odd": {"shape": "Odd"},
                },
            },
            "Mode": {"type": "string", "enum": ["OLD_ONE", "NEW_ONE"]},
            "Name": {"type": "string", "min": 2, "max": 4, "pattern": "[a-z]+|x1"},
            "Count": {"type": "integer", "min": 1, "max": 10},
            "Names": {"type": "list", "member": {"shape": "Name"}, "min": 1, "max": 2},
            "Tags": {"type": "map", "key": {"shape": "Name"}, "value": {"shape": "Mode"}},
            "Odd": {"type": "string", "pattern": "(?<=[unknown"},
        },
    }
)
LIMITS = Limits(MODEL, "In", "optimised")


def constant(value: Json) -> tree.Constant:
    return tree.Constant(value=value, type=ANY)


def told(**given: tree.Expression) -> list[tuple[str, str | None]]:
    return [(each.message, each.help) for each in LIMITS.misfits(given)]


@pytest.mark.parametrize(
    ("name", "value", "message", "help"),
    [
        ("Mode", "NEW_OEN", "Mode cannot be 'NEW_OEN'", "did you mean 'NEW_ONE'?"),
        ("Mode", "old_one", "Mode cannot be 'old_one'", "did you mean 'OLD_ONE'?"),
        ("Mode", "", "Mode cannot be ''", "it is one of OLD_ONE, NEW_ONE"),
        ("Name", "a", "Name has 2 to 4 characters, got 1", None),
        ("Name", "abcde", "Name has 2 to 4 characters, got 5", None),
        ("Name", "ab1", "Name cannot be 'ab1'", "it matches [a-z]+|x1"),
        ("Count", 0, "Count is 1 to 10, got 0", None),
        ("Count", 11, "Count is 1 to 10, got 11", None),
        ("Names", [], "Names has 1 to 2 items, got 0", None),
        ("Names", ["ab", "A"], "Names[1] has 2 to 4 characters, got 1", None),
        ("Tags", {"a": "x"}, "Tags.a cannot be 'x'", "it is one of OLD_ONE, NEW_ONE"),
    ],
)
def test_a_constant_that_does_not_fit_is_told(name: str, value: Json, message: str, help: str | None) -> None:
    assert told(**{name: constant(value)}) == [(message, help)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Mode", "NEW_ONE"),
        ("Mode", "${Mode}"),
        ("Name", "abcd"),
        ("Name", "x1"),
        ("Count", 1),
        ("Count", 10),
        ("Names", ["ab", "cd"]),
        ("Tags", {"a": "OLD_ONE"}),
        ("Odd", "anything"),
        ("Unknown", "anything"),
    ],
)
def test_a_constant_that_fits_is_taken(name: str, value: Json) -> None:
    assert told(**{name: constant(value)}) == []


def test_every_way_to_a_constant_is_looked_at() -> None:
    test = tree.Variable(name="b", type=STR)
    either = tree.Conditional(test=test, then=constant("NEW_ONE"), otherwise=constant("NONE"), type=STR)
    table = tree.ObjectOf(entries=((constant("k"), either), (None, constant({}))), type=DictType(STR))
    listed = tree.ListOf(elements=(constant("a"), constant("ab")), type=ListType(STR))
    some = tree.Variable(name="mode", type=EnumType("Mode", ("OLD_ONE", "WHAT"), "str"))

    assert told(Tags=table) == [("Tags.k cannot be 'NONE'", "did you mean 'NEW_ONE'?")]
    assert told(Names=listed) == [("Names[0] has 2 to 4 characters, got 1", None)]
    assert told(Mode=some) == [("Mode cannot be 'WHAT'", "it is one of OLD_ONE, NEW_ONE")]


def test_what_only_the_run_knows_is_not_asked() -> None:
    spread = tree.Spread(value=tree.Variable(name="more", type=ListType(STR)), type=ListType(STR))

    assert told(Mode=tree.Variable(name="m", type=STR), Count=tree.Variable(name="n", type=INT)) == []
    assert told(Names=tree.ListOf(elements=(spread,), type=ListType(STR))) == []
