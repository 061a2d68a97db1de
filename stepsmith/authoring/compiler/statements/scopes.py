"""One scope of states while it is compiled: a machine, a branch, or the processor of a Map state."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stepsmith.authoring.compiler.drafts import Draft, Edge, Ends, Label
from stepsmith.authoring.compiler.expressions.environment import Environment, Local
from stepsmith.authoring.compiler.functions import Helper
from stepsmith.authoring.compiler.passes import build_scope
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.source.names import unique, variable_name
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.values.reach import Reach
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.errors import WorkflowError
from stepsmith.expressions.typed.tree import Expression, Span


@dataclass(slots=True)
class Machine:
    """What all scopes of one machine share."""

    fuse: bool
    reach: Reach
    """Where the errors are defined that it can meet."""
    state_names: set[str] = field(default_factory=set[str])
    wanted_names: dict[str, str] = field(default_factory=dict[str, str])
    """What each state would be called if it stood alone."""
    calls: list[Span] = field(default_factory=list[Span])
    """The calls of helper functions around the point that is compiled, outermost first."""
    called_from: dict[str, tuple[Span, ...]] = field(default_factory=dict[str, tuple[Span, ...]])
    """The calls of helper functions that each state was made in, by its name so far."""
    helpers: dict[object, Helper] = field(default_factory=dict[object, Helper])
    """The functions of modules that have been called, read once each."""
    variables: set[str] = field(default_factory=set[str])
    """Every workflow variable of every scope."""
    own: set[str] = field(default_factory=set[str])
    """Those that no name of the workflow function stands for."""
    tasks: dict[str, Task[..., Any]] = field(default_factory=dict[str, "Task[..., Any]"])
    functions: dict[str, object] = field(default_factory=dict[str, object])
    """The Python function behind each task name, those of children included."""
    compiling: list[Helper] = field(default_factory=list[Helper])
    """Helper functions that are being compiled, outermost first."""
    children: dict[str, Workflow[..., Any]] = field(default_factory=dict[str, "Workflow[..., Any]"])


class ScopeBuilder:
    """Collects the states of one scope."""

    def __init__(self, machine: Machine, outer: ScopeBuilder | None, names: Iterable[str]) -> None:
        self.machine = machine
        self.drafts: list[Draft] = []
        self._terminals: dict[object, Draft] = {}
        around = outer.visible if outer else set[str]()
        self._variables: dict[str, str] = {}
        self.visible = set(around)
        """Variables of this scope and of those around it, whose names inner scopes must not use again."""
        for name in sorted(names, key=lambda name: variable_name(name, self.visible) != name):
            # names that can stay as they are come first, so that no other takes them
            self._variables[name] = self._allocate(name, self.visible)
        self.frames: dict[ast.FunctionDef, dict[str, str]] = {}
        """The workflow variables of the names of each helper function that is written out here."""
        self.untold: set[str] = set()
        """Workflow variables that may hold the failure of an expression, whose text only Python knows."""
        self.entry = Label()
        """Where the scope starts."""

    def _allocate(self, name: str, taken: set[str]) -> str:
        found = variable_name(name.lstrip("_") or "value", taken)
        self.visible.add(found)
        self.machine.variables.add(found)
        return found

    def variable(self, name: str) -> str:
        """Give the workflow variable of a local name."""
        if name not in self._variables:
            self._variables[name] = self._allocate(name, self.visible | self.machine.variables)
        return self._variables[name]

    def fresh(self, name: str) -> str:
        """Give a workflow variable that no name in the source stands for; a call such as `dynamodb.query` has a dot."""
        found = self._allocate(name.replace(".", "_"), self.visible | self.machine.variables)
        self.machine.own.add(found)
        return found

    def name(self, wanted: str) -> str:
        """Give a state a name for now; `name_states` gives it what is wanted, or the next best."""
        found = unique(wanted, self.machine.state_names)
        self.machine.wanted_names[found] = wanted
        self.machine.called_from[found] = tuple(self.machine.calls)
        return found

    def connect(self, ends: Ends, draft: Draft | Label) -> None:
        """Lead every end to a state or label."""
        for end in ends:
            end.target = draft

    def add(self, ends: Ends, draft: Draft) -> Draft:
        """Put a state behind the ends."""
        self.connect(ends, draft)
        self.drafts.append(draft)
        return draft

    def joins_terminal(self, ends: Ends, key: object) -> bool:
        """Lead the ends to the terminal state that says the same, and say whether there is one."""
        existing = self._terminals.get(key)
        if existing is not None:
            self.connect(ends, existing)
        return existing is not None

    def add_terminal(self, ends: Ends, key: object, state: graph.State) -> None:
        """End here, in a state that others which say the same may join."""
        self._terminals[key] = self.add(ends, Draft(state))

    def assign(self, ends: Ends, values: Mapping[str, Expression], name: str, span: Span | None) -> Ends:
        """Assign variables on the way, in the transition before where that means the same, else in a Pass state."""
        if self.machine.fuse and len(ends) == 1 and isinstance(end := ends[0], Edge):
            together = end.takes(values)
            if together is not None:
                end.assign = together
                return ends
        edge = Edge(assign=dict(values))
        self.add(ends, Draft(graph.Pass(name=self.name(name), span=span), edge))
        return [edge]

    def build(self) -> graph.Scope:
        """Give the finished scope."""
        return build_scope(self.drafts, self.entry, self.machine.own, save=self.machine.fuse)


@dataclass(eq=False, slots=True)
class Handler:
    """An except clause while its try body is compiled."""

    errors: tuple[str, ...]
    """ASL error names it catches."""
    classes: tuple[type[BaseException], ...]
    variable: str | None
    """The workflow variable that holds the error, where one is needed."""
    ways: list[tuple[Ends, Environment]] = field(default_factory=list[tuple[Ends, Environment]])
    """The ways here, each with what is known on it."""

    builtin: type[BaseException] | None = None
    """A class of Python's own that it names, whose errors no state catches."""
    keeps_text: bool = False
    """Whether it keeps what errors say."""
    untold: bool = False
    """Whether a failing expression leads here, whose text only Python knows."""

    def takes_expressions(self) -> bool:
        """Say whether the failure of an expression may lead here: those have classes of Python's own."""
        return not all(issubclass(each, WorkflowError) for each in self.classes)

    def catches_all(self) -> bool:
        """Say whether it is for every error."""
        return "States.ALL" in self.errors


@dataclass(eq=False, slots=True)
class Try:
    """A try statement around the point that is compiled."""

    handlers: list[Handler]


@dataclass(eq=False, slots=True)
class Finally:
    """A finally block that must run before control leaves."""

    body: list[ast.stmt]


@dataclass(eq=False, slots=True)
class Loop:
    """A loop around the point that is compiled."""

    head: Label
    breaks: Ends = field(default_factory=list["Edge | Label"])
    environments: list[Environment] = field(default_factory=list[Environment])
    """What is known at each break."""


@dataclass(eq=False, slots=True)
class Inlined:
    """A helper function around the point that is compiled: what it returns goes to its caller."""

    environment: Environment
    """What its caller knows at the call."""
    variable: str
    """The workflow variable that holds the result."""
    tail: bool
    """Whether its caller returns what it returns."""
    ends: Ends = field(default_factory=list["Edge | Label"])
    """The ways out of it."""


Surrounding = Try | Finally | Loop | Inlined


@dataclass(eq=False, slots=True)
class Undo:
    """One place where something is registered to be undone."""

    call: ast.Call
    group: ast.For | ast.While | None
    """The outermost loop around it."""
    flag: str = ""
    """The workflow variable that says whether it is registered."""
    function: str = ""
    """The name that its function goes by."""
    arguments: dict[str, Expression] = field(default_factory=dict[str, Expression])
    """What its arguments were, by the name that they have when it is called."""
    late: dict[str, Expression] = field(default_factory=dict[str, Expression])
    """Those that are only known when it is called."""

    @property
    def key(self) -> ast.AST:
        """What it is known by: itself, or its loop."""
        return self.group or self.call


@dataclass(eq=False, slots=True)
class Saga:
    """A `with compensation()` statement while its body is compiled."""

    node: ast.With
    undos: list[Undo]
    name: str
    error: str
    """The workflow variable that holds the error."""
    state: Local
    """What its name stands for afterwards: the text of the error, and what could not be undone."""
    lists: dict[ast.AST, str] = field(default_factory=dict[ast.AST, str])
    """The workflow variable that holds what each loop has registered."""
