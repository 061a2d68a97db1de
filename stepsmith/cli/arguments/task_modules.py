"""`--tasks`: the module that says which functions answer which tasks."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import cast

from stepsmith.cli.output.messages import one_line
from stepsmith.errors import InvalidInput, NotFound

TABLE = "TASKS"


def load_tasks(name: str) -> dict[str, object]:
    """Return functions by the names they answer.

    `name` is a module or a Python file. Its `TASKS`, a dictionary by ARN, state name or function name, counts; without
    one, all public functions and tasks of the module do, by their names, and the tasks of its workflows, which may be
    called by helpers from elsewhere. Raises NotFound or InvalidInput.
    """
    module = _load(name)
    table: object = getattr(module, TABLE, None)
    if table is None:
        public = {key: value for key, value in vars(module).items() if not key.startswith("_")}
        found = _of_workflows(public, module.__name__)
        found |= {key: value for key, value in public.items() if _is_task(value, module.__name__)}
        if not found:
            raise InvalidInput(f"{name} has neither {TABLE} nor a public function to answer tasks with")
        return found
    if not isinstance(table, Mapping):
        raise InvalidInput(f"{TABLE} of {name} is no dictionary")
    return {str(key): value for key, value in cast("Mapping[object, object]", table).items()}


def named_tasks(name: str) -> list[str]:
    """Return the names in the `TASKS` of a loaded module; none without one, where functions may be helpers."""
    module = sys.modules.get(f"stepsmith_tasks_{Path(name).stem}" if name.endswith(".py") else name)
    return [str(key) for key in getattr(module, TABLE, ())]


def _of_workflows(public: Mapping[str, object], module: str) -> dict[str, object]:
    from stepsmith.authoring.compiler.workflow import Workflow
    from stepsmith.service import workflow_tasks

    found: dict[str, object] = {}
    for value in public.values():
        if isinstance(value, Workflow) and value.__module__ == module:
            found |= workflow_tasks(cast("Workflow[..., object]", value))
    return found


def _is_task(value: object, module: str) -> bool:
    if callable(getattr(value, "handle", None)) and not isinstance(value, type):
        return True
    return callable(value) and not isinstance(value, type) and getattr(value, "__module__", None) == module


def _load(name: str) -> ModuleType:
    path = Path(name)
    if not name.endswith(".py") and not all(part.isidentifier() for part in name.split(".")):
        raise NotFound(f"{name!r} is neither a module, such as tasks.orders, nor a Python file")
    try:
        if name.endswith(".py"):
            return _load_file(path)
        sys.path.insert(0, str(Path.cwd()))
        return importlib.import_module(name)
    except FileNotFoundError:
        raise NotFound(f"tasks file {name!r} is not there") from None
    except ModuleNotFoundError as error:
        if error.name == name:
            raise NotFound(f"no module {name!r} to take tasks from") from None
        raise InvalidInput(f"{name} cannot be imported: {one_line(str(error))}") from error
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a module may also end the process, or skip itself as tests do
        raise InvalidInput(
            f"{name} cannot be imported: {type(error).__name__}: {one_line(str(error))}"
        ) from error


def _load_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise FileNotFoundError(path)
    spec = importlib.util.spec_from_file_location(f"stepsmith_tasks_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(path.resolve().parent))
    spec.loader.exec_module(module)
    return module
