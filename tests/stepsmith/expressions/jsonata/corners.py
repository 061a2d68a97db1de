"""Random expressions from the corners of the language, for the comparison with the reference implementation.

Where `generator` writes what means something, these are random in form: pictures, regular expressions, literals,
operators without parentheses, signatures, bindings in paths, and functions given what they do not expect.
"""

import random
from collections.abc import Callable, Iterator
from typing import Any

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
TEXTS = [
    "abc", "aabbcc", "a1b22", "Hello World", "foo.bar", "x", "", "aaa", "ab\ncd", "A-B_C", "  two  words ",
    "über", "😀x😀", "$1",
    "12.5", "2018-02-03", "tab\there", "ABAB", "0x1F", "{}[]",
]  # fmt: skip
ATOMS = [
    "a", "b", "c", "[abc]", "[^a]", ".", "\\d", "\\w", "\\s", "\\D", "\\W", "\\S", "x", "\\.", "[a-z0-9]",
    "[\\d.]", "é", "\\u0061", "B",
    "\\t", "[^\\s]", "\\/", "\\x41", "[\\]]", "[-a]", "😀", "[A-Z]",
]  # fmt: skip
QUANTIFIERS = ["", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,}", "{0,2}", "{1,2}?", "{,2}"]
EDGES = ["^", "$", "\\b", "\\B"]
YEARS = [
    "0",
    "1",
    "1521801216617",
    "-62135596800000",
    "951782400000",
    "-1",
    "1e12",
    "4102444799999",
    "-86400000",
    "1609459200000",
]
PLACES = [
    "",
    "1",
    "01",
    "001",
    "0001",
    "I",
    "i",
    "w",
    "W",
    "Ww",
    "N",
    "n",
    "Nn",
    "1o",
    "wo",
    "A",
    "a",
    "#1",
    "9,999",
    "٠١",
]
OFFSETS = ["", "01", "0101", "01:01", "1", "0101t", "01:01t", "00", "001", "0", "00000"]
NUMERALS = ["1e3", "-1", "0b101", "0o17", "1_0", " 1", "1.", ".5", "+1", "Infinity", "1e400"]
GROUPED = [
    "Account.Order.Product", "Account.Order", "xs", "$v", "nope", "[]", "Account.Order.Product[Quantity = 1]", "$",
]  # fmt: skip
CONTEXTS = ["", "xs.", "'c'."]
WIDTHS = ["", "", "", ",2", ",2-2", ",3-3", ",*-2", ",1-", ",*", ",4"]


class Corners:
    """Makes one expression after another."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.inputs = [(data, {"v": [1, {"a": 2}], "w": "word"}) for data in DATA]

    def cases(self) -> Iterator[dict[str, Any]]:
        """Cases without end: an expression, and the number of the input that it is evaluated on."""
        makers: list[Callable[[], str]] = [
            self.number_picture, self.integer_picture, self.parsed_integer, self.date, self.timestamp,
            self.regex_call,
            self.operators, self.operators, self.path, self.path, self.path, self.signed, self.applied,
            self.strange_call,
            self.strange_call, self.transform, self.grouped, self.higher_order, self.url, self.literal,
        ]  # fmt: skip
        while True:
            yield {"expr": self.pick(*makers)(), "on": self.rng.choice([0, 0, 0, 0, 1, 2, 3, 4, 5])}

    def pick(self, *options: Any) -> Any:
        return self.rng.choice(options)

    def some(self, options: list[str], least: int, most: int) -> str:
        return "".join(self.rng.choice(options) for _ in range(self.rng.randint(least, most)))

    def quoted(self, text: str) -> str:
        escaped = text.replace("\\", "\\\\").replace("'", "\\u0027")
        return "'" + escaped.replace("\n", "\\n").replace("\t", "\\t") + "'"

    # pictures

    def number(self) -> str:
        return self.pick(
            "0", "1", "-1", "12345.678", "0.5", "-0.05", "1e6", "0.000123", "99.995", "1234567890", "-12.345",
            "1e15", "0.1", "7e-9",
            str(self.rng.randint(-9999, 9999)), str(round(self.rng.uniform(-1000, 1000), self.rng.randint(0, 5))),
        )  # fmt: skip

    def number_picture(self) -> str:
        picture = self.some(
            ["#", "0", "0", ",", ".", "#", "9", "%", "‰", ";", "e0", "-", "(", ")", "$", "x", "1"], 1, 8
        )
        if self.rng.random() < 0.6:
            picture = self.pick(
                "#,##0.00",
                "0.00",
                "#0.0#",
                "#,###.##",
                "00.000e0",
                "0%",
                "#0.00;(#0.00)",
                "##,##,##0",
                "0.0e00",
                "000",
                "#.#",
            )
        options = self.pick(
            "", "", "", ", {'decimal-separator': ','}", ", {'zero-digit': '٠'}",
            ", {'grouping-separator': '_'}", ", {'minus-sign': '~'}",
            ", {'percent': 'p'}", ", {'digit': 'd'}", ", {'pattern-separator': '|'}", ", {'exponent-separator': 'E'}",
        )  # fmt: skip
        value = self.number()
        if "e" in picture and float(value) <= 0:
            value = "12.5"  # the reference never ends with others
        return f"$formatNumber({value}, {self.quoted(picture)}{options})"

    def whole_picture(self) -> str:
        return self.pick(
            "0", "00", "000", "#,##0", "#0", "w", "W", "Ww", "i", "I", "a", "A", "0;o", "w;o", "Ww;o",
            "#:###:##0", "١", "0,000.0", "#", "",
            "α", "1", "9", "#,###,##0;o", "0;c", "00;o(-)", "##,00,0", "０", "0#", "a;o", "I;o", "x",
            self.some(["0", "#", ",", ".", "1", "-", " "], 1, 7),
        )  # fmt: skip

    def integer_picture(self) -> str:
        value = self.pick(
            "0",
            "1",
            "12",
            "21",
            "100",
            "101",
            "1234",
            "12345",
            "-7",
            "1e6",
            "1e9",
            "1000001",
            "3.7",
            "-3.2",
            "26",
            "27",
            "702",
            "1e15",
            "112",
            "2e12",
            "13",
            "999",
            "1e20",
        )
        return f"$formatInteger({value}, {self.quoted(self.whole_picture())})"

    def parsed_integer(self) -> str:
        text = self.pick(
            "0", "12", "1,234", "twelve", "one hundred and five", "twenty-first", "Third", "MCMXCIV", "xii",
            "aa", "Z", "", "x", "-5", "1st",
            "one thousand, two hundred and three", "٣", "12:34", "two million", "1.5", " 7", "three trillion",
            "hundred", "minus one",
        )  # fmt: skip
        return f"$parseInteger({self.quoted(text)}, {self.quoted(self.whole_picture())})"

    def date_picture(self) -> str:
        parts: list[str] = []
        for _ in range(self.rng.randint(1, 5)):
            component = self.pick(*"YMDdFWwXxHhPmsfZzCE", *"YMDHms", "q")
            if component in "Zz":
                parts.append(f"[{component}{self.rng.choice(OFFSETS)}]")
            else:
                parts.append(f"[{component}{self.pick('', '', *PLACES)}{self.pick(*WIDTHS)}]")
            parts.append(self.pick("", "-", ":", " ", "T", ", ", "[[", "]]", "x"))
        return "".join(parts)

    def date(self) -> str:
        zone = self.pick(
            "", "", ", '+0100'", ", '-0530'", ", '0000'", ", 'Z'", ", '+01:00'", ", '1400'", ", ''"
        )
        return f"$fromMillis({self.pick(*YEARS)}, {self.quoted(self.date_picture())}{zone})"

    def timestamp(self) -> str:
        if self.rng.random() < 0.3:
            text = self.pick(
                "2018-02-03T10:11:12Z", "2018-02-03", "2018", "2018-02", "2018-02-03T10:11:12.345+0100",
                "2018-13-01", "2018-02-30",
                "20180203", "2018-2-3", "2018-02-03T25:00:00Z", "2018-02-03T10:11Z", "0001-01-01",
                "2018-02-03T10:11:12.5Z", "",
            )  # fmt: skip
            return f"$toMillis({self.quoted(text)})"
        picture = self.pick(
            "[Y0001]-[M01]-[D01]", "[D1o] [MNn] [Y]", "[Y]-[d001]", "[H01]:[m01]", "[h]:[m01] [P]",
            "[Y][M01][D01]", "[M]/[D]/[Y]", "[X]-W[W]-[F]",
            "[Dwo] of [MNn], [Yw]", "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z0101]",
            "[FNn], [D] [MNn,*-3] [Y]", "[YI]", "[Y] [x] [w]",
            "[Y0001]-[M01]-[D01] [H01]:[m01]:[s01] [z]", "[Yw]", "[D]", "[M01]-[D01]", "[Y,*-2]", self.date_picture(),
        )  # fmt: skip
        if self.rng.random() < 0.8:
            quoted = self.quoted(picture)
            there_and_back = f"$toMillis($fromMillis({self.pick(*YEARS)}, {quoted}), {quoted})"
            return f"{there_and_back} > 1767225600000 ? 'now' : 'then'"
        text = self.pick(
            "2018-02-03",
            "12th June 2019",
            "2018-100",
            "10:30",
            "5:07 PM",
            "3/4/2020",
            "MMXX",
            "Friday, 3 Jan 2020",
            "x",
        )
        return f"$toMillis({self.quoted(text)}, {self.quoted(picture)}) < 1767225600000"

    # regular expressions

    def regex(self, depth: int = 2) -> str:
        parts: list[str] = []
        for _ in range(self.rng.randint(1, 3)):
            atom = self.rng.choice(ATOMS)
            if depth and self.rng.random() < 0.35:
                opening = self.pick(
                    "(", "(", "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?<n>" if depth == 2 else "("
                )
                atom = f"{opening}{self.regex(depth - 1)})"
                if opening in ("(?<=", "(?<!"):
                    parts.append(atom)
                    continue
            if self.rng.random() < 0.1:
                parts.append(self.pick(*EDGES))
            if self.rng.random() < 0.05:
                atom = "\\1"
            parts.append(atom + self.rng.choice(QUANTIFIERS))
        text = "".join(parts)
        return f"{text}|{self.regex(depth - 1)}" if depth and self.rng.random() < 0.2 else text

    def regex_call(self) -> str:
        pattern = f"/{self.regex()}/{self.pick('', '', 'i', 'm', 'im', 'g')}"
        text = self.quoted(self.pick(*TEXTS))
        limit = self.pick("", "", ", 0", ", 1", ", 2", ", 1.5", ", -1")
        replacement = self.pick(
            "'-'",
            "'<$0>'",
            "'$1$2'",
            "'$$'",
            "'$'",
            "'$10'",
            "'$x'",
            "function($m){$uppercase($m.match)}",
            "function($m){$m.start}",
        )
        return self.pick(
            f"$match({text}, {pattern}{limit})", f"$replace({text}, {pattern}, {replacement}{limit})",
            f"$split({text}, {pattern}{limit})",
            f"$contains({text}, {pattern})", f"{pattern}({text})", f"{text} ~> {pattern}",
            f"[{text}, 'a'][$contains($, {pattern})]",
            f"$filter(['ab', {text}], {pattern})", f"{pattern}({text}).next()", f"$match({text}, {pattern}).groups",
        )  # fmt: skip

    # syntax

    def literal(self) -> str:
        return self.pick(
            self.rng.choice(LITERALS), f"-{self.rng.choice(LITERALS)}",
            f"[{self.rng.choice(LITERALS)}, {self.rng.choice(LITERALS)}]",
            f"{{{self.rng.choice(LITERALS)}: {self.rng.choice(LITERALS)}}}",
            f"/* c */ {self.rng.choice(LITERALS)} /**/", f"$string({self.rng.choice(LITERALS)})",
            f"({self.rng.choice(LITERALS)}; {self.rng.choice(LITERALS)};)",
            f"$type({self.rng.choice(LITERALS)})", f"({self.rng.choice(LITERALS)})[]",
            f"$number({self.quoted(self.pick(*TEXTS, *NUMERALS))})",
            f"$length({self.quoted(self.pick(*TEXTS))})", f"$string({self.rng.choice(LITERALS)}, true)",
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
                ".(nope)", ".[]", "#$k^(>SKU)", ".$", ".$$", ".1", ".null", ".()", ".[%]",
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
            f"$eval({self.quoted(one)})", f"$eval('$ & $w', {one})", f"{one}({two})",
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

    def url(self) -> str:
        text = self.pick(
            *TEXTS,
            "a=b&c=d",
            "http://x/ä?q=1#f",
            "%41%zz",
            "%E4%BD%A0",
            "%2F%3F",
            "a+b",
            "\ud800",
            "%",
            "%ff",
            "%C3%A9%2c",
        )
        name = self.pick(
            "encodeUrl",
            "encodeUrlComponent",
            "decodeUrl",
            "decodeUrlComponent",
            "base64encode",
            "base64decode",
        )
        return f"${name}({self.quoted(text)})"
