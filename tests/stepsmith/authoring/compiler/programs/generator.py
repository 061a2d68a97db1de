"""Random workflow functions, most of which compile: every kind of statement, over names that are likely to clash."""

from __future__ import annotations

import random
import re
import textwrap
from dataclasses import dataclass
from typing import Any

from tests.stepsmith.authoring.compiler.programs import calls
from tests.stepsmith.authoring.compiler.programs.blocks import BLOCKS
from tests.stepsmith.authoring.compiler.programs.expressions import Expressions
from tests.stepsmith.authoring.compiler.programs.kinds import (
    ANNOTATIONS,
    BOUND,
    ELEMENT,
    LOCALS,
    MADE,
    OPTIONAL,
    value_of,
)


@dataclass
class Program:
    """A workflow function, and what it can be called with."""

    text: str
    parameters: dict[str, str]

    def inputs(self, random: random.Random) -> dict[str, Any]:
        """Give random arguments."""
        return {name: value_of(random, kind) for name, kind in self.parameters.items()}


@dataclass
class Generator:
    """Writes one program."""

    x: Expressions
    functions: int = 0
    """How many local functions there are so far."""
    loops: int = 0
    """How many loops are around here."""
    budget: int = 14
    """How many statements may still be written."""
    returns: str = "int"
    """The kind of the result."""

    def program(self) -> Program:
        """Write a program."""
        parameters: dict[str, str] = {}
        for _ in range(self.x.random.randrange(2, 6)):
            kind = self.x.random.choice(tuple(ANNOTATIONS))
            parameters[self.x.fresh(kind)] = kind
        self.x.known |= parameters
        self.returns = self.x.random.choice(("int", "str", "ints", "item", "owhen", "table", "pair", "bool"))
        body = [*self.block(0), f"return {self.x.expr(self.returns, 2)}"]
        signature = ", ".join(f"{name}: {ANNOTATIONS[kind]}" for name, kind in parameters.items())
        text = "\n".join(body)
        checked = "(checked=True)" if self.x.random.random() < 0.1 else ""
        head = f"@workflow{checked}\ndef program({signature}) -> {ANNOTATIONS[self.returns]}:\n"
        return Program(head + textwrap.indent(text, "    "), parameters)

    def block(self, depth: int) -> list[str]:
        """Write some statements."""
        lines: list[str] = []
        for _ in range(self.x.random.randrange(1, 6 if depth == 0 else 4)):
            if self.budget <= 0:
                break
            self.budget -= 1
            lines += self._statement(depth)
        return lines or ["pass"]

    def _statement(self, depth: int) -> list[str]:
        plain = [self._assign, self._assign, self._see, self._augment, self._call, self._wait, self._several]
        plain += [self._helped, self._service, *[self._outside] * 6]
        nested = [self._if, self._for, self._while, self._match, self._try, self._maps, self._branches]
        nested += [self._crossed, self._saga, *[self._blocks] * 8]
        forms = plain + (nested * 2 if depth < 3 else [])
        if depth:
            forms += [self._leave]
        return self.x.random.choice(forms)(depth)

    def nest(self, head: str, depth: int, /, **names: str) -> list[str]:
        """Write a block below its first line; names are known in it alone."""
        with self.x.inside(**names):
            return [head, *(f"    {line}" for text in self.block(depth + 1) for line in text.split("\n"))]

    def _outside(self, depth: int) -> list[str]:
        return calls.drawn(self.x, f"{self.budget} {depth} {self.functions}")

    def _blocks(self, depth: int) -> list[str]:
        return self.x.random.choice(BLOCKS)(self, depth)

    def _assign(self, depth: int) -> list[str]:
        kind = self.x.random.choice(MADE)
        value, new = self.x.expr(kind, 3), True
        name = self.x.fresh(kind)
        annotation = f": {ANNOTATIONS[kind]}" if name not in self.x.known and kind[0] in "oirwptcna" else ""
        self.x.known[name] = kind
        return [f"{name}{annotation} = {value}" if new else ""]

    def _augment(self, depth: int) -> list[str]:
        names = [
            name for name in self.x.named("int") + self.x.named("str") if self.x.kinds.get(name) != "outer"
        ]
        if not names:
            return self._assign(depth)
        name = self.x.random.choice(names)
        return [f"{name} += {self.x.expr(self.x.known[name], 2)}"]

    def _several(self, depth: int) -> list[str]:
        form = self.x.random.randrange(4)
        if form == 0:
            # both sides draw others, so nothing may be made of them
            first, second = self.x.fresh("uuid"), self.x.fresh("uuid")
            return [f"{first} = {second} = uuid()", f"see_number(1 if {first} == {second} else len({first}))"]
        if form == 1:
            return [f"_ = {self.x.expr(self.x.random.choice(('int', 'ints', 'item')), 2)}"]
        first, second = self.x.fresh("int"), self.x.fresh("str")
        value = (
            self.x.expr("pair", 2) if form == 2 else f"both({self.x.expr('int', 1)}, {self.x.expr('str', 1)})"
        )
        self.x.known |= {first: "int", second: "str"}
        return [f"{first}, {second} = {value}"]

    def _see(self, depth: int) -> list[str]:
        kind, name = self.x.random.choice(
            (("int", "number"), ("str", "text"), ("ints", "numbers"), ("item", "item"), ("owhen", "moment"))
        )
        return [f"see_{name}({self.x.expr(kind, 2)})"]

    def _call(self, depth: int) -> list[str]:
        kind, call = self.x.random.choice(
            (
                (
                    "int",
                    f"{self.x.tasks()}({self.x.expr('int', 2)})",
                ),
                ("str", f"shout({self.x.expr('str', 2)})"),
                ("str", f"shout(times={self.x.expr('int', 2)}, text={self.x.expr('str', 2)})"),
                (
                    "item",
                    f"item_of(text={self.x.expr('str', 1)}, number={self.x.safe_number()})",
                ),
                ("oint", f"maybe({self.x.expr('int', 1)})"),
                ("ints", f"spread({self.x.expr('int', 1)})"),
            )
        )
        name = self.x.fresh(kind)
        self.x.known[name] = kind
        return [f"{name} = {call}"]

    def _wait(self, depth: int) -> list[str]:
        if not self.x.can_wait:
            return self._see(depth)
        return [
            self.x.random.choice(
                (
                    f"wait({self.x.expr('int', 1)})"
                    if self.x.can_fail
                    else f"wait(max(0, {self.x.expr('int', 1)}))",
                    "wait(timedelta(minutes=2))",
                    f"wait_until({self.x.expr('when', 1)})",
                    "wait(5)",
                )
            )
        ]

    def _if(self, depth: int) -> list[str]:
        optional = [name for name, kind in self.x.known.items() if kind in OPTIONAL]
        if optional and self.x.random.random() < 0.5:
            name = self.x.random.choice(optional)
            lines = self.nest(f"if {name} is not None:", depth, **{name: self.x.known[name][1:]})
        else:
            lines = self.nest(f"if {self.x.expr('bool', 3)}:", depth)
        if self.x.random.random() < 0.3:
            lines += self.nest(f"elif {self.x.expr('bool', 2)}:", depth)
        if self.x.random.random() < 0.5:
            lines += self.nest("else:", depth)
        return lines

    def _for(self, depth: int) -> list[str]:
        source = self.x.random.choice(
            ("ints", "words", "pairs", "items", "rows", "range", "table", "enumerate", "zip")
        )
        self.loops += 1
        if source == "range":
            name = self.x.fresh("int")
            lines = self.nest(f"for {name} in range({self.x.expr('int', 1)}):", depth, **{name: "int"})
        elif source == "table":
            first, second = self.x.fresh("str"), self.x.fresh("int")
            head = f"for {first}, {second} in {self.x.expr('table', 1)}.items():"
            lines = self.nest(head, depth, **{first: "str", second: "int"})
        elif source in ("enumerate", "zip"):
            first, second = self.x.fresh("int"), self.x.fresh("str")
            start = self.x.random.choice(("", ", 1", ", start=-2"))
            items = f"enumerate({self.x.expr('words', 1)}{start})"
            if source == "zip":
                items = f"zip({self.x.expr('ints', 1)}, {self.x.expr('words', 1)})"
            head = f"for {first}, {second} in {items}:"
            lines = self.nest(head, depth, **{first: "int", second: "str"})
        elif source == "pairs":
            first, second = self.x.fresh("int"), self.x.fresh("str")
            head = f"for {first}, {second} in {self.x.expr('pairs', 1)}:"
            lines = self.nest(head, depth, **{first: "int", second: "str"})
        else:
            kind = ELEMENT[source]
            name = self.x.fresh(kind)
            lines = self.nest(f"for {name} in {self.x.expr(source, 2)}:", depth, **{name: kind})
        self.loops -= 1
        return lines + (self.nest("else:", depth) if self.x.random.random() < 0.2 else [])

    def _while(self, depth: int) -> list[str]:
        name = f"round_{self.budget}"
        self.loops += 1
        lines = self.nest(
            f"while {name} < {self.x.random.randrange(1, 4)} and {self.x.expr('bool', 1)}:", depth
        )
        self.loops -= 1
        return [f"{name} = 0", lines[0], f"    {name} += 1", *lines[1:]]

    def _match(self, depth: int) -> list[str]:
        cases = {
            "color": ("Color.RED", "Color.BLUE"),
            "level": ("Level.LOW",),
            "kind": ("Kind.FIRST",),
            "choice": ("'red'", "'a'"),
            "int": ("1", "2 | 3", "-1"),
            "str": ("'a'", "'' | 'red'"),
            "ostr": ("None", "'a'", "None | 'a'", "'red'"),
            "oint": ("None | 1", "2"),
            "bool": ("True",),
        }
        kind = self.x.random.choice(tuple(cases))
        lines = [f"match {self.x.expr(kind, 1)}:"]
        for case in self.x.random.sample(cases[kind], self.x.random.randrange(1, len(cases[kind]) + 1)):
            guard = f" if {self.x.expr('bool', 1)}" if self.x.random.random() < 0.25 else ""
            lines += [f"    {line}" for line in self.nest(f"case {case}{guard}:", depth)]
        if self.x.random.random() < 0.6:
            lines += [f"    {line}" for line in self.nest("case _:", depth)]
        return lines

    def _try(self, depth: int) -> list[str]:
        if self.x.random.random() < 0.4:
            return self._check()
        kinds = self.x.random.choice(
            (
                ("SmallProblem",),
                ("Problem",),
                ("OtherProblem", "Problem"),
                ("Exception",),
                ("(Problem, OtherProblem)",),
            )
        )
        with self.x.inside():
            before = self.x.can_fail
            # what a failing expression says is another text in a state machine, which refuses it
            self.x.can_fail = before and kinds == ("Exception",)
            silent = self.x.can_fail
            lines = ["try:", f"    {self._call(depth)[0]}", *self.nest("try:", depth)[1:]]
            self.x.can_fail = before
        for kind in kinds:
            name = self.x.fresh("error") if not silent and self.x.random.random() < 0.6 else ""
            head = f"except {kind} as {name}:" if name else f"except {kind}:"
            clause = self.nest(head, depth)
            said = [f"    see_text(str({name}))"] if name else []
            again = ["    raise"] if self.x.random.random() < 0.2 else []
            lines += [clause[0], *said, *clause[1:], *again]
        if self.x.random.random() < 0.2:
            lines += self.nest("else:", depth)
        if self.x.random.random() < 0.25:
            loops, self.loops = self.loops, 0
            body = self.nest("finally:", depth)
            lines += [re.sub(r"return .*", "see_number(0)", line) for line in body]
            self.loops = loops
        return lines

    def _check(self) -> list[str]:
        """Try expressions that can fail, with clauses for what Python raises."""
        words, numbers, table = self.x.expr("str", 1), self.x.expr("ints", 1), self.x.expr("table", 1)
        number, text = self.x.expr("int", 1), self.x.expr("str", 1)
        forms = [
            ("ValueError", f"int({words})"),
            ("ValueError", f"int(float({words}))"),
            ("IndexError", f"{numbers}[{number}]"),
            ("KeyError", f"{table}[{text}]"),
            ("ArithmeticError", f"{number} // {number}"),
            ("ValueError", f"max({numbers})"),
            ("ValueError", f"{words}.index({text})"),
            ("LookupError", f"int({words}[{number}])"),
            ("ZeroDivisionError", f"sum([{number} // v for v in {numbers}])"),
            ("ValueError", f"{numbers}.index({number})"),
        ]
        name, lines, errors = self.x.fresh("int"), ["try:"], list[str]()
        for _ in range(self.x.random.randrange(1, 4)):
            error, value = self.x.random.choice(forms)
            errors.append(error)
            if self.x.random.random() < 0.3:
                error, other = self.x.random.choice(forms)
                errors.append(error)
                value = f"({value} if {self.x.expr('bool', 1)} else {other})"
            lines.append(f"    {name} = {value}")
        clauses = list(dict.fromkeys(errors))
        if not self.x.can_fail or self.x.random.random() < 0.3:
            clauses = ["Exception"]
        elif self.x.random.random() < 0.3:
            clauses = [f"({', '.join([*clauses, 'KeyError'])})"]
        elif self.x.random.random() < 0.5:
            clauses = self.x.random.sample(clauses, self.x.random.randrange(1, len(clauses) + 1))
        for clause in clauses:
            lines += [f"except {clause}:", f"    {name} = {self.x.random.randrange(-9, 9)}"]
        self.x.known[name] = "int"
        return lines

    def _maps(self, depth: int) -> list[str]:
        name, bound = self.x.fresh("ints"), self.x.random.choice(BOUND)
        items = self.x.expr("ints", 2)
        with self.x.inside(**{bound: "int"}):
            inner = self.x.lazy("int", 1)
        call = self.x.random.choice(("double", "risky")) if self.x.can_raise else "double"
        form = self.x.random.randrange(4)
        lines: list[str] = []
        if form == 0:
            text = f"[{call}({inner}) for {bound} in {items}]"
        elif form == 1:
            text = f"map_items({items}, lambda {bound}: {call}({inner}))"
        else:
            self.functions += 1
            function = f"part_{self.functions}"
            parameter = self.x.random.choice([each for each in LOCALS if not each.startswith("_")])
            lines = self.function(f"def {function}({parameter}: int) -> int:", depth, {parameter: "int"})
            text = (
                f"map_items({items}, {function})"
                if form == 2
                else f"[{function}({bound}) for {bound} in {items}]"
            )
        self.x.known[name] = "ints"
        more = self.x.random.random()
        if more < 0.2:
            text = f"[{self.x.safe_number()}, *{text}]"
        elif more < 0.3:
            name = self.x.fresh("int")
            self.x.known[name] = "int"
            text = f"sum({text})"
        return [*lines, f"{name} = {text}"]

    def _helped(self, depth: int) -> list[str]:
        """Call a helper function: one of several states, or one that gives a tuple."""
        if self.x.can_raise and self.x.random.random() < 0.6:
            name = self.x.fresh("int")
            given = self.x.random.choice(("", f", {self.x.expr('int', 1)}", ", otherwise=3"))
            lines = [f"{name} = careful({self.x.expr('int', 1)}{given})"]
            self.x.known[name] = "int"
            return lines
        first, second = self.x.fresh("int"), self.x.fresh("str")
        lines = [f"{first}, {second} = several({self.x.expr('int', 1)})"]
        self.x.known |= {first: "int", second: "str"}
        return lines

    def _service(self, depth: int) -> list[str]:
        """Write an item into a table, and read it."""
        if self.x.random.random() < 0.7:
            return self._call(depth)
        key = f'f"k{{{self.x.readable("int")}}}"'
        name = self.x.fresh("str")
        lines = [
            f"services.dynamodb.put_item(TableName='table', Item={{'id': {{'S': {key}}}, "
            f"'n': {{'N': str({self.x.expr('int', 1)})}}}})"
        ]
        if self.x.can_fail:
            read = f"services.dynamodb.get_item(TableName='table', Key={{'id': {{'S': {key}}}}})"
            holder = f"read_{self.budget}_{depth}"
            self.x.known[name] = "str"
            lines += [f"{holder} = {read}", f"{name} = {holder}['Item']['n']['N']"]
        return lines

    def _crossed(self, depth: int) -> list[str]:
        """Write a Map over what several `for` give, or a Map in a Map."""
        name = self.x.fresh("ints")
        first, second = self.x.random.sample([each for each in BOUND if each not in ("_", "__a")], 2)
        rows, items = self.x.expr("rows", 1), self.x.expr("ints", 1)
        with self.x.inside(**{first: "int", second: "int"}):
            inner = self.x.lazy("int", 1)
            test = f" if {self.x.lazy('bool', 1)}" if self.x.random.random() < 0.3 else ""
        call = self.x.random.choice(("double", "risky", "careful")) if self.x.can_raise else "double"
        kind, text = self.x.random.choice(
            (
                ("ints", f"[{call}({inner}) for {first} in {items} for {second} in {items}{test}]"),
                ("ints", f"[double({second}) for {first} in {rows} for {second} in {first}]"),
                ("rows", f"[[double({second}) for {second} in {first}] for {first} in {rows}]"),
                ("ints", f"[double({first} + {second}) for {first}, {second} in zip({items}, {items})]"),
            )
        )
        if kind == "rows":
            name = self.x.fresh("rows")
        self.x.known[name] = kind
        return [f"{name} = {text}"]

    def _saga(self, depth: int) -> list[str]:
        """Write steps that are undone where a later one fails."""
        undo, done = f"undo_{self.budget}", self.x.fresh("int")
        before, self.x.can_fail = self.x.can_fail, False
        text, amount = self.x.lazy("str", 1), self.x.lazy("int", 1)
        step = f"{done} = {self.x.tasks()}({self.x.safe_number()})"
        self.x.known[done] = "int"
        lines = self.nest(f"with compensation() as {undo}:", depth)
        self.x.can_fail = before
        first = [f"    {undo}(undo_text, {text}, times={amount})", f"    {step}"]
        return [lines[0], *first, f"    {undo}(undo_number, {done})", *lines[1:]]

    def function(self, head: str, depth: int, parameters: dict[str, str]) -> list[str]:
        """Write a local function, whose body may run side by side with others."""
        before, loops, returns, outer = dict(self.x.kinds), self.loops, self.returns, dict(self.x.known)
        self.loops, self.returns = 0, "int"
        # nothing that tells which part of what runs side by side was first
        may = self.x.can_fail, self.x.can_raise, self.x.can_wait
        self.x.can_fail, self.x.can_raise, self.x.can_wait = False, False, False
        # what is read from around the function is not assigned in it, and the other way round
        self.x.known = {name: kind for name, kind in outer.items() if self.x.random.random() < 0.6}
        self.x.kinds = {**dict.fromkeys(self.x.known, "outer"), **parameters}
        with self.x.inside(**parameters):
            lines = [
                head,
                *(f"    {line}" for line in self.block(depth + 2)),
                f"    return {self.x.expr('int', 2)}",
            ]
        self.x.kinds, self.loops, self.returns, self.x.known = before, loops, returns, outer
        self.x.can_fail, self.x.can_raise, self.x.can_wait = may
        return lines

    def _branches(self, depth: int) -> list[str]:
        self.functions += 1
        function = f"part_{self.functions}"
        lines = self.function(f"def {function}() -> int:", depth, {})
        first, second = self.x.fresh("int"), self.x.fresh("str")
        text = f"parallel({function}(), shout({self.x.expr('str', 1)}))"
        self.x.known |= {first: "int", second: "str"}
        return [*lines, f"{first}, {second} = {text}"]

    def _leave(self, depth: int) -> list[str]:
        if self.loops and self.x.random.random() < 0.6:
            return [f"if {self.x.expr('bool', 2)}:", f"    {self.x.random.choice(('break', 'continue'))}"]
        leave = f"return {self.x.expr(self.returns, 2)}"
        if self.x.can_raise and self.x.random.random() < 0.6:
            leave = self.x.random.choice(
                (f"raise SmallProblem({self.x.expr('str', 1)})", "raise OtherProblem")
            )
        return [f"if {self.x.expr('bool', 2)}:", f"    {leave}"]
