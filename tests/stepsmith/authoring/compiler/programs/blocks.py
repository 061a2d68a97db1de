"""Random statements with blocks: structural patterns, narrowing, ways out through finally, local functions, sagas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from tests.stepsmith.authoring.compiler.programs.calls import Stating


class Nesting(Protocol):
    """What writes blocks."""

    @property
    def x(self) -> Stating: ...

    loops: int
    returns: str
    functions: int

    def nest(self, head: str, depth: int, /, **names: str) -> list[str]: ...

    def function(self, head: str, depth: int, parameters: dict[str, str]) -> list[str]: ...


Block = Callable[[Nesting, int], list[str]]
_PATTERNS: Final[dict[str, tuple[tuple[str, dict[str, str]], ...]]] = {
    "item": (
        ("Item(n=1)", {}),
        ("Item(n=0 | 2, s=s_)", {"s_": "str"}),
        ("Item(note=None, n=n_)", {"n_": "int"}),
        ("Item(s='a')", {}),
        ("Item(tags=[t_, *_])", {"t_": "str"}),
    ),
    "pair": (("(1, _)", {}), ("(n_, 'a' | '')", {"n_": "int"}), ("(n_, s_)", {"n_": "int", "s_": "str"})),
    "ints": (
        ("[]", {}),
        ("[n_]", {"n_": "int"}),
        ("[1, *r_]", {"r_": "ints"}),
        ("[*_, n_, 3]", {"n_": "int"}),
        ("[a_, b_, *r_]", {"a_": "int", "b_": "int", "r_": "ints"}),
    ),
    "row": (("{'key': 'a'}", {}), ("{'key': s_, 'count': n_}", {"s_": "str", "n_": "int"})),
    "dpair": (("Pair(1, b_)", {"b_": "ints"}), ("Pair(a=n_, b=[])", {"n_": "int"}), ("Pair()", {})),
    "answer": (
        ("Answer(accepted=True, note=s_)", {"s_": "str"}),
        ("Answer(pair=(n_, Part(n=3)))", {"n_": "int"}),
        ("Answer(due=None)", {}),
    ),
    "onum": (("'a' | 'red'", {}), ("int(n_)", {"n_": "int"}), ("str(s_)", {"s_": "str"})),
    "paid": (
        ("Card(limit=None)", {}),
        ("Card(number=s_)", {"s_": "str"}),
        ("Cash(cents=0)", {}),
        ("Cash(cents=n_)", {"n_": "int"}),
    ),
    "color": (("Color.RED", {}), ("Color.BLUE", {})),
    "size": (("Size.SMALL", {}), ("Size.LARGE", {})),
}
_REST: Final = {
    "pair": ("(n_, s_)",),
    "dpair": ("Pair()",),
    "onum": ("int(n_)", "str(s_)"),
    "paid": ("Card(number=s_)", "Cash(cents=n_)"),
    "color": ("Color.RED", "Color.BLUE"),
    "size": ("Size.SMALL", "Size.LARGE"),
}
"""The patterns that together leave nothing out."""
_UNIONS: Final = ("onum", "paid")


def patterns(g: Nesting, depth: int) -> list[str]:
    """Match a value by what it is made of; a match that leaves nothing out may say so."""
    kinds = [kind for kind in _PATTERNS if kind not in _UNIONS or g.x.named(kind)]
    kind = g.x.random.choice(kinds)
    value = g.x.random.choice(g.x.named(kind) or [g.x.expr(kind, 1)])
    known = _PATTERNS[kind]
    places = sorted(g.x.random.sample(range(len(known)), g.x.random.randrange(1, len(known) + 1)))
    lines, rest = [f"match {value}:"], set(_REST.get(kind, ("?",)))
    for place in places:
        pattern, names = known[place]
        guard = ""
        if "n_" in names and g.x.random.random() < 0.3:
            guard = " if n_ > 0"
        else:
            rest.discard(pattern)
        renamed = {name: f"{name}{g.functions}{depth}" for name in names}
        for name, new in renamed.items():
            pattern, guard = pattern.replace(name, new), guard.replace(name, new)
        body = g.nest(
            f"case {pattern}{guard}:", depth, **{renamed[name]: each for name, each in names.items()}
        )
        lines += [f"    {line}" for line in body]
    if not rest and value.isidentifier() and g.x.random.random() < 0.5:
        lines += ["    case _:", f"        assert_never({value})"]
    elif rest and g.x.random.random() < 0.6:
        lines += [f"    {line}" for line in g.nest("case _:", depth)]
    g.functions += 1
    return lines


def narrowed(g: Nesting, depth: int) -> list[str]:
    """Leave where a value is None, or use it beside the test."""
    optional = [name for kind in ("oint", "ostr") for name in g.x.named(kind)]
    if not optional:
        return patterns(g, depth)
    name = g.x.random.choice(optional)
    kind = g.x.known[name]
    if g.x.random.random() < 0.5:
        test = f"{name} is not None and {name} {'> 1' if kind == 'oint' else '!= str(1)'}"
        return [
            *g.nest(f"if {test}:", depth, **{name: kind[1:]}),
            *(g.nest("else:", depth) if g.x.random.random() < 0.4 else []),
        ]
    leave = f"return {g.x.expr(g.returns, 1)}"
    if g.loops and g.x.random.random() < 0.6:
        leave = g.x.random.choice(("continue", "break"))
    elif g.x.can_raise and g.x.random.random() < 0.4:
        leave = f"raise SmallProblem({g.x.expr('str', 0)})"
    g.x.known[name] = kind[1:]
    use = "see_number" if kind == "oint" else "see_text"
    return [f"if {name} is None:", f"    {leave}", f"{use}({name})"]


def through_finally(g: Nesting, depth: int) -> list[str]:
    """Leave a try statement by return, break, continue or raise; finally runs on each way, nested ones in order."""
    number, text = g.x.safe_number(), g.x.expr("str", 0)
    ways = [f"return {g.x.lazy(g.returns, 1)}"]
    if g.x.can_raise:
        ways += [f"raise SmallProblem({text})", "raise OtherProblem"]
    if g.loops:
        ways += ["break", "continue"]
    test = g.x.expr("bool", 1)
    inner = [f"    if {test}:", f"        {g.x.random.choice(ways)}", f"    {g.x.tasks()}({number})"]
    lines = ["try:", *inner, "finally:", f"    see_text({text})"]
    if g.x.random.random() < 0.5:
        lines = ["try:", *(f"    {line}" for line in lines), "finally:", f"    see_number({number})"]
    if g.x.random.random() < 0.4:
        caught = g.x.random.choice(("SmallProblem as caught_", "Exception as caught_"))
        clause = [f"except {caught}:", "    see_text(str(caught_))"]
        if "Small" in caught and g.x.random.random() < 0.5:
            clause += ["    see_text(caught_.name)"]
        lines = ["try:", *(f"    {line}" for line in lines), *clause]
    return lines


def local_function(g: Nesting, depth: int) -> list[str]:
    """Define a function with parameters in the workflow, and call it by name and in a branch."""
    g.functions += 1
    name = f"local_{g.functions}"
    head = f"def {name}(number_: int, word_: str = 'w') -> int:"
    lines = g.function(head, depth, {"number_": "int", "word_": "str"})
    first, second = g.x.fresh("int"), g.x.fresh("int")
    number, text = g.x.expr("int", 1), g.x.expr("str", 1)
    call = g.x.random.choice(
        (
            f"{first} = {name}({number})\n{second} = {name}(word_={text}, number_={first})",
            f"{first}, {second} = parallel({name}({number}, {text}), {name}({g.x.expr('int', 0)}))",
            f"{first} = {name}(number_={number}, word_={text})\n{second} = applied({name}, {first})",
        )
    )
    g.x.known |= {first: "int", second: "int"}
    return [*lines, *call.split("\n")]


def saga_of_an_item(g: Nesting, depth: int) -> list[str]:
    """Undo what was done for the one item of a Map, and catch what failed."""
    if not g.x.can_raise:
        return local_function(g, depth)
    g.functions += 1
    function, name = f"saga_{g.functions}", g.x.fresh("ints")
    text, number = g.x.lazy("str", 0), g.x.lazy("int", 0)
    lines = [
        f"def {function}(number_: int) -> int:",
        "    with compensation() as undo_:",
        f"        undo_(undo_text, {text}, times=number_)",
        f"        done_ = risky({number})",
        *([f"        undo_(undo_number, done_ + {number})"] if g.x.random.random() < 0.6 else []),
        *(["        if done_ > 3:", "            undo_.clear()"] if g.x.random.random() < 0.3 else []),
        *(["        undo_(see_text, undo_.error)"] if g.x.random.random() < 0.3 else []),
        f"        return {g.x.random.choice(('risky(number_)', 'retried(done_)', 'child(number_)'))}",
    ]
    items = f"[{g.x.expr('int', 1)}]"
    call = g.x.random.choice(
        (
            f"map_items({items}, {function})",
            f"[{function}(item_) for item_ in {items}]",
            f"map_items({items}, {function}, max_concurrency=1)",
        )
    )
    g.x.known[name] = "ints"
    return [
        *lines,
        "try:",
        f"    {name} = {call}",
        f"except {g.x.random.choice(('Exception', 'Problem', '(Problem, OtherProblem)'))}:",
        f"    {name} = {g.x.random.choice(('[0]', '[1, 2]'))}",
    ]


def saga_by_hand(g: Nesting, depth: int) -> list[str]:
    """Undo in the clause that catches, and look at what could not be undone."""
    if not g.x.can_raise:
        return local_function(g, depth)
    undo = f"hand_{depth}_{g.functions}"
    g.functions += 1
    return [
        f"{undo} = compensation()",
        "try:",
        f"    with {undo}:",
        f"        {undo}(undo_text, {g.x.lazy('str', 0)})",
        f"        {undo}(undo_number, {g.x.lazy('int', 0)})",
        f"        {g.x.tasks()}({g.x.expr('int', 0)})",
        f"        {undo}(see_text, {undo}.error)",
        f"        {g.x.tasks()}({g.x.expr('int', 0)})",
        f"except {g.x.random.choice(('Exception', 'CompensationFailed', '(SmallProblem, CompensationFailed)'))}:",
        f"    see_number(len({undo}.problems))",
        f"    see_text({undo}.error)",
    ]


def more_loops(g: Nesting, depth: int) -> list[str]:
    """Loop over pairs with their places, keys, what is reversed, and several lists at once."""
    first, second, third = g.x.fresh("int"), g.x.fresh("str"), g.x.fresh("int")
    if len({first, second, third}) < 3:
        return narrowed(g, depth)
    numbers, words = g.x.expr("ints", 1), g.x.expr("words", 1)
    head, names = g.x.random.choice(
        (
            (f"{first}, ({third}, {second}) in enumerate({g.x.expr('pairs', 1)})", (first, second, third)),
            (f"{second} in {g.x.expr('table', 1)}", (second,)),
            (f"{second} in sorted({g.x.expr('table', 1)})", (second,)),
            (f"{first} in reversed({numbers})", (first,)),
            (f"{first}, {second}, {third} in zip({numbers}, {words}, {numbers})", (first, second, third)),
            (f"{first} in {g.x.expr('table', 1)}.values()", (first,)),
            (f"{first} in range({g.x.expr('int', 0)} % 5, -1, -2)", (first,)),
            (f"{first} in [n_ + 1 for n_ in {numbers}][:2]", (first,)),
        )
    )
    kinds = {first: "int", second: "str", third: "int"}
    g.loops += 1
    lines = g.nest(f"for {head}:", depth, **{name: kinds[name] for name in names})
    g.loops -= 1
    return lines + (g.nest("else:", depth) if g.x.random.random() < 0.2 else [])


BLOCKS: Final[tuple[Block, ...]] = (
    *(patterns, patterns, narrowed, through_finally, local_function),
    *(saga_of_an_item, saga_by_hand, more_loops, more_loops),
)
