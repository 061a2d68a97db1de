"""Random classes of fields, JSON that nearly fits them, and workflow functions that read, make and compare them."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

_SCALARS: Final = ("int", "float", "bool", "str", "AwareDatetime", "Colour", "Grade", "Literal['a', 'b']")
_DEFAULTS: Final = {
    "int": ("3", "0"),
    "float": ("1.5", "2.0"),
    "bool": ("True", "False"),
    "str": ("'x'", "''"),
    "Colour": ("Colour.RED",),
    "Grade": ("Grade.LOW",),
    "Literal['a', 'b']": ("'a'",),
}
_VALUES: Final[dict[str, tuple[Any, ...]]] = {
    "int": (0, 5, -7),
    "float": (0.5, 2, 1e3),
    "bool": (True, False),
    "str": ("", "A b", "x"),
    "AwareDatetime": ("2026-01-01T00:00:00Z", "2026-03-01T10:00:00+01:00"),
    "Colour": ("red", "blue"),
    "Grade": (1, 2),
    "Literal['a', 'b']": ("a", "b"),
    "Decimal": ("1.50", "7"),
}
_OTHERS: Final[tuple[Any, ...]] = (
    None,
    "",
    "12",
    "yes",
    "x",
    1.5,
    3,
    True,
    [],
    {},
    [1],
    {"a": 1},
    "1e2",
    "green",
)
_METADATA: Final = (
    "Field(gt=0)",
    "AfterValidator(same)",
    "BeforeValidator(same)",
    "'a note'",
    "PlainSerializer(str)",
)
_CONFIGS: Final = (
    "extra='forbid'",
    "extra='allow'",
    "frozen=True",
    "str_to_lower=True",
    "str_strip_whitespace=True",
)
_METHODS: Final = (
    "def __eq__(self, other): return True",
    "def __bool__(self): return False",
    "def __len__(self): return 0",
    "def __setattr__(self, name, value): super().__setattr__(name, value)",
    "@model_validator(mode='after')\n    def check(self): return self",
    "@computed_field\n    def more(self) -> int: return 1",
)


@dataclass
class Field:
    """A field of a class: its name in Python and in JSON, its type, and its default as source."""

    name: str
    key: str
    kind: str
    default: str | None
    may_be_absent: bool = False


@dataclass
class Classes:
    """Classes as source, with the fields of each."""

    random: Random
    source: list[str] = field(default_factory=list[str])
    fields: dict[str, list[Field]] = field(default_factory=dict[str, "list[Field]"])

    def type(self, depth: int = 0) -> str:
        """Give a random type, of the classes so far or of the usual ones."""
        choice = self.random.random()
        if depth > 2 or choice < 0.45:
            return self.random.choice(_SCALARS)
        if choice < 0.6 and self.fields:
            return self.random.choice(list(self.fields))
        inner = self.type(depth + 1)
        match self.random.randrange(5):
            case 0:
                return f"list[{inner}]"
            case 1:
                return f"dict[str, {inner}]"
            case 2:
                return f"tuple[{inner}, {self.type(depth + 1)}]"
            case 3:
                return inner if inner.endswith("| None") else f"{inner} | None"
            case _:
                return "Decimal"

    def add(self, name: str) -> None:
        """Add a class."""
        form = self.random.choice(("BaseModel", "BaseModel", "dataclass", "pydantic", "TypedDict"))
        made = [self._field(at, form) for at in range(self.random.randint(1, 4))]
        if form in ("dataclass", "pydantic"):
            made.sort(key=lambda each: each.default is not None)
        lines = [self._line(each, form) for each in made]
        if form == "BaseModel" and self.random.random() < 0.4:
            lines.insert(0, f"model_config = ConfigDict({self.random.choice(_CONFIGS)})")
        if form != "TypedDict" and self.random.random() < 0.25:
            methods = _METHODS if form == "BaseModel" else _METHODS[:3]
            lines.append(self.random.choice(methods))
        head = {
            "BaseModel": f"class {name}(BaseModel):",
            "dataclass": f"@dataclass\nclass {name}:",
            "pydantic": f"@pydantic_dataclass\nclass {name}:",
            "TypedDict": f"class {name}(TypedDict):",
        }
        self.source.append("\n    ".join([head[form], *lines]))
        self.fields[name] = made

    def _field(self, at: int, form: str) -> Field:
        kind, name = self.type(), f"f{at}"
        default = self._default(kind) if form != "TypedDict" and self.random.random() < 0.5 else None
        key = f"k{at}" if form == "BaseModel" and self.random.random() < 0.2 else name
        return Field(name, key, kind, default, form == "TypedDict" and self.random.random() < 0.4)

    def _default(self, kind: str) -> str | None:
        if kind.endswith("| None"):
            return "None"
        if kind in _DEFAULTS:
            return self.random.choice(_DEFAULTS[kind])
        return None

    def _line(self, each: Field, form: str) -> str:
        kind = each.kind
        if kind in ("int", "str") and form in ("BaseModel", "pydantic") and self.random.random() < 0.12:
            kind = f"Annotated[{kind}, {self.random.choice(_METADATA)}]"
            kind = kind if each.kind == "int" or "gt=0" not in kind else each.kind
        if each.may_be_absent:
            return f"{each.name}: NotRequired[{kind}]"
        if each.key != each.name:
            default = "" if each.default is None else f"default={each.default}, "
            return f"{each.name}: {kind} = Field({default}alias='{each.key}')"
        return f"{each.name}: {kind}" + ("" if each.default is None else f" = {each.default}")

    def json(self, kind: str, wrong: float) -> Any:
        """Give JSON for a type; now and then it does not fit, or leaves out what has a default."""
        if self.random.random() < wrong and "Decimal" not in kind:
            return self.random.choice(_OTHERS)
        if kind.endswith("| None"):
            return None if self.random.random() < 0.4 else self.json(kind.removesuffix(" | None"), wrong)
        if kind.startswith("list["):
            return [self.json(kind[5:-1], wrong) for _ in range(self.random.randrange(3))]
        if kind.startswith("dict["):
            return {key: self.json(kind[10:-1], wrong) for key in ("a", "b")[: self.random.randrange(3)]}
        if kind.startswith("tuple["):
            return [self.json(part, wrong) for part in _parts(kind[6:-1])]
        if kind in _VALUES:
            return self.random.choice(_VALUES[kind])
        return self._object(kind, wrong)

    def _object(self, name: str, wrong: float) -> dict[str, Any]:
        found = {
            each.key: self.json(each.kind, wrong)
            for each in self.fields[name]
            if self.random.random()
            < (0.6 if each.default is not None or each.may_be_absent else 1 - wrong / 2)
        }
        return {**found, "other": 1} if self.random.random() < wrong else found


def _parts(text: str) -> list[str]:
    """Split the arguments of a type at its own commas."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "[") - (letter == "]")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


_HEAD: Final = "def program(value: M, other: M)"
_PROGRAMS: Final = {
    "answer": f"{_HEAD} -> tuple[M, M]:\n    answer = ask()\n    return answer, echo(answer)",
    "ignored": f"{_HEAD} -> str:\n    ask()\n    return 'asked'",
    "caught": f"{_HEAD} -> list[M]:\n    try:\n        answer = ask()\n    except Exception:\n        return []\n"
    "    return [answer]",
    "carried": f"{_HEAD} -> tuple[M, list[M]]:\n    echoed = echo(value)\n    return echoed, [other, echoed]",
    "read": f"{_HEAD} -> str:\n    READ\n    return 'read'",
    "made": f"{_HEAD} -> M:\n    return MAKE",
    "compared": f"{_HEAD} -> list[bool]:\n    echoed = echo(value)\n"
    "    return [value == other, echoed == value, [value] == [echoed]]",
    "tested": "def program(value: M | None, other: M) -> bool:\n    if value:\n        return True\n"
    "    return other == None",
}


def program(random: Random) -> tuple[Classes, str, str]:
    """Give classes, the source of a program of them, and the class that it is about."""
    classes = Classes(random)
    for at in range(random.randint(1, 3)):
        classes.add(f"C{at}")
    name = list(classes.fields)[-1]
    form = random.choice(list(_PROGRAMS))
    typed = "TypedDict" in classes.source[-1].split("\n")[0]
    fields = classes.fields[name]
    read = "; ".join(
        f"show_{at}({_read(each, typed)})" for at, each in enumerate(fields) if not each.may_be_absent
    )
    shows = [f"@task\ndef show_{at}(x: {each.kind}) -> None: ..." for at, each in enumerate(fields)]
    made = ", ".join(
        f"'{each.name}': {_read(each, typed)}" if typed else f"{each.key}={_read(each, typed)}"
        for each in fields
        if not each.may_be_absent
    )
    body = (
        _PROGRAMS[form]
        .replace("READ", read or "pass")
        .replace("MAKE", f"{{{made}}}" if typed else f"M({made})")
    )
    head = f"@workflow(checked={random.random() < 0.5})"
    return classes, "\n\n".join([*classes.source, f"M = {name}", *shows, _REST, f"{head}\n{body}"]), name


def _read(each: Field, typed: bool) -> str:
    return f"value['{each.name}']" if typed else f"value.{each.name}"


_REST: Final = """@callback_task(M, timeout=timedelta(hours=1))
def ask(token: TaskToken) -> None: ...

@task
def echo(value: M) -> M:
    return value"""
