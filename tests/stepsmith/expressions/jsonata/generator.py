"""Random expressions and data for the comparison with the reference implementation.

Expressions are typed, so that most of them mean something; now and then a part has another type, so
that errors are compared too. They cover the grammar, the functions, and what workflows compile to.
"""

import random
from collections.abc import Callable, Iterator
from typing import Any

WORDS = [
    "a",
    "Abc",
    "hello world",
    "x-y",
    "",
    "10",
    "3.5",
    "ünï",
    "😀b",
    "A1 b2 c3",
    "  pad  ",
    "true",
    "a,b,,c",
]
REGEXES = [
    "/a/", "/[a-c]+/i", "/([a-z])([0-9])?/", "/\\d+/", "/(a|b)*c/", "/\\s+/", "/^.{2}/", "/x|y|z/i", "/(l+)(o)/",
    "/b$/m", "/\\w\\b/", "/(?=o)./", "/[^a-z]/", "/(.)\\1/", "/o(?!r)/", "/,/",
]  # fmt: skip
NUMBER_PICTURES = [
    "#,##0.00",
    "0",
    "000.0",
    "#0.###",
    "#,###",
    "0%",
    "00.00;(0)",
    "+0",
    "##0.0#",
    "1",
]
INTEGER_PICTURES = ["0", "#,##0", "000", "w", "W", "Ww", "i", "I", "a", "A", "0;o", "w;o", "#:##0", "٠", "z"]
DATE_PICTURES = [
    "[Y]-[M01]-[D01]", "[D1o] [MNn] [Y0001]", "[FNn,3-3], [D] [MNn,*-3] [Y]", "[H01]:[m]:[s].[f001][Z]",
    "[h]:[m01][P]", "[X]-W[W01]-[F]", "[d001]", "[w] [x]", "[Yi]", "[DWwo] [MI]", "[z]", "[Z0101t]", "[[x]]", "[E][C]",
]  # fmt: skip
TIMESTAMPS = [
    "2018-02-03T10:11:12Z", "2026-11-24", "2020", "2019-12-31T23:59:59.999+01:00", "1999-05", "nope", "2018-02-30",
    "2024-02-29T00:00:00.5-0530",
]  # fmt: skip
SEPARATORS = ["'a'", "'l'", "','", "' '", "''", "'b'"]
FILLERS = ["", ", '#'", ", 'ab'", ", ''"]
ZONES = ["", ", '+0100'", ", '-0530'", ", '0000'"]
DELETIONS = ["", ", 'id'", ", ['name', 'qty']"]
KEYS = ["'name'", "'id'", "'tags'"]
CONSTANT = "'k'"
FIELDS = ["id", "price", "qty", "name", "tags", "sub", "missing"]

INPUTS = 60
"""How many documents, each with variables, the expressions are evaluated on."""

Variables = dict[str, str]


def document(rng: random.Random) -> dict[str, Any]:
    """Data of a shape that the generator knows."""

    def number() -> float:
        return rng.choice(
            [0, 1, 2, 3, 7, 10, -1, -5, 0.5, 2.25, 1e3, 123456, 1e-7, 12.345, rng.randint(-50, 50)]
        )

    def word() -> str:
        return rng.choice(WORDS)

    def item(level: int) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "id": rng.randint(1, 4),
            "price": number(),
            "qty": rng.randint(0, 5),
            "name": word(),
            "tags": [word() for _ in range(rng.randint(0, 3))],
        }
        if level:
            fields["sub"] = rng.choice([item(0), [item(0) for _ in range(rng.randint(0, 3))], None])
        for name in FIELDS:
            if rng.random() < 0.08:
                fields.pop(name, None)
        return fields

    return {
        "n": number(),
        "s": word(),
        "b": rng.random() < 0.5,
        "nothing": None,
        "nums": [number() for _ in range(rng.randint(0, 5))],
        "strs": [word() for _ in range(rng.randint(0, 4))],
        "items": [item(1) for _ in range(rng.randint(0, 4))],
        "one": item(1),
        "deep": rng.choice([[[1, 2], [3]], [[1, [2, [3]]], 4], [], [[]], [[5]]]),
        "eo": {},
        "map": {rng.choice("abcde12"): number() for _ in range(rng.randint(0, 3))},
    }


def bindings(rng: random.Random) -> dict[str, Any]:
    """Variables of types that the generator knows."""
    inner = document(rng)
    return {
        "i": rng.choice([0, 1, 2, -1, 5]),
        "x": rng.choice([1, 2.5, -3, 0, 10]),
        "t": rng.choice(WORDS),
        "f": rng.random() < 0.5,
        "xs": inner["nums"],
        "ss": inner["strs"],
        "o": inner["one"],
        "os": inner["items"],
        "states": {"input": inner, "result": inner["one"], "context": {"Execution": {"Name": "e"}}},
    }


OUTER: Variables = {
    "i": "num", "x": "num", "t": "str", "f": "bool", "xs": "nums", "ss": "strs", "o": "obj", "os": "objs",
}  # fmt: skip


class Generator:
    """Makes one expression after another."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.counter = 0
        self.inputs = [(document(self.rng), bindings(self.rng)) for _ in range(INPUTS)]

    def cases(self) -> Iterator[dict[str, Any]]:
        """Cases without end: an expression, and the number of the input that it is evaluated on."""
        while True:
            kind = self.pick("num", "str", "bool", "nums", "strs", "obj", "objs", "path", "any", "emitted")
            expr = self.make(kind, self.rng.choice([1, 2, 2, 3, 3, 4]), dict(OUTER))
            yield {"expr": expr, "on": self.rng.randrange(INPUTS)}

    def pick(self, *options: Any) -> Any:
        return self.rng.choice(options)

    def fresh(self) -> str:
        self.counter += 1
        return f"v{self.counter % 50}"

    def make(self, kind: str, depth: int, names: Variables) -> str:
        if kind != "emitted" and self.rng.random() < 0.03:
            kind = self.pick("num", "str", "bool", "nums", "strs", "obj", "objs", "path", "null", "undef")
        if kind == "any":
            kind = self.pick("num", "str", "bool", "nums", "strs", "obj", "objs", "path", "null", "undef")
        makers: dict[str, Callable[[int, Variables], str]] = {
            "num": self.number, "str": self.string, "bool": self.boolean, "nums": self.numbers, "strs": self.strings,
            "obj": self.object, "objs": self.objects, "path": self.path, "emitted": self.emitted,
            "null": lambda depth, names: "null", "undef": lambda depth, names: self.pick("missing", "$nope", "()"),
        }  # fmt: skip
        text = makers[kind](depth, names)
        if depth > 0 and self.rng.random() < 0.05:
            text = self.wrapped(kind, text, depth, names)
        return text

    def wrapped(self, kind: str, text: str, depth: int, names: Variables) -> str:
        name = self.fresh()
        inner = {**names, name: kind}
        return self.pick(
            f"({text})",
            f"(${name} := {text}; {self.make(kind, depth - 1, inner)})",
            f"({self.make('bool', depth - 1, names)} ? {text} : {self.make(kind, depth - 1, names)})",
            f"function(${name}){{{self.make(kind, depth - 1, inner)}}}({text})",
            f"({text})[]",
            f"({text} /* note */)",
            f"({text}) ~> $string()",
            f"$eval({self.quoted(text)})" if kind in ("num", "bool", "str") else text,
        )

    def quoted(self, text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def variable(self, kind: str, names: Variables) -> str | None:
        fitting = [name for name, its in names.items() if its == kind]
        return "$" + self.rng.choice(fitting) if fitting and self.rng.random() < 0.7 else None

    # numbers

    def number(self, depth: int, names: Variables) -> str:
        if depth <= 0:
            return self.variable("num", names) or self.pick(
                "0", "1", "2", "7", "-3", "2.5", "1e3", "0.1", "n", "nums[0]", "$states.input.n", "items[0].price",
                "1e21", "123456789012", "1e-7", "$.n", "one.qty",
            )  # fmt: skip
        num = lambda: self.make("num", depth - 1, names)  # noqa: E731  # short, and used many times
        string = lambda: self.make("str", depth - 1, names)  # noqa: E731
        nums = lambda: self.make("nums", depth - 1, names)  # noqa: E731
        return self.pick(
            lambda: f"{num()} {self.pick('+', '-', '*', '/', '%')} {num()}",
            lambda: f"({num()} {self.pick('+', '-', '*')} {num()})",
            lambda: f"-{self.number(0, names)}",
            lambda: f"$abs({num()})",
            lambda: f"${self.pick('floor', 'ceil', 'round')}({num()})",
            lambda: f"$round({num()}, {self.pick('0', '1', '2', '-1', '3')})",
            lambda: f"$sqrt($abs({num()}))",
            lambda: f"$power({num()}, {self.pick('0', '1', '-1')})",
            lambda: f"$power($floor({num()}), {self.pick('2', '3')})",
            lambda: f"${self.pick('sum', 'max', 'min', 'average', 'count')}({nums()})",
            lambda: f"$count({self.make('any', depth - 1, names)})",
            lambda: f"$length({string()})",
            lambda: f"$number({self.pick(string, num, lambda: self.make('bool', depth - 1, names))()})",
            lambda: f"{nums()}[{self.index(depth, names)}]",
            lambda: f"$reduce({nums()}, function($a, $b){{$a {self.pick('+', '*', '-')} $b}})",
            lambda: f"$reduce({nums()}, function($a, $b, $c){{$a + $b * $c}}, {num()})",
            lambda: f"({nums()} ~> $sum)",
            lambda: f"$toMillis({self.quoted(self.pick(*TIMESTAMPS))})",
            lambda: f"$parseInteger($formatInteger({num()}, '{(p := self.pick('w', 'i', '#,##0'))}'), '{p}')",
            lambda: (
                # powers of 26 are exact for the reference only as far as doubles are
                f"$parseInteger($formatInteger({num()} % 1000000, 'A'), 'A')"
            ),
            lambda: f"($f := function($n){{$n <= 1 ? 1 : $n * $f($n - 1)}}; $f({self.pick('1', '3', '5')}))",
            lambda: f"{self.make('obj', depth - 1, names)}.{self.pick('price', 'qty', 'id')}",
            lambda: f"$single({nums()}, function($v){{$v = {num()}}})",
        )()

    def index(self, depth: int, names: Variables) -> str:
        return self.pick(
            "0", "1", "-1", "2", "10", "$i", "$x", "[0..1]", "[0,2]", "0.5", self.number(0, names)
        )

    # strings

    def string(self, depth: int, names: Variables) -> str:
        if depth <= 0:
            return self.variable("str", names) or self.pick(
                *[self.quoted(word) for word in WORDS], "s", "strs[0]", "one.name", "items[0].name",
                "$states.input.s", "'q\\u0041'", "$states.context.Execution.Name",
            )  # fmt: skip
        num = lambda: self.make("num", depth - 1, names)  # noqa: E731
        string = lambda: self.make("str", depth - 1, names)  # noqa: E731
        any_ = lambda: self.make("any", depth - 1, names)  # noqa: E731
        regex = lambda: self.pick(*REGEXES)  # noqa: E731
        return self.pick(
            lambda: f"{string()} & {self.pick(string, num, any_)()}",
            lambda: f"$string({any_()})",
            lambda: f"$string({any_()}, true)",
            lambda: f"${self.pick('uppercase', 'lowercase', 'trim')}({string()})",
            lambda: f"$substring({string()}, {self.pick('0', '1', '-2', '5', '1.5')})",
            lambda: (
                f"$substring({string()}, {self.pick('0', '1', '-3')}, {self.pick('0', '1', '2', '10', '-1')})"
            ),
            lambda: f"$substring{self.pick('Before', 'After')}({string()}, {self.pick(*SEPARATORS)})",
            lambda: f"$pad({string()}, {self.pick('5', '-5', '0', '12')}{self.pick(*FILLERS)})",
            lambda: f"$join({self.make('strs', depth - 1, names)}{self.pick(*FILLERS)})",
            lambda: f"$replace({string()}, {regex()}, {self.replacement()}{self.pick('', ', 1', ', 0')})",
            lambda: f"$formatNumber({num()}, '{self.pick(*NUMBER_PICTURES)}')",
            lambda: f"$formatInteger({num()}, '{self.pick(*INTEGER_PICTURES)}')",
            lambda: f"$formatBase(($round({num()}) % 1000){self.pick('', ', 2', ', 16', ', 36', ', 1')})",
            lambda: (
                f"$fromMillis({self.pick('0', '1521801216617', '-62135596800000', '951782400000', '1e15')}"
                f", '{self.pick(*DATE_PICTURES)}'{self.pick(*ZONES)})"
            ),
            lambda: f"$fromMillis({self.pick('0', '1521801216617', '1e12')})",
            lambda: f"$base64encode({string()})",
            lambda: f"$base64decode($base64encode({string()}))",
            lambda: f"${self.pick('en', 'de')}codeUrl{self.pick('', 'Component')}({string()})",
            lambda: f"$type({any_()})",
            lambda: f"$lookup({self.make('obj', depth - 1, names)}, {self.pick(*KEYS, string())})",
            lambda: f"({string()} ~> $uppercase ~> $substring(0, 2))",
            lambda: f"({string()} ~> ($trim ~> $lowercase))",
            lambda: f"$substring(?, 0, 2)($string({string()}))",
        )()

    def replacement(self) -> str:
        return self.pick("'z'", "'[$1]'", "'$0$0'", "'$$'", "function($m){$m.match & '!'}", "'$2$1'", "''")

    # booleans

    def boolean(self, depth: int, names: Variables) -> str:
        if depth <= 0:
            return self.variable("bool", names) or self.pick("true", "false", "b", "$states.input.b", "items")
        num = lambda: self.make("num", depth - 1, names)  # noqa: E731
        string = lambda: self.make("str", depth - 1, names)  # noqa: E731
        bool_ = lambda: self.make("bool", depth - 1, names)  # noqa: E731
        any_ = lambda: self.make("any", depth - 1, names)  # noqa: E731
        return self.pick(
            lambda: f"{num()} {self.pick('<', '<=', '>', '>=')} {num()}",
            lambda: f"{string()} {self.pick('<', '<=', '>', '>=')} {string()}",
            lambda: f"{any_()} {self.pick('=', '!=')} {any_()}",
            lambda: f"{num()} = {num()}",
            lambda: f"{bool_()} {self.pick('and', 'or')} {bool_()}",
            lambda: f"$not({any_()})",
            lambda: f"$boolean({any_()})",
            lambda: f"$exists({any_()})",
            lambda: f"{self.pick(num, string, any_)()} in {self.pick('nums', 'strs', '[1,2,3]', any_())}",
            lambda: f"$contains({string()}, {self.pick(string(), self.pick(*REGEXES))})",
        )()

    # arrays

    def numbers(self, depth: int, names: Variables) -> str:
        if depth <= 0:
            return self.variable("nums", names) or self.pick(
                "nums",
                "[1,2,3]",
                "[]",
                "items.price",
                "[1..4]",
                "$states.input.nums",
                "[5]",
                "items.sub.qty",
                "**.qty",
            )
        num = lambda: self.make("num", depth - 1, names)  # noqa: E731
        nums = lambda: self.make("nums", depth - 1, names)  # noqa: E731
        name = self.fresh()
        inner = {**names, name: "num"}
        return self.pick(
            lambda: f"[{num()}, {num()}]",
            lambda: f"[{num()}, {nums()}, {nums()}]",
            lambda: f"[{self.pick('0', '1', '-2')}..{self.pick('2', '3', '0', '$i')}]",
            lambda: f"$map({nums()}, function(${name}){{{self.make('num', depth - 1, inner)}}})",
            lambda: f"$map({nums()}, function(${name}, $k){{${name} + $k}})",
            lambda: f"$filter({nums()}, function(${name}){{{self.make('bool', depth - 1, inner)}}})",
            lambda: f"{nums()}[$ {self.pick('<', '>', '=', '!=')} {num()}]",
            lambda: f"{nums()}^({self.pick('$', '>$', '<$')})",
            lambda: f"$sort({nums()})",
            lambda: f"$sort({nums()}, function($l, $r){{$l {self.pick('<', '>')} $r}})",
            lambda: f"$reverse({nums()})",
            lambda: f"$distinct({nums()})",
            lambda: f"$append({nums()}, {nums()})",
            lambda: (
                f"{self.make('objs', depth - 1, names)}.{self.pick('price', 'qty', '(price * qty)', 'id[]')}"
            ),
            lambda: f"{self.make('objs', depth - 1, names)}[qty > {num()}].price",
            lambda: f"({nums()})[[0..{self.pick('0', '1', '2')}]]",
            lambda: f"$zip({nums()}, {nums()})",
            lambda: f"$map({nums()}, $string)",
            lambda: f"{nums()}.($ * 2)",
            lambda: f"{nums()}#$p[$p > 0]",
            lambda: (
                f"$each({self.make('obj', depth - 1, names)}, function($v, $k){{$type($v) = 'number' ? $v}})"
            ),
        )()

    def strings(self, depth: int, names: Variables) -> str:
        if depth <= 0:
            return self.variable("strs", names) or self.pick(
                "strs",
                '["a","b"]',
                "items.name",
                "items.tags",
                "$states.input.strs",
                "[]",
                "one.tags",
                "items.tags[0]",
            )
        string = lambda: self.make("str", depth - 1, names)  # noqa: E731
        strs = lambda: self.make("strs", depth - 1, names)  # noqa: E731
        return self.pick(
            lambda: f"[{string()}, {string()}]",
            lambda: (
                f"$split({string()}, {self.pick(*SEPARATORS[:4], self.pick(*REGEXES))}"
                f"{self.pick('', ', 1', ', 2')})"
            ),
            lambda: f"$keys({self.make('obj', depth - 1, names)})",
            lambda: f"$map({strs()}, $uppercase)",
            lambda: f"$map({strs()}, function($w){{$w & {string()}}})",
            lambda: f"$filter({strs()}, function($w){{$length($w) > {self.pick('0', '1', '3')}}})",
            lambda: f"$sort({strs()})",
            lambda: f"$distinct({strs()})",
            lambda: f"$reverse({strs()})",
            lambda: f"$match({string()}, {self.pick(*REGEXES)}).match",
            lambda: f"$match({string()}, {self.pick(*REGEXES)}{self.pick('', ', 1')})",
            lambda: f"{self.make('objs', depth - 1, names)}.name",
            lambda: f"{self.make('objs', depth - 1, names)}.tags[{self.pick('0', '-1')}]",
            lambda: (
                f"({self.make('objs', depth - 1, names)}^({self.pick('name', '>name', 'qty, >name')})).name"
            ),
            lambda: f"{strs()}[{self.index(depth, names)}]",
        )()

    # objects

    def object(self, depth: int, names: Variables) -> str:
        if depth <= 0:
            return self.variable("obj", names) or self.pick(
                "one", "items[0]", "$states.result", "eo", "map", "{}", '{"id": 1, "price": 2}', "one.sub"
            )
        any_ = lambda: self.make("any", depth - 1, names)  # noqa: E731
        obj = lambda: self.make("obj", depth - 1, names)  # noqa: E731
        objs = lambda: self.make("objs", depth - 1, names)  # noqa: E731
        return self.pick(
            lambda: f'{{"id": {any_()}, "price": {self.make("num", depth - 1, names)}, "name": {any_()}}}',
            lambda: f'{{"a": {any_()}, {self.make("str", depth - 1, names)}: {any_()}}}',
            lambda: (
                f"{objs()}{{{self.pick('name', '$string(id)', CONSTANT)}: "
                f"{self.pick('price', '$sum(price)', '$', 'id')}}}"
            ),
            lambda: f"$merge([{obj()}, {obj()}])",
            lambda: f"$merge({objs()})",
            lambda: f"$sift({obj()}, function($v, $k){{{self.pick('$k in [1]', '$v > 1', '$exists($v)')}}})",
            lambda: f"({obj()} ~> |$|{{'price': {any_()}}}{self.pick(*DELETIONS)}|)",
            lambda: f"($states.input ~> |items|{{'total': price * qty}}{self.pick(*DELETIONS)}|)",
            lambda: f"{objs()}[{self.index(depth, names)}]",
            lambda: f"$spread({obj()})",
            lambda: f"({{'a': {any_()}}}).a",
            lambda: f"$reduce({objs()}, function($a, $b){{$merge([$a, $b])}}, {obj()})",
        )()

    def objects(self, depth: int, names: Variables) -> str:
        if depth <= 0:
            return self.variable("objs", names) or self.pick(
                "items", "$states.input.items", "items.sub", "[one]", "[]", "[{}, one]", "items[qty > 1]"
            )
        objs = lambda: self.make("objs", depth - 1, names)  # noqa: E731
        num = lambda: self.make("num", depth - 1, names)  # noqa: E731
        return self.pick(
            lambda: f"{objs()}[{self.pick('price', 'qty', 'id')} {self.pick('<', '>', '=', '!=')} {num()}]",
            lambda: f"{objs()}[{self.make('bool', depth - 1, names)}]",
            lambda: f"{objs()}^({self.pick('price', '>price', 'name', 'qty, >price', 'sub.qty', 'id')})",
            lambda: (
                f"$filter({objs()}, function($v, $k){{{self.pick('$v.qty > 1', '$k = 0', '$v.name = $v.name')}}})"
            ),
            lambda: (
                f"$map({objs()}, function($v){{{{'id': $v.id, 'v': {self.make('any', depth - 1, names)}}}}})"
            ),
            lambda: f"{objs()}.{{'id': id, 'p': price * {num()}}}",
            lambda: f"$append({objs()}, {self.make('obj', depth - 1, names)})",
            lambda: f"{objs()}.sub",
            lambda: f"{objs()}@$e.{{'n': $e.name, 'q': qty}}",
            lambda: f"{objs()}#$p.{{'p': $p, 'id': id}}",
            lambda: f"{objs()}.sub.{{'own': qty, 'up': %.qty}}",
            lambda: f"$distinct({objs()})",
            lambda: f"$sort({objs()}, function($l, $r){{$l.qty > $r.qty}})",
        )()

    # paths

    def path(self, depth: int, names: Variables) -> str:
        text = self.pick(
            "items", "one", "$", "$$", "$states.input", "deep", "$os", "nums", "strs", "map", "*", "**", "items.*",
            "(items)", "items.sub", "[one, items]", "$states",
        )  # fmt: skip
        for _ in range(self.rng.randint(0, depth + 1)):
            text += self.pick(
                lambda: "." + self.pick(*FIELDS, "*", "`name`", '"id"', "tags", "sub"),
                lambda: f"[{self.index(depth, names)}]",
                lambda: f"[{self.make('bool', 1, names)}]",
                lambda: f"[{self.pick('price', 'qty')} {self.pick('<', '>')} {self.pick('1', '5', '$x')}]",
                lambda: "[]",
                lambda: f".({self.pick('$', 'price', 'qty; name', '$x := qty; $x', 'sub ? sub : $')})",
                lambda: f".[{self.pick('id', 'id, price', 'tags', '[id]', '$')}]",
                lambda: ".{'k': " + self.pick("id", "price", "tags", "$") + "}",
                lambda: f"^({self.pick('id', '>price', 'name')})",
                lambda: f".${self.pick('string', 'count', 'type', 'keys', 'exists')}($)",
                lambda: ".sub.%" + self.pick("", ".name", ".qty"),
                lambda: f"#$n[{self.pick('$n = 0', '$n > 0', '$n')}]",
                lambda: self.pick(
                    ".tags#$m.{'m': $m, 't': $}", "@$q.sub[id = $q.id]", "@$q.tags.($q.name & $)"
                ),
            )()
        return text

    # what workflows compile to

    def emitted(self, depth: int, names: Variables) -> str:
        any_ = lambda: self.make("any", depth - 1, names)  # noqa: E731
        num = lambda: self.make("num", depth - 1, names)  # noqa: E731
        string = lambda: self.make("str", depth - 1, names)  # noqa: E731
        return self.pick(
            lambda: (
                "$states.input." + self.pick("n", "s", "one.name", "items[0].price", "one.sub.qty", "map.a")
            ),
            lambda: f"$o.{self.pick('name', '`price`', 'sub.name', 'tags')}",
            lambda: f"$lookup($o, {string()})",
            lambda: f"($_v := $lookup($o, {string()}); $exists($_v) ? $_v : $error('KeyError'))",
            lambda: (
                f"($_v := $xs[{self.pick('0', '-1', '$i', '3')}]; $exists($_v) ? $_v : $error('IndexError'))"
            ),
            lambda: "$reduce($xs, function($a, $v, $k){$k >= 1 and $k < 3 ? $append($a, [$v]) : $a}, [])",
            lambda: f"$substring($t, {self.pick('0', '1')}, {self.pick('1', '3')})",
            lambda: f"$count($xs) > 0 {self.pick('and', 'or')} $t != ''",
            lambda: f"$o != null and $o != {{}} ? {any_()} : {any_()}",
            lambda: f"$x - {self.pick('2', '3', '-2')} * $floor($x / {self.pick('2', '3', '-2')})",
            lambda: f"({num()} = 0 ? $error('ZeroDivisionError') : {num()} / {num()})",
            lambda: f"[$map($filter($os, function($v){{$v.qty > {num()}}}), function($v){{$v.price}})]",
            lambda: "[$map($os, function($v){{'id': $v.id, 'total': $v.price * $v.qty}})]",
            lambda: "$reduce($os, function($a, $v){$append($a, [[$v.tags]])}, [])",
            lambda: "$reduce($os, function($a, $v){$merge([$a, {$string($v.id): $v.price}])}, {})",
            lambda: f"[[$xs], {num()}]",
            lambda: f"[[$xs], [[1], {num()}]]",
            lambda: f"$append($xs, [{num()}])",
            lambda: f"$merge([$o, {{'price': {num()}}}])",
            lambda: f"{string()} in $ss",
            lambda: f"$contains($t, {string()})",
            lambda: f"$exists($lookup($o, {string()}))",
            lambda: f"{string()} & '/' & $string({num()})",
            lambda: "{'status': $f ? 'ok' : 'bad', 'n': $i + 1, 'input': $states.input.one, 'xs': $xs}",
            lambda: f"$toMillis({self.quoted(self.pick(*TIMESTAMPS))}) < $toMillis('2020-01-01T00:00:00Z')",
            lambda: f"$sum([$map($os, function($v){{$v.price * $v.qty}})]) + {num()}",
            lambda: f"$sort([$map($os, function($v){{$v.{self.pick('name', 'price')}}})])",
            lambda: f"$map([0..{self.pick('2', '3', '$count($xs) - 1')}], function($k){{$xs[$k]}})",
            lambda: f"$join([{string()}, {string()}], '-') ~> $uppercase()",
            lambda: f"$split({string()}, ',')[{self.pick('0', '-1')}]",
            lambda: "$count($filter($os, function($v){$v.name != '' and $v.qty >= 1}))",
            lambda: f"$exists($o.missing) ? $o.missing : {any_()}",
        )()
