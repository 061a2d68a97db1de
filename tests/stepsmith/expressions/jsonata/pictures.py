"""Random pictures of numbers and dates, and what is written and read with them."""

import random
from collections.abc import Callable
from typing import Any

from patterns import quoted

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
WIDTHS = ["", "", "", ",2", ",2-2", ",3-3", ",*-2", ",1-", ",*", ",4"]


class Pictures:
    """Makes one call of a function with a picture after another."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def makers(self) -> list[Callable[[], str]]:
        """What makes calls, one for each function."""
        return [self.number_picture, self.integer_picture, self.parsed_integer, self.date, self.timestamp]

    def pick(self, *options: Any) -> Any:
        return self.rng.choice(options)

    def some(self, options: list[str], least: int, most: int) -> str:
        return "".join(self.rng.choice(options) for _ in range(self.rng.randint(least, most)))

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
        return f"$formatNumber({value}, {quoted(picture)}{options})"

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
        return f"$formatInteger({value}, {quoted(self.whole_picture())})"

    def parsed_integer(self) -> str:
        text = self.pick(
            "0", "12", "1,234", "twelve", "one hundred and five", "twenty-first", "Third", "MCMXCIV", "xii",
            "aa", "Z", "", "x", "-5", "1st",
            "one thousand, two hundred and three", "٣", "12:34", "two million", "1.5", " 7", "three trillion",
            "hundred", "minus one",
        )  # fmt: skip
        return f"$parseInteger({quoted(text)}, {quoted(self.whole_picture())})"

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
        return f"$fromMillis({self.pick(*YEARS)}, {quoted(self.date_picture())}{zone})"

    def timestamp(self) -> str:
        if self.rng.random() < 0.3:
            text = self.pick(
                "2018-02-03T10:11:12Z", "2018-02-03", "2018", "2018-02", "2018-02-03T10:11:12.345+0100",
                "2018-13-01", "2018-02-30",
                "20180203", "2018-2-3", "2018-02-03T25:00:00Z", "2018-02-03T10:11Z", "0001-01-01",
                "2018-02-03T10:11:12.5Z", "",
            )  # fmt: skip
            return f"$toMillis({quoted(text)})"
        picture = self.pick(
            "[Y0001]-[M01]-[D01]", "[D1o] [MNn] [Y]", "[Y]-[d001]", "[H01]:[m01]", "[h]:[m01] [P]",
            "[Y][M01][D01]", "[M]/[D]/[Y]", "[X]-W[W]-[F]",
            "[Dwo] of [MNn], [Yw]", "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z0101]",
            "[FNn], [D] [MNn,*-3] [Y]", "[YI]", "[Y] [x] [w]",
            "[Y0001]-[M01]-[D01] [H01]:[m01]:[s01] [z]", "[Yw]", "[D]", "[M01]-[D01]", "[Y,*-2]", self.date_picture(),
        )  # fmt: skip
        if self.rng.random() < 0.8:
            shown = quoted(picture)
            there_and_back = f"$toMillis($fromMillis({self.pick(*YEARS)}, {shown}), {shown})"
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
        return f"$toMillis({quoted(text)}, {quoted(picture)}) < 1767225600000"
