"""Machines and inputs made at random, out of what engines trip over; the same ones for the same seed."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any, Final

from stepsmith.expressions.intrinsics.functions import FUNCTIONS as INTRINSIC_FUNCTIONS
from stepsmith.expressions.jsonata.functions import BUILTINS

HUGE: Final = 10**308
# fmt: off
VALUES: Final[tuple[Any, ...]] = (
    None, True, False, 0, 1, -1, 2, 3, 7, 1000, 1001, 10_000, 0.5, -0.0, 1.5, -2.5, 1e-320, 1e308, -1e308,
    2**31 - 1, 2**31, -(2**31) - 1, 2**53, 2**63, -(2**64), HUGE, -HUGE, 9007199254740993,
    "", " ", "a", "abc", "0", "-1", "1e5", "1e400", "NaN", "null", "true", "é", "\U0001f600", "\0", "\x1b[31m",
    "$", "$.a", "$[", "a.b", "States.ALL", "{}", "[1,2", '{"a":1}', '"\\ud800"', "(a+)+$", "[", "%", "%zz", "\u202e",
    "2024-02-30T00:00:00Z", "2024-01-01T00:00:00Z", "9999999-01-01T00:00:00Z", "P1D", "x" * 300, "9" * 320,
    [], [[]], [1], [1, "a", None], [{}], [[1], [2]], ["a", "b"], list(range(30)), [None], [True, 1, 1.0],
    {}, {"a": 1}, {"a": None}, {"a": {"b": [1, 2]}}, {"": 0}, {"__class__": 1}, {"a.b": 1}, {"\u202e": "x"},
)
INTRINSICS: Final = (*INTRINSIC_FUNCTIONS, "Format")
FUNCTIONS: Final = (*sorted(BUILTINS), "eval")
OPERATORS: Final = ("+", "-", "*", "/", "%", "&", "=", "!=", "<", "<=", ">", ">=", "in", "and", "or", "~>")
PATHS: Final = (
    "$", "$.a", "$.a.b", "$.missing", "$.l", "$.l[0]", "$.l[*]", "$.l[-1]", "$.l[1:0]", "$..a", "$..*", "$['a']",
    "$.l[?(@ > 1)]", "$.l[?(@.a == 1)]", "$.l[?(@ =~ /a+/)]", "$.l[?(@.a in ['a',1])]", "$.l[?(@ size 2)]",
    "$.l[?(@ subsetof ['a'])]", "$.l[?(@ nin $.l)]", "$.l[?(!@)]", "$.l[?(@.length() > 1)]", "$.l[0,1]", "$.s[0]",
    "$.l.length()", "$.l.sum()", "$.l.avg()", "$.l.max()", "$.l.min()", "$.l.first()", "$.l.stddev()",
    "$.s.length()", "$.o.keys()", "$.n", "$.s", "$.o", "$.z", "$.n.a", "$.l[99999999999]",
    "$$.State.Name", "$$.Execution.Input", "$$.Map.Item.Value", "$$.Task.Token",
)
REFERENCES: Final = (
    "$", "$.a", "$.a.b", "$.missing", "$.l", "$.l[0]", "$.l[1]", "$.n", "$.s", "$.o", "$['a']", "$.n.a", "$.s[0]",
    "$$.Execution.Input.n", "$$.State.RetryCount", "$$.Execution.Name",
)
COMPARISONS: Final = (
    "StringEquals", "StringLessThan", "StringMatches", "NumericEquals", "NumericLessThan", "BooleanEquals",
    "TimestampEquals", "TimestampLessThan", "IsNull", "IsPresent", "IsNumeric", "IsString", "IsTimestamp",
)
# fmt: on
_FUNCTION: Final = "arn:aws:lambda:us-east-1:123456789012:function:"
TASKS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (f"{_FUNCTION}echo", ()),
    (f"{_FUNCTION}fails", ()),
    (f"{_FUNCTION}absent", ()),
    ("arn:aws:states:::lambda:invoke", ("FunctionName", "Payload")),
    ("arn:aws:states:::sqs:sendMessage", ("QueueUrl", "MessageBody")),
    ("arn:aws:states:::sns:publish", ("TopicArn", "Message")),
    ("arn:aws:states:::dynamodb:getItem", ("TableName", "Key")),
    ("arn:aws:states:::events:putEvents", ("Entries",)),
    ("arn:aws:states:::states:startExecution", ("StateMachineArn", "Input")),
    ("arn:aws:states:::http:invoke", ("ApiEndpoint", "Method", "Authentication")),
    ("arn:aws:states:::aws-sdk:s3:getObject", ("Bucket", "Key")),
    ("arn:aws:states:::aws-sdk:dynamodb:putItem", ("TableName", "Item")),
    ("arn:aws:states:::aws-sdk:sfn:startExecution", ("StateMachineArn",)),
)
"""Resources with the parameters they need."""


class Broken(Exception):
    """What tasks raise, with a text that no history can hold."""


def _raise() -> Any:
    raise Broken("\ud800\x1b[31m")


FAILURES: Final[tuple[Callable[[], Any], ...]] = (
    _raise,
    lambda: {1, 2},
    lambda: "\ud800",
    lambda: {"\udfff": 1},
    lambda: float("nan"),
    lambda: 10**400,
)


class Maker:
    """Makes one machine and one input for each seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._named = 0

    def value(self, depth: int = 0) -> Any:
        """Make a JSON value."""
        chance = self._random.random()
        if depth > 2 or chance < 0.7:
            return self._random.choice(VALUES)
        if chance < 0.85:
            return [self.value(depth + 1) for _ in range(self._random.randrange(4))]
        return {self._key(): self.value(depth + 1) for _ in range(self._random.randrange(4))}

    def input(self) -> Any:
        """Make an input, most often one that paths find something in."""
        if self._random.random() < 0.1:
            return self.value()
        return {name: self.value() for name in ("a", "l", "n", "s", "o") if self._random.random() < 0.9}

    def definition(self) -> dict[str, Any]:
        """Make a definition of a few states in a row."""
        query = self._random.random() < 0.5
        language = {"QueryLanguage": "JSONata"} if query else {}
        return {**language, **self._scope(query, self._random.randrange(1, 4))}

    def _scope(self, query: bool, count: int, depth: int = 0) -> dict[str, Any]:
        """Make states in a row, with one that ends at the end; names are unique in the machine."""
        names = [self._name() for _ in range(count)]
        ends = self._name()
        rest = dict(zip(names, [*names[1:], ends], strict=True))
        states = {name: self._state(query, following, depth) for name, following in rest.items()}
        last = "Fail" if self._random.random() < 0.2 else "Succeed"
        states[ends] = {"Type": last, **(self._query(last, depth) if query else self._paths(last, depth))}
        return {"StartAt": names[0], "States": states}

    def _name(self) -> str:
        self._named += 1
        return f"S{self._named}"

    def _key(self) -> str:
        return self._random.choice(("a", "b", "l", "", "__proto__", "toString", "é", "a b"))

    def _state(self, query: bool, following: str, depth: int) -> dict[str, Any]:
        kinds = ("Pass", "Pass", "Pass", "Wait", "Choice", "Task", "Map", "Parallel")
        kind = self._random.choice(kinds if depth == 0 else kinds[:-2])
        own = self._query(kind, depth) if query else self._paths(kind, depth)
        after: dict[str, Any] = {"Next": following}
        if kind == "Choice":
            own["Choices"] = [{**rule, **after} for rule in own["Choices"]]
            after = {"Default": following}
        if kind in ("Task", "Map", "Parallel") and self._random.random() < 0.5:
            own["Catch"] = [{"ErrorEquals": ["States.ALL"], "Next": following}]
            if self._random.random() < 0.5:
                own["Retry"] = [
                    {"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 1, "BackoffRate": 1e308}
                ]
        return {"Type": kind, **own, **after}

    # -- JSONPath ---------------------------------------------------------------------------

    def _path(self) -> str:
        return self._random.choice(PATHS)

    def _reference(self) -> str:
        return self._random.choice(REFERENCES)

    def _argument(self, depth: int) -> str:
        chance = self._random.random()
        if chance < 0.2 and depth < 3:
            return self._call(depth + 1)
        if chance < 0.6:
            return self._path()
        value = self._random.choice(VALUES)
        if isinstance(value, str):
            return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
        return json.dumps(value) if not isinstance(value, list | dict) else self._path()

    def _call(self, depth: int = 0) -> str:
        counts = {
            "UUID": 0,
            "ArrayRange": 3,
            "JsonMerge": 3,
            "ArrayLength": 1,
            "ArrayUnique": 1,
            "MathRandom": 3,
        }
        name = self._random.choice(INTRINSICS)
        count = counts.get(name, 1 if name.startswith(("Base64", "Json", "StringToJson")) else 2)
        given = [self._argument(depth) for _ in range(count)]
        if name == "Format":
            given[0] = "'{} \\\\{ {}'" if self._random.random() < 0.3 else "'{}'"
        return f"States.{name}({', '.join(given)})"

    def _template(self) -> Any:
        chance = self._random.random()
        if chance < 0.6:
            return {"v.$": self._call()}
        return {"v.$": self._path(), "w": self.value()} if chance < 0.9 else self.value()

    def _paths(self, kind: str, depth: int) -> dict[str, Any]:
        choice, found = self._random.choice, dict[str, Any]()
        if kind != "Fail" and self._random.random() < 0.2:
            found["InputPath"] = self._path()
        if kind != "Fail" and self._random.random() < 0.15:
            found["OutputPath"] = self._path()
        match kind:
            case "Pass":
                found["Parameters"] = self._template()
                if self._random.random() < 0.3:
                    found["ResultPath"] = choice(("$.a", "$.l[0]", "$.l[7]", "$.n.x", "$.s.y[1]", "$", None))
                if self._random.random() < 0.3:
                    found["Assign"] = {f"{self._name()}.$": self._path(), self._name(): self.value()}
            case "Wait":
                name = choice(("SecondsPath", "TimestampPath", "Seconds"))
                found[name] = 1 if name == "Seconds" else self._reference()
            case "Choice":
                found["Choices"] = [self._rule() for _ in range(2)]
            case "Fail":
                found["ErrorPath"] = self._reference()
                found["CausePath"] = choice((self._reference(), self._call()))
            case "Task":
                found |= self._task(False)
                found["ResultSelector"] = {"r.$": self._path()}
                found["TimeoutSecondsPath"] = self._reference()
            case "Map":
                found |= {"ItemsPath": self._path(), "ItemProcessor": self._scope(False, 1, depth + 1)}
                found["MaxConcurrencyPath"] = self._reference()
                found["ItemSelector"] = {"i.$": "$$.Map.Item.Value", "v.$": self._call()}
            case "Parallel":
                found["Branches"] = [self._scope(False, 1, depth + 1) for _ in range(2)]
        return found

    def _rule(self) -> dict[str, Any]:
        name = self._random.choice(COMPARISONS)
        if name.startswith("Is"):
            return {"Variable": self._reference(), name: True}
        if name == "StringMatches":
            return {
                "Variable": self._reference(),
                name: self._random.choice(("*", "a*b*", "\\\\*", "*" * 50)),
            }
        return {"Variable": self._reference(), f"{name}Path": self._reference()}

    # -- JSONata ----------------------------------------------------------------------------

    def _literal(self) -> str:
        value = self._random.choice(VALUES)
        return json.dumps(value) if value is not HUGE else "1e308"

    def _expression(self, depth: int = 0) -> str:
        chance, choice = self._random.random(), self._random.choice
        if depth > 3 or chance < 0.25:
            return self._literal()
        if chance < 0.45:
            names = (
                "$states.input",
                "$states.input.a",
                "$states.input.l",
                "$states.input.n",
                "$states.context",
            )
            return choice((*names, "$sum", "function($v){$v}", "/a+/", "function($v, $i){$v.a[$i]}"))
        if chance < 0.75:
            given = [self._expression(depth + 1) for _ in range(self._random.randrange(4))]
            if self._random.random() < 0.1:
                given = [*given, "?"]
            return f"${choice(FUNCTIONS)}({', '.join(given)})"
        if chance < 0.92:
            return f"({self._expression(depth + 1)} {choice(OPERATORS)} {self._expression(depth + 1)})"
        return choice(
            (
                f"[{self._expression(depth + 1)}]^($)",
                f"[{self._expression(depth + 1)}..{self._expression(depth + 1)}]",
                f"({self._expression(depth + 1)} ? {self._expression(depth + 1)} : {self._expression(depth + 1)})",
                f"{{'k': {self._expression(depth + 1)}}}",
                f"$states.input.l[{self._expression(depth + 1)}]",
                f"($f := function($n){{$n <= 0 ? {self._literal()} : $f($n - 1)}}; $f(20))",
                f"$states.input ~> |a|{{'b': {self._expression(depth + 1)}}}|",
                f"$eval({self._literal()})",
                f"-({self._expression(depth + 1)})",
            )
        )

    def _quoted(self) -> str:
        return f"{{% {self._expression(self._random.randrange(4))} %}}"

    def _query(self, kind: str, depth: int) -> dict[str, Any]:
        choice, found = self._random.choice, dict[str, Any]()
        if kind != "Fail" and self._random.random() < 0.5:
            found["Output"] = self._quoted()
        if kind not in ("Fail", "Succeed") and self._random.random() < 0.3:
            found["Assign"] = {self._name(): self._quoted()}
        match kind:
            case "Pass":
                found["Output"] = self._quoted()
            case "Wait":
                found[choice(("Seconds", "Timestamp"))] = self._quoted()
            case "Choice":
                found["Choices"] = [{"Condition": self._quoted()} for _ in range(2)]
            case "Fail":
                found["Error"], found["Cause"] = self._quoted(), self._quoted()
            case "Task":
                found |= self._task(True)
                found["TimeoutSeconds"] = self._quoted()
            case "Map":
                found |= {"Items": self._quoted(), "ItemProcessor": self._scope(True, 1, depth + 1)}
                found["MaxConcurrency"] = self._quoted()
                found["ItemSelector"] = {"i": self._quoted()}
            case "Parallel":
                found["Branches"] = [self._scope(True, 1, depth + 1) for _ in range(2)]
        return found

    def _task(self, query: bool) -> dict[str, Any]:
        resource, needed = self._random.choice(TASKS)
        name, dynamic = ("Arguments", self._quoted) if query else ("Parameters", self._path)
        parameters = {each if query else f"{each}.$": dynamic() for each in needed}
        if not needed:
            parameters = self._quoted() if query else self._template()
        return {"Resource": resource, name: parameters}

    def failure(self) -> Callable[[Any], Any]:
        """Choose how the task that fails does it, or what it returns that is no JSON."""
        broken = self._random.choice(FAILURES)
        return lambda _: broken()
