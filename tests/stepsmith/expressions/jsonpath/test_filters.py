import pytest

from stepsmith.expressions.jsonpath import PathFailure, PathSyntaxError, compile_path
from stepsmith.expressions.types import Json

BOOKS: Json = [
    {"title": "one", "price": 5, "tags": ["a", "b"], "sold": True},
    {"title": "two", "price": 15, "tags": [], "isbn": None},
    {"title": "three", "price": "15", "tags": ["b"]},
]
DOCUMENT: Json = {"books": BOOKS, "limit": 10, "object": {"x": 1}}


@pytest.mark.parametrize(
    ("condition", "titles"),
    [
        ("@.price < 10", ["one"]),
        ("@.price <= $.limit", ["one"]),
        ("@.price > 5", ["two"]),
        ("@.price >= 5", ["one", "two"]),
        ("@.price == 15", ["two", "three"]),
        ("@.price === 15", ["two"]),
        ("@.price !== 15", ["one", "three"]),
        ("@.price != 5", ["two", "three"]),
        ("@.title == 'two'", ["two"]),
        ('@.title == "two"', ["two"]),
        ("@.title==two", ["two"]),
        ("@.title > 'one'", ["two", "three"]),
        ("@.sold", ["one"]),
        ("!@.sold", ["two", "three"]),
        ("@.isbn", ["two"]),
        ("@.isbn == null", ["two"]),
        ("@.sold == true", ["one"]),
        ("@.sold == 1", []),
        ("@.missing == @.missing", []),
        ("@.price < 10 || @.title == 'three'", ["one", "three"]),
        ("@.price == 15 && @.isbn", ["two"]),
        ("!(@.price < 10 || @.isbn)", ["three"]),
        ("@.title in ['one', 'three']", ["one", "three"]),
        ("@.title nin ['one', 'three']", ["two"]),
        ("@.tags contains 'b'", ["one", "three"]),
        ("@.title contains 'o'", ["one", "two"]),
        ("@.tags subsetof ['b', 'c']", ["two", "three"]),
        ("@.tags anyof ['a']", ["one"]),
        ("@.tags noneof ['a']", ["two", "three"]),
        ("@.tags size 2", ["one"]),
        ("@.tags empty true", ["two"]),
        ("@.tags[0] == 'b'", ["three"]),
        ("@.tags.length() > 1", ["one"]),
        ("@['price'] == -1.5e1", []),
        ("'a' == @.tags[0]", ["one"]),
        ('@ == {"x": 1}', []),
        ("@..tags[0] == ['a']", ["one"]),
        ("@.tags[*] contains 'a'", ["one"]),
    ],
)
def test_a_filter_selects_the_items_that_it_accepts(condition: str, titles: list[str]) -> None:
    assert compile_path(f"$.books[?({condition})].title").read(DOCUMENT) == titles


def test_a_filter_on_an_object_gives_the_object_itself() -> None:
    assert compile_path("$.object[?(@.x == 1)]").read(DOCUMENT) == [{"x": 1}]
    assert compile_path("$.object[?(@.x == 2)]").read(DOCUMENT) == []


def test_a_scan_with_a_filter_looks_at_every_object() -> None:
    assert compile_path("$..[?(@.x)]").read(DOCUMENT) == [{"x": 1}]


@pytest.mark.parametrize(
    "condition",
    [
        "__import__('os').system('touch x')",
        "@.a == ",
        "@.a =~ b",
        "1",
        "@.a && ",
        "(" * 100 + "@.a" + ")" * 100,
        "[" * 100,
        '@.a == {"x"',
        '@.a == {"a":' * 1,
        "@.a ~ 1",
    ],
)
def test_a_condition_that_is_none_is_refused(condition: str) -> None:
    with pytest.raises(PathSyntaxError):
        compile_path(f"$[?({condition})]")


def test_a_filter_that_is_not_closed_is_refused() -> None:
    with pytest.raises(PathSyntaxError, match=r"The end of the text instead of '\)'"):
        compile_path("$[?(@.a")


@pytest.mark.parametrize(
    ("pattern", "titles"),
    [
        ("/t.*/", ["two", "three"]),
        ("/T.*/i", ["two", "three"]),
        ("/T.*/", []),
        ("/t/", []),
        ("/one|two/", ["one", "two"]),
        ("/(?:o|n|e)+/", ["one"]),
    ],
)
def test_a_regular_expression_matches_the_whole_text(pattern: str, titles: list[str]) -> None:
    assert compile_path(f"$.books[?(@.title =~ {pattern})].title").read(DOCUMENT) == titles


def test_a_regular_expression_fits_texts_only() -> None:
    assert compile_path("$.books[?(@.price =~ /.*/)].title").read(DOCUMENT) == ["three"]


@pytest.mark.parametrize("pattern", ["/(a/", "/a)(b/", "/*/", "/a/x", "/[b-a]/"])
def test_a_regular_expression_that_is_none_is_refused(pattern: str) -> None:
    with pytest.raises(PathSyntaxError):
        compile_path(f"$[?(@.s =~ {pattern})]")


@pytest.mark.parametrize("pattern", ["/(a+)+$/", "/(a|aa)+c/", "/(a*)*b/", "/(x+x+)+y/"])
def test_a_regular_expression_never_hangs(pattern: str) -> None:
    path = compile_path(f"$[?(@.s =~ {pattern})]")

    try:
        outcome = str(path.read([{"s": "a" * 5000 + "!"}, {"s": "x" * 5000}]))
    except PathFailure as failure:
        outcome = failure.detail

    assert outcome in ("[]", "The path takes too many steps")


def nested(depth: int) -> Json:
    value: Json = {"zz": 1}
    for _ in range(depth):
        value = {"a": value}
    return value


MANY = ",".join(map(str, range(5_000)))


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("$..[?(@..[?(@..zz)])]", nested(300)),
        ("$" + "..[?(@" * 40 + ".a" + ")]" * 40, nested(60)),
        (f"$[?(@.a anyof [{MANY}])]", [{"a": list(range(-100, 0))}] * 20_000),
        (f"$[?(@.a in [@.b,{MANY}])]", [{"a": -1, "b": 2}] * 20_000),
        ("$[?(@.a =~ /(a+)+b/)]", [{"a": "a" * 3_000}] * 2_000),
    ],
)
def test_filters_have_a_budget_of_work(path: str, document: Json) -> None:
    with pytest.raises(PathFailure, match="The path takes too many steps") as failure:
        compile_path(path).read(document)

    assert failure.value.error == "States.Runtime"


def test_many_items_may_be_looked_for_in_a_long_list() -> None:
    document: Json = [{"a": -1}] * 2_000 + [{"a": "7"}]

    assert compile_path(f"$[?(@.a in [{MANY}])]").read(document) == [{"a": "7"}]


@pytest.mark.parametrize("opening", ["[?(@", "[?(@.a && @", "..[?(@"])
def test_the_depth_of_filters_counts_through_their_nesting(opening: str) -> None:
    with pytest.raises(PathSyntaxError, match="nested more than 50 deep"):
        compile_path("$" + opening * 99 + ".a" + ")]" * 99)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$.a.sum()", "Infinity"),
        ("$.a.max()", "Infinity"),
        ("$.b.avg()", "Infinity"),
        ("$.b.stddev()", "Infinity"),
    ],
)
def test_numbers_beyond_a_double_end_no_path(path: str, value: Json) -> None:
    assert compile_path(path).read({"a": [10**400, 1], "b": [1e308, 1e308]}) == value


def deep_list(depth: int) -> Json:
    value: Json = []
    for _ in range(depth):
        value = [value]
    return value


def test_data_that_is_nested_very_deep_ends_no_path_otherwise() -> None:
    document: Json = [{"a": deep_list(100_000), "b": deep_list(100_000)}]

    with pytest.raises(PathFailure, match="nested too deeply"):
        compile_path("$[?(@.a == @.b)]").read(document)
