"""Random regular expressions, and texts for them and for functions of addresses."""

import random
from typing import Any

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


def quoted(text: str) -> str:
    """A text as a string of the language."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\u0027")
    return "'" + escaped.replace("\n", "\\n").replace("\t", "\\t") + "'"


class Patterns:
    """Makes one call with a regular expression after another."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def pick(self, *options: Any) -> Any:
        return self.rng.choice(options)

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

    def call(self) -> str:
        pattern = f"/{self.regex()}/{self.pick('', '', 'i', 'm', 'im', 'g')}"
        text = quoted(self.pick(*TEXTS))
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
        return f"${name}({quoted(text)})"
