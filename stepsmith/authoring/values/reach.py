"""Which errors a workflow can meet: those of its own module, and of the modules that it and its tasks use.

What else has been imported beside a workflow is not its business: its definition is the same whether it is compiled
alone or with every other workflow of a project.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import cast

from stepsmith.errors import ServiceError
from stepsmith.frozen import frozen


@frozen
class Reach:
    """Modules that are used, and packages of others, of which each module counts as used."""

    modules: frozenset[str]
    packages: frozenset[str]

    def __contains__(self, error: type[BaseException]) -> bool:
        """Say whether an error class is of one of them, of Python or of stepsmith."""
        top = error.__module__.partition(".")[0]
        return (
            error.__module__ in self.modules
            or top in self.packages
            or top == "stepsmith"
            or top in sys.stdlib_module_names
            # what services raise has one class for each way in which they are called
            or issubclass(error, ServiceError)
        )


def reach_of(function: Callable[..., object]) -> Reach:
    """Give what the module of a function reaches by what is imported at the tops of modules and inside of functions."""
    own = getattr(function, "__globals__", {})
    modules: set[str] = {function.__module__}
    packages: set[str] = set()
    waiting = [home for value in list(own.values()) for home in _homes(value)]
    while waiting:
        name = waiting.pop()
        top = name.partition(".")[0]
        module = sys.modules.get(name)
        if name in modules or module is None or top in packages or top == "stepsmith":
            continue
        if top in sys.stdlib_module_names:
            continue
        if is_installed(module):
            packages.add(top)
            continue
        modules.add(name)
        for value in list(vars(module).values()):
            waiting += _homes(value)
    return Reach(frozenset(modules), frozenset(packages))


def is_installed(module: ModuleType) -> bool:
    """Say whether a module is one of a package that somebody has installed."""
    file = (getattr(module, "__file__", None) or "").replace("\\", "/")
    return any(f"/{part}/" in file for part in ("site-packages", "dist-packages"))


def _homes(value: object) -> Iterator[str]:
    """Give the modules that a value is or comes from; nothing is asked of it that it could answer itself."""
    if isinstance(value, ModuleType):
        yield value.__name__
        return
    if isinstance(value, type | FunctionType):
        yield str(value.__module__)
    else:
        yield str(type(value).__module__)
        own = _members(value).get("__module__")  # of a task, that of its function
        if isinstance(own, str):
            yield own
    function = value if isinstance(value, FunctionType) else _members(value).get("function")
    if isinstance(function, FunctionType):
        yield from _imported(function.__code__)


def _members(value: object) -> dict[str, object]:
    try:
        found = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return {}
    return cast("dict[str, object]", found) if type(found) is dict else {}


def _imported(code: CodeType) -> Iterator[str]:
    """Give the modules that may be imported inside a function, by their names."""
    yield from (name for name in code.co_names if name in sys.modules)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _imported(constant)
