"""Random expressions from the corners of the language, for the comparison with the reference implementation.

Where `generator` writes what means something, these are random in form: literals, operators without parentheses,
signatures, bindings in paths, functions given what they do not expect, and the `pictures` and `patterns` beside.
"""

import random
from collections.abc import Callable, Iterator
from typing import Any

from differences import has_function_as_data, is_inexact, splits_characters
from patterns import TEXTS, Patterns, quoted
from pictures import Pictures

DATA: list[Any] = [
    {
        "Account": {
            "Name": "Firefly",
            "Order": [
                {
                    "OrderID": "o1",
                    "Product": [
                        {"SKU": "a", "Price": 34.45, "Quantity": 2, "Tags": ["red", "x y"], "D": {"w": 0.75}},
                        {"SKU": "b", "Price": 21.67, "Quantity": 1, "Tags": [], "D": {"w": 0.6, "h": 20}},
                    ],
                },
                {
                    "OrderID": "o2",
                    "Product": [
                        {"SKU": "a", "Price": 34.45, "Quantity": 4, "Tags": ["blue"]},
                        {"SKU": "c", "Price": 107.99, "Quantity": 1, "D": {"w": 2, "h": None}},
                    ],
                },
            ],
        },
        "xs": [3, 1, 2],
        "nest": [[1, [2]], [[3]], 4],
        "ref": [{"id": "a", "owner": "Ann"}, {"id": "c", "owner": "Cid"}],
    },
    [{"Account": {"Name": "one"}, "xs": [1]}, {"Account": {"Name": "two"}, "xs": []}],
    [[1, 2], [3]],
    "text",
    7,
    None,
]
LITERALS = [
    "0", "1", "-1", "2", "007", "1.0", "1.50", "1e2", "1E+2", "1e-2", "0.1", "1e21", "1e-7", "1e308",
    "9007199254740993",
    "123456789.123456789", "'a'", '"b"', "''", "'\\n'", "'\\u00e9'", "'\\ud83d\\ude00'", "'😀é'",
    '"\\t\\"\\\\\\/"', "'\\u005'",
    "'\\x'", "true", "false", "null", "nope", "$", "$$", "xs", "nest", "Account", "`xs`", "\"xs\"", "[]", "[1]",
    "[[1]]", "{}",
    "{'a': 1}", "{'a': [], 'b': nope}", "[1..3]", "[3..1]", "[1, 'a', null]", "()", "(1; 2)", "*", "**", "$v",
    "$w", "$nope",
    "function($x){$x}", "/a/", "$sum", "1e999", "1.", ".5", "'open", "`open", "10000000000000000000000",
]  # fmt: skip
OPERATORS = [
    "+", "-", "*", "/", "%", "&", "=", "!=", "<", "<=", ">", ">=", "and", "or", "in", ".", "~>", ":=", "?",
    "..", "#", "@", "^",
]  # fmt: skip
TYPES = [
    "s",
    "n",
    "b",
    "l",
    "a",
    "o",
    "f",
    "j",
    "x",
    "a<n>",
    "a<s>",
    "a<a>",
    "(sn)",
    "(oa)",
    "f<n:n>",
    "(sa<n>)",
    "n<s>",
]
FUNCTIONS = [
    "sum",
    "count",
    "max",
    "min",
    "average",
    "string",
    "substring",
    "substringBefore",
    "substringAfter",
    "lowercase",
    "uppercase",
    "length",
    "trim",
    "pad",
    "match",
    "contains",
    "replace",
    "split",
    "join",
    "formatNumber",
    "formatBase",
    "formatInteger",
    "parseInteger",
    "number",
    "floor",
    "ceil",
    "round",
    "abs",
    "sqrt",
    "power",
    "boolean",
    "not",
    "map",
    "zip",
    "filter",
    "single",
    "reduce",
    "sift",
    "keys",
    "lookup",
    "append",
    "exists",
    "spread",
    "merge",
    "reverse",
    "each",
    "error",
    "assert",
    "type",
    "sort",
    "distinct",
    "base64encode",
    "base64decode",
    "encodeUrlComponent",
    "encodeUrl",
    "decodeUrlComponent",
    "decodeUrl",
    "eval",
    "toMillis",
    "fromMillis",
    "clone",
]
NUMERALS = ["1e3", "-1", "0b101", "0o17", "1_0", " 1", "1.", ".5", "+1", "Infinity", "1e400"]
GROUPED = [
    "Account.Order.Product", "Account.Order", "xs", "$v", "nope", "[]", "Account.Order.Product[Quantity = 1]", "$",
]  # fmt: skip
CONTEXTS = ["", "xs.", "'c'."]


class Corners:
    """Makes one expression after another."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.pictures = Pictures(self.rng)
        self.patterns = Patterns(self.rng)
        self.inputs = [(data, {"v": [1, {"a": 2}], "w": "word"}) for data in DATA]

    def cases(self) -> Iterator[dict[str, Any]]:
        """Cases without end: an expression, and the number of the input that it is evaluated on."""
        makers: list[Callable[[], str]] = [
            *self.pictures.makers(), self.patterns.call, self.patterns.url,
            self.operators, self.operators, self.path, self.path, self.path, self.signed, self.applied,
            self.strange_call, self.strange_call, self.transform, self.grouped, self.higher_order, self.literal,
        ]  # fmt: skip
        while True:
            text = self.pick(*makers)()
            if not (splits_characters(text) or has_function_as_data(text) or is_inexact(text)):
                yield {"expr": text, "on": self.rng.choice([0, 0, 0, 0, 1, 2, 3, 4, 5])}

    def pick(self, *options: Any) -> Any:
        return self.rng.choice(options)

    # syntax

    def literal(self) -> str:
        return self.pick(
            self.rng.choice(LITERALS), f"-{self.rng.choice(LITERALS)}",
            f"[{self.rng.choice(LITERALS)}, {self.rng.choice(LITERALS)}]",
            f"{{{self.rng.choice(LITERALS)}: {self.rng.choice(LITERALS)}}}",
            f"/* c */ {self.rng.choice(LITERALS)} /**/", f"$string({self.rng.choice(LITERALS)})",
            f"({self.rng.choice(LITERALS)}; {self.rng.choice(LITERALS)};)",
            f"$type({self.rng.choice(LITERALS)})", f"({self.rng.choice(LITERALS)})[]",
            f"$number({quoted(self.pick(*TEXTS, *NUMERALS))})",
            f"$length({quoted(self.pick(*TEXTS))})", f"$string({self.rng.choice(LITERALS)}, true)",
        )  # fmt: skip

    def operand(self) -> str:
        return self.pick(
            self.rng.choice(LITERALS),
            self.rng.choice(LITERALS),
            f"({self.rng.choice(LITERALS)})",
            f"-{self.rng.choice(LITERALS)}",
        )

    def operators(self) -> str:
        text = self.operand()
        for _ in range(self.rng.randint(1, 3)):
            operator = self.rng.choice(OPERATORS)
            right = self.operand()
            if operator == "?":
                right += self.pick(f" : {self.operand()}", "")
            if operator in ("#", "@"):
                right = "$q" + self.pick("", "[$q = 1]", ".$q")
            if operator == "^":
                right = f"({self.pick('', '<', '>')}{self.operand()})"
            if operator == ":=":
                text, right = "$q", text
            text = f"{text} {operator} {right}"
        return text

    def path(self) -> str:
        text = self.pick(
            "Account.Order",
            "Account.Order.Product",
            "$$.Account",
            "nest",
            "xs",
            "ref",
            "*",
            "**",
            "Account",
            "$",
            "(Account; xs)",
            "[Account, xs]",
            "$v",
            "Account.*",
            "nope",
        )
        for _ in range(self.rng.randint(1, 4)):
            text += self.pick(
                ".Product", ".Price", ".SKU", ".Tags", ".D.w", ".%", ".%.OrderID", ".%.%", ".*", ".**", "[]",
                "[0]", "[-1]", "[0..1]", "[[0, 2]]",
                "[Price > 30]", "[SKU = 'a']", "[$ > 1]", "#$i", "#$i[$i = 0]", "@$p", "@$p.SKU", "@$e.$e",
                ".(Price * Quantity)", ".{SKU: Price}",
                "{SKU: Price}", "{SKU: $sum(Price * Quantity)}", "^(Price)", "^(>Price, SKU)",
                "^(%.OrderID, Price)", ".$string($)", ".[Price]", ".[Price, SKU]",
                ".{'s': SKU, 'o': %.OrderID}", "@$p.$$.ref[id = $p.SKU].owner", "#$i.{'i': $i, 's': SKU}",
                ".(%.OrderID & SKU)", "[%.OrderID = 'o1']",
                "@$a#$b.{'b': $b, 'a': $a.SKU}", "[Tags]", "[*]", ".'SKU'", ".\"D\"", ".`D`", "[true]",
                "[false]", "['a']", "[nope]", "[1.5]",
                ".($x := SKU; $x & 1)", "[$count(Tags) > 0]", ".Product[0]", ".Product[-1].SKU", "[].SKU",
                ".(nope)", ".[]", "#$k^(>SKU)", "^(Price, $w)",
                "^($q := SKU)", "[$q := Price]", ".$q", "{$q := SKU: $q}", ".$", ".$$", ".1", ".null", ".()", ".[%]",
            )  # fmt: skip
        return text

    # functions

    def signed(self) -> str:
        signature = "".join(
            self.pick(*TYPES) + self.pick("", "", "", "?", "-", "+") for _ in range(self.rng.randint(0, 3))
        )
        result = self.pick("", ":x", ":n")
        arguments = ", ".join(self.rng.choice(LITERALS) for _ in range(self.rng.randint(0, 3)))
        return f"{self.rng.choice(CONTEXTS)}(function($x, $y, $z)<{signature}{result}>{{[$x, $y, $z]}})({arguments})"

    def applied(self) -> str:
        name, other = self.pick(*FUNCTIONS), self.pick(*FUNCTIONS)
        one, two = self.rng.choice(LITERALS), self.rng.choice(LITERALS)
        return self.pick(
            f"{one} ~> ${name}", f"{one} ~> ${name}({two})", f"{one} ~> (${name} ~> ${other})",
            f"($f := function($x, $y){{[$x, $y]}}(?, {one}); $f({two}))",
            f"($f := function($x, $y){{$x & $y}}({one}, ?); $f({two}))",
            "$map([1, 2], function($x, $i, $a){[$x, $i, $count($a)]})",
            f"($f := function($n){{$n <= 0 ? {one} : $f($n - 1)}}; $f(5))",
            f"(${self.pick('sum', 'x', 'v')} := {one}; ${self.pick('sum', 'x', 'v')})",
            f"($x := 1; ($x := 2); $f := function(){{$x}}; $x := {one}; $f())", f"λ($a){{$a}}({one})",
            f"function(){{{one}}}()", f"function($a, $a){{$a}}({one}, {two})",
            f"$eval({quoted(one)})", f"$eval('$ & $w', {one})", f"{one}({two})",
            f"${name}(?, {one})" if name != "string" else one,
            f"{name}({one})",
        )  # fmt: skip

    def strange_call(self) -> str:
        arguments = ", ".join(self.rng.choice(LITERALS) for _ in range(self.rng.randint(0, 3)))
        return (
            f"{self.pick('', '', '', f'{self.rng.choice(LITERALS)}.')}${self.pick(*FUNCTIONS)}({arguments})"
        )

    def higher_order(self) -> str:
        items = self.pick(
            "xs",
            "nest",
            "[1, 2, 2, 1]",
            "Account.Order.Product",
            "['b', 'a']",
            "nope",
            "[]",
            "5",
            "[{'a': 1}, {'a': 1}]",
            "Account",
        )
        function = self.pick(
            "function($x){$x}", "function($x, $i){$i}", "function($x, $i, $a){$a}", "function(){1}", "$string",
            "function($l, $r){$l > $r}", "function($x){$x > 1}", "$sum",
            "function($x, $y){$x + $y}", "function($p, $c, $i, $a){$p & $c & $i & $count($a)}",
            "function($x){nope}", "function($x){[$x]}", "function($x){{'k': $x}}", "$keys", "function($k, $v){$k}",
        )  # fmt: skip
        name = self.pick("map", "filter", "single", "reduce", "sort", "each", "sift")
        return f"${name}({items}, {function}{self.pick('', '', f', {self.rng.choice(LITERALS)}')})"

    def transform(self) -> str:
        target = self.pick(
            "$", "Account", "Account.Order", "$v", "[{'a': 1}]", "{'Price': 1}", "xs", "nope", "'a'"
        )
        pattern = self.pick(
            "Order",
            "Product",
            "$",
            "Order.Product",
            "**",
            "*",
            "Order[0]",
            "Product[Price > 30]",
            "nope",
            "Order.Product.D",
            "%",
            "1",
        )
        update = self.pick(
            "{'Price': 1}",
            "{'n': Price * 2}",
            "{}",
            "nope",
            "{'x': %.OrderID}",
            "1",
            "{'SKU': nope}",
            "$",
            "[1]",
            "Tags",
        )
        delete = self.pick("", "", ", 'SKU'", ", ['SKU', 'D']", ", nope", ", 1", ", 'absent'", ", ['a', 1]")
        return f"{target} ~> |{pattern}|{update}{delete}|{self.pick('', '', '.Order', '[0]')}"

    def grouped(self) -> str:
        key = self.pick(
            "SKU", "'k'", "$string(Quantity)", "OrderID", "1", "nope", "Tags", "$", "%.OrderID", "SKU & Price"
        )
        value = self.pick(
            "Price",
            "$",
            "$sum(Price)",
            "Price[]",
            "[Price]",
            "$count($)",
            "nope",
            "{'q': Quantity}",
            "%.OrderID",
            "Tags",
        )
        second = self.pick("", "", f", 'z': {value}", ", SKU: 1", f", 'k': {value}")
        return f"{self.rng.choice(GROUPED)}{{{key}: {value}{second}}}"
