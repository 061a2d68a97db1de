"""A plan as a test module: it imports what was explored and plays the plan once more."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, cast

from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.expressions.types import Json
from stepsmith.testing.exploring.mishaps import Mishap
from stepsmith.testing.exploring.playing import Answers


class Imports:
    """The names that a test module takes from others."""

    def __init__(self) -> None:
        self._names: dict[str, set[str]] = {}
        self.unknown: list[str] = []
        """What lies in no module: functions inside functions, and those without a name."""

    def name(self, value: object) -> str:
        """Give how a test says a value, importing what has a name of its own."""
        if isinstance(value, Workflow):
            return self._imported(value.function)
        if isinstance(value, Task):
            return self._imported(value.function)
        if isinstance(value, list):
            return f"[{', '.join(map(self.name, cast('list[object]', value)))}]"
        if callable(value):
            return self._imported(value)
        return repr(value)

    def _imported(self, value: Any) -> str:
        module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", "")
        if module is None or "<" in name:
            written = re.sub(r"\W+", "_", name.replace("<locals>", "").replace("<lambda>", "function")).strip(
                "_"
            )
            self.unknown.append(written)
            return written
        first = name.partition(".")[0]
        self._names.setdefault(module, set()).add(first)
        return name

    def text(self) -> str:
        """Give the import statements, and a remark for what cannot be imported."""
        lines = [
            f"from {module} import {', '.join(sorted(names))}"
            for module, names in sorted(self._names.items())
        ]
        lines += [
            f"# {each} lies inside a function: move it to a module" for each in dict.fromkeys(self.unknown)
        ]
        return "\n".join(lines)


def reproduction(
    workflow: Workflow[..., Any],
    inputs: Sequence[dict[str, Json]],
    plan: Sequence[Mishap],
    holds: Callable[[Any], object] | None,
    always: Callable[[Any], object] | None,
    *,
    world: Callable[[], object],
    answers: Answers[Any] | None,
) -> str:
    """Give the text of a test module that plays a plan and looks at what should hold, at its end or all along."""
    imports = Imports()
    arguments = [imports.name(workflow), _block("[", inputs, "]")]
    if plan:
        arguments.append(f"plan={_block('[', plan, ']')}")
    if always is not None:
        arguments.append(f"always={imports.name(always)}")
    arguments.append(f"world={imports.name(world)}")
    if callable(answers):
        arguments.append(f"answers={imports.name(answers)}")
    elif answers is not None:
        told = ", ".join(f"{imports.name(key)}: {imports.name(value)}" for key, value in answers.items())
        arguments.append(f"answers={{{told}}}")
    title = re.sub(r"\W+", "_", getattr(holds or always, "__name__", "it_holds")).strip("_").lower()
    call = "follow(\n" + "".join(f"        {each},\n" for each in arguments) + "    )\n"
    body = f"    {call}" if holds is None else f"    ending = {call}\n    {imports.name(holds)}(ending)\n"
    taken = "Mishap, follow" if plan else "follow"
    return (
        f"from stepsmith.testing import {taken}\n\n{imports.text()}\n\n\ndef test_{title}() -> None:\n{body}"
    )


def _block(start: str, members: Sequence[object], end: str) -> str:
    if not members:
        return f"{start}{end}"
    lines = "".join(f"            {each!r},\n" for each in members)
    return f"{start}\n{lines}        {end}"
