"""What `stepsmith run` can be given: a workflow of the project, or a file with a definition."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from os import scandir
from os.path import isdir, isfile, lexists
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from stepsmith.cli.arguments.inputs import GivenInput, merge, read_option
from stepsmith.cli.arguments.parsing import WrongCall
from stepsmith.cli.arguments.project import Found, Project, find_root
from stepsmith.cli.arguments.substitutions import GivenValues
from stepsmith.cli.output.messages import one_line
from stepsmith.diagnostics import InvalidDefinition
from stepsmith.errors import InvalidInput, NotFound, StepsmithError, WorkflowError
from stepsmith.expressions.types import Json, Undefined
from stepsmith.service import Machine, load, read_definition
from stepsmith.service.definitions.files import ENDINGS, machine_name
from stepsmith.service.executions.declared import NOTHING_DECLARED, Declared, as_it_is
from stepsmith.service.templates.embedded import Embedded
from stepsmith.service.templates.reading import ENDINGS as TEMPLATE_ENDINGS
from stepsmith.service.templates.reading import definition_in

if TYPE_CHECKING:
    from stepsmith.integrations import ClientRegistry

HOOK = "prepare_local"
"""The function of a workflow's module that makes an input from a local file."""

MOST_NAMES = 10
LONGEST_REFUSAL = 500
"""Characters of what AWS would say; for broken JSON it quotes the whole definition."""

CLIENTS_HOOK = "local_clients"
"""The function of a workflow's module that gives clients for runs without AWS."""


CHART_HOOK = "chart"
"""The function of a workflow's module that draws a result, or two, as an HTML page."""


class Neighbours(Mapping[str, Machine]):
    """The machines of one folder by the names of their files, read when one is asked for."""

    def __init__(self, folder: Path, given: GivenValues) -> None:
        self._folder = folder
        self._given = given

    def __getitem__(self, name: str) -> Machine:
        if "/" not in name and "\0" not in name:
            for ending in ENDINGS:
                path = self._folder / f"{name}{ending}"
                if path.is_file():
                    text = read_definition(path)
                    return load(text, name=name, substitutions=self._given.known_in(text))
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(
            sorted({machine_name(path) for path in self._folder.iterdir() if path.name.endswith(ENDINGS)})
        )

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True)
class DefinitionFile:
    """A definition in a file, or in a template."""

    path: Path
    express: bool
    given: GivenValues
    part: str | None = None
    """The state machine in a template that is meant."""

    @cached_property
    def _found(self) -> Embedded:
        return definition_in(self.path, self.part)

    @cached_property
    def machine(self) -> Machine:
        """The state machine; raises NotFound or InvalidInput naming the file, and the place in it."""
        try:
            found = self._found
            values = self.given.known_in(found.text)
            machine = load(
                found.text,
                name=found.name,
                type="EXPRESS" if self.express else found.type,
                substitutions={**found.own_values(), **values},
            )
            self.given.check_used(values, {each.name for each in machine.placeholders})
            return machine
        except InvalidDefinition as error:
            raise InvalidInput(_refusal(self.path, error)) from None
        except NotFound as error:
            raise NotFound(f"{error}{'' if lexists(self.path) else _neighbour(self.path)}") from None

    @property
    def name(self) -> str:
        """The name that the file gives it."""
        return self.machine.name

    def input(self, call: GivenInput, clients: ClientRegistry) -> tuple[Json, str | None]:
        """Return the input and its own text; raises InvalidInput."""
        if call.upload is not None:
            raise InvalidInput("--upload needs a workflow that says what to do with the file")
        value, text = read_option(call.input)
        merged = merge(value, call.pairs)
        return ({} if isinstance(merged, Undefined) else merged), None if call.pairs else text

    def tasks(self, module: str | None) -> dict[str, object]:
        """Return the functions that answer its tasks: those of `--tasks`, or of the project's workflow of its name."""
        from stepsmith.cli.arguments.task_modules import load_tasks

        _ = self.name  # a file that cannot be read is complained about first
        if module is not None or self._found.functions:
            return {**self._found.functions, **({} if module is None else load_tasks(module))}
        workflow = self._workflow()
        return {} if workflow is None else workflow.tasks(None)

    def local_clients(self, local_function: str | None) -> Mapping[str, object]:
        """Return no clients of its own; raises InvalidInput for a local function."""
        if local_function is not None:
            raise InvalidInput("--local-function is for workflows, not for files with a definition")
        return {}

    def provide(self, clients: ClientRegistry) -> None:
        """Let what the project's workflow of its name declares be there, if it is one of a project."""
        workflow = self._workflow()
        if workflow is not None:
            workflow.provide(clients)

    def _workflow(self) -> WorkflowTarget | None:
        """Return the workflow that it was compiled from, where it is in its project."""
        folder = self.path.resolve().parent
        root = find_root(folder)
        if root is None or folder != root / "definitions":
            return None
        try:
            return WorkflowTarget(Project(root), Project(root).find(self.name), express=self.express)
        except NotFound:
            return None

    def drawing(self) -> Callable[..., str]:
        """Raise InvalidInput: a definition has nothing that draws its results."""
        raise InvalidInput("--chart is for workflows, not for files with a definition")

    def declared(self) -> Declared[Json]:
        """Return what its source declares: nothing, a definition has none."""
        return NOTHING_DECLARED

    def machines(self) -> Mapping[str, Machine]:
        """Return the machines next to it, which it may start."""
        return Neighbours(self.path.parent, self.given)


@dataclass(frozen=True)
class WorkflowTarget:
    """A workflow of the project."""

    project: Project
    found: Found
    express: bool

    @cached_property
    def machine(self) -> Machine:
        """The compiled workflow."""
        workflow = self.found.workflow
        return Machine(
            workflow.definition, name=workflow.name, type="EXPRESS" if self.express else "STANDARD"
        )

    @property
    def name(self) -> str:
        """The name of the workflow."""
        return self.found.workflow.name

    def input(self, call: GivenInput, clients: ClientRegistry) -> tuple[Json, str | None]:
        """Return the checked input; raises InvalidInput naming the field that does not fit."""
        value, _ = read_option(call.input)
        prepared = self._prepared(call.upload, clients)
        if prepared is not None:
            value = {**prepared, **(value if isinstance(value, dict) else {})}
        merged = merge(value, call.pairs, self._texts())
        given: Json = self._nothing() if isinstance(merged, Undefined) else merged
        self.found.workflow.check_input(given)
        return given, None

    def tasks(self, module: str | None) -> dict[str, object]:
        """Return the workflow's own tasks, and those of `--tasks` in their place."""
        from stepsmith.cli.arguments.task_modules import load_tasks
        from stepsmith.service import workflow_tasks

        own: dict[str, object] = workflow_tasks(self.found.workflow)
        return own if module is None else {**own, **load_tasks(module)}

    def local_clients(self, local_function: str | None) -> Mapping[str, object]:
        """Return the clients that the workflow's module has for runs without AWS.

        Raises InvalidInput for a local function that the workflow does not take or that is not there.
        """
        hook = getattr(self.found.module, CLIENTS_HOOK, None)
        if callable(hook):
            try:
                return cast("Mapping[str, object]", cast("Any", hook)(local_function))
            except WorkflowError as error:
                raise InvalidInput(f"--local-function: {error}") from None
        if local_function is not None:
            raise InvalidInput(
                f"{self.name} takes no local function: its module has no {CLIENTS_HOOK}(function)"
            )
        return {}

    def provide(self, clients: ClientRegistry) -> None:
        """Let what the workflow declares be there, where services live in this process."""
        from stepsmith.service.machines.provided import provided

        provided(self.found.workflow, clients)

    def drawing(self) -> Callable[..., str]:
        """Return what draws a result of it as a page; raises InvalidInput where its module has nothing that does."""
        hook = getattr(self.found.module, CHART_HOOK, None)
        if not callable(hook):
            raise InvalidInput(f"{self.name} draws no chart: its module has no {CHART_HOOK}(output, other)")
        return cast("Callable[..., str]", hook)

    def declared(self) -> Declared[Json]:
        """Return where in the workflow function its states stand; the output stays JSON."""
        return Declared[Json](convert=as_it_is, errors={}, spans=self.found.workflow.spans)

    def machines(self) -> Mapping[str, Machine]:
        """Return the workflows that it may start."""
        from stepsmith.service import workflow_machines

        return workflow_machines(self.found.workflow)

    def _nothing(self) -> Json:
        """Return the input of a call that has none; raises InvalidInput where the workflow needs one."""
        needed = [each.name for each in self.found.workflow.boundary.parameters if each.required]
        if needed:
            raise InvalidInput(
                f"{self.name} needs {', '.join(needed)}: give {needed[0]}=... or --input JSON; "
                "stepsmith list shows the types"
            )
        return {}

    def _texts(self) -> frozenset[str]:
        """Name the parameters that are plain text, so that `key=5` stays text for them."""
        parameters = self.found.workflow.boundary.parameters
        return frozenset(each.name for each in parameters if each.converter.annotation is str)

    def _prepared(self, path: Path | None, clients: ClientRegistry) -> Mapping[str, Json] | None:
        if path is None:
            return None
        if not path.is_file():
            raise InvalidInput(
                f"--upload {str(path)!r}: {'this is a folder' if path.is_dir() else 'no such file'}"
            )
        hook = getattr(self.found.module, HOOK, None)
        if not callable(hook):
            raise InvalidInput(f"{self.name} takes no file: its module has no {HOOK}(clients, path)")
        try:
            return cast("Mapping[str, Json]", json.loads(json.dumps(cast("Any", hook)(clients, path))))
        except StepsmithError:
            raise
        except OSError as error:
            raise InvalidInput(f"--upload {str(path)!r} cannot be read: {error.strerror or error}") from None
        except Exception as error:
            raise InvalidInput(f"{HOOK} of {self.name} failed: {one_line(repr(error))}") from error


def find_target(
    name: str, *, express: bool = False, given: GivenValues | None = None
) -> DefinitionFile | WorkflowTarget:
    """Return what `name` means: a file when it looks like one or is one, and a workflow otherwise.

    `given` are values for placeholders. Raises NotFound with the nearest name, and WrongCall for values where there is
    no file.
    """
    values = given or GivenValues()
    if name.endswith(".py") and isfile(name):
        raise NotFound(f"{name!r} is Python; a workflow is called by its name, without folder and ending")
    try:
        if "/" not in name and not _looks_like_a_file(name) and (_is_workflow(name) or not isfile(name)):
            project = Project.here()
            found = project.find(name)
            if values.values:
                raise WrongCall("--substitute and --substitutions are for files with a definition")
            return WorkflowTarget(project, found, express)
    except NotFound:
        if not isdir(name):
            raise
    if isdir(name):
        raise NotFound(f"{name!r} is a folder{_definitions_in(Path(name))}")
    path, _, part = (name, "", "") if lexists(name) else name.partition("#")
    return DefinitionFile(Path(path), express, values, part or None)


def _looks_like_a_file(name: str) -> bool:
    return name.partition("#")[0].lower().endswith(TEMPLATE_ENDINGS)


def _definitions_in(folder: Path) -> str:
    """Name the definitions of a folder, as many as one reads."""
    try:
        found = sorted(entry.name for entry in scandir(folder) if entry.name.endswith(ENDINGS))
    except OSError:
        found = []
    shown = ", ".join(str(folder / name) for name in found[:MOST_NAMES])
    more = f" and {len(found) - MOST_NAMES} more" if len(found) > MOST_NAMES else ""
    return f"; it holds the definitions {shown}{more}" if found else ", and holds no definition"


def _neighbour(path: Path) -> str:
    """Name the definition next to a file that is meant instead, or all that are there."""
    try:
        found = [entry.name for entry in scandir(path.parent) if entry.name.endswith(TEMPLATE_ENDINGS)]
    except OSError:
        found = []
    # endings are left out, or files would be near because of them
    names = {each.partition(".")[0]: each for each in sorted(found) if each != path.name}
    close = get_close_matches(path.name.partition(".")[0], names, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {names[close[0]]!r}?"
    return f"; next to it are {', '.join(sorted(names.values())[:MOST_NAMES])}" if names else ""


def _refusal(path: Path, error: InvalidDefinition) -> str:
    first, *others = error.findings
    place = "" if first.line is None else f":{first.line}:{first.column}"
    more = f" (and {len(others)} more; stepsmith lint lists them)" if others else ""
    return f"{path}{place}: AWS would refuse this definition: {one_line(str(first))[:LONGEST_REFUSAL]}{more}"


def _is_workflow(name: str) -> bool:
    root = find_root(Path.cwd())
    return root is not None and isfile(root / "workflows" / f"{name}.py")
