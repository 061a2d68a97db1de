"""Python functions of a template, called here as Lambda calls them."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, Final, cast

from stepsmith.authoring.calls.attempts import attempt
from stepsmith.errors import NotFound
from stepsmith.expressions.types import Json

_SECONDS: Final = 900
_LOCK: Final = threading.Lock()
"""Environment and path of imports belong to the process: one module after the other is loaded."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler is told about its call."""

    function_name: str
    aws_request_id: str
    function_version: str = "$LATEST"
    memory_limit_in_mb: str = "128"

    @property
    def invoked_function_arn(self) -> str:
        """The ARN of the function."""
        return f"arn:aws:lambda:us-east-1:123456789012:function:{self.function_name}"

    @property
    def log_group_name(self) -> str:
        """The name of the group of its logs."""
        return f"/aws/lambda/{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """Say how long it may still take."""
        return _SECONDS * 1000


class PythonHandler:
    """A handler such as `app.lambda_handler`, in a folder; its module is imported when it is first called."""

    def __init__(self, folder: Path, handler: str, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.handler = handler
        self._environment = dict(environment)
        self._found: Callable[[Json, object], Json] | None = None

    def __call__(self, payload: Json) -> Json:
        """Call it; raises what it raises, and NotFound where it is not there."""
        found = self._found
        if found is None:
            with _LOCK, _surroundings(self.folder, self._environment):
                found = self._found = self._load()
        under_way = attempt.get()
        request = "" if under_way is None else under_way.idempotency_token
        return found(payload, Context(self.handler.rpartition(".")[0].rpartition("/")[2], request))

    def _load(self) -> Callable[[Json, object], Json]:
        module, _, name = self.handler.rpartition(".")
        path = self.folder / f"{module.replace('.', '/')}.py"
        if not module or not path.is_file():
            raise NotFound(f"the handler {self.handler!r} is not there: no file {path}")
        known = f"_handler_{abs(hash(path.resolve())):x}"
        loaded: Any = sys.modules.get(known)
        if loaded is None:
            spec = spec_from_file_location(known, path)
            if spec is None or spec.loader is None:
                raise NotFound(f"the handler {self.handler!r} cannot be imported from {path}")
            loaded = sys.modules[known] = module_from_spec(spec)
            try:
                spec.loader.exec_module(loaded)
            except BaseException:
                del sys.modules[known]
                raise
        found = getattr(loaded, name, None)
        if not callable(found):
            raise NotFound(f"the handler {self.handler!r} is not there: {path} has no function {name!r}")
        return cast("Callable[[Json, object], Json]", found)


@contextmanager
def _surroundings(folder: Path, environment: Mapping[str, str]) -> Generator[None]:
    """Import from a function's folder, with its environment: the variables stay, since handlers read them later."""
    os.environ.update(environment)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
