"""The import of the SDK, without what it does to the process around it."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any, Final

from stepsmith.integrations import MissingPackage
from stepsmith.sdk.stand_ins import standing_in

_PACKAGE: Final = "stepfunctions"
_REMEDY: Final = "pip install 'stepsmith[sdk]'"
_SHELL_METHODS: Final = ("_showtraceback", "showtraceback", "showsyntaxerror")
"""What rich puts on the shell of a notebook when it takes over tracebacks."""


def import_sdk() -> ModuleType:
    """Import the `stepfunctions` package and give it; later imports of it find it there.

    It works without sagemaker, and beside a sagemaker or setuptools that is too new for it; SageMaker steps do not.
    The level and handlers of the root logger, the hook for uncaught exceptions and the filters of warnings are
    afterwards what they were. Raises MissingPackage where it or something that it needs is not installed.
    """
    loaded = sys.modules.get(_PACKAGE)
    if loaded is not None:
        return loaded
    try:
        with _undisturbed(), standing_in():
            return import_module(_PACKAGE)
    except ModuleNotFoundError as error:
        _forget()
        if error.name == _PACKAGE:
            raise MissingPackage(f"the stepfunctions SDK is not installed: {_REMEDY}") from None
        raise MissingPackage(f"the stepfunctions SDK needs {error.name}: {_REMEDY}") from None
    except BaseException:
        _forget()
        raise


def _forget() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == _PACKAGE]:
        del sys.modules[name]


@contextmanager
def _undisturbed() -> Generator[None]:
    """Put logging, hooks and warnings back as they were, and keep an import from printing."""
    root, hook = logging.getLogger(), sys.excepthook
    level, handlers, disabled = root.level, list(root.handlers), root.manager.disable
    shells = [(members, {name: members.get(name) for name in _SHELL_METHODS}) for members in _shells()]
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
        root.setLevel(level)
        root.handlers[:] = handlers
        sys.excepthook = hook
        for members, methods in shells:
            _restore(members, methods)


def _shells() -> Iterator[dict[str, object]]:
    """Give the members of the IPython shell, if this runs in one."""
    ipython: Any = sys.modules.get("IPython")
    shell: object = None if ipython is None else ipython.get_ipython()
    if shell is not None:
        yield vars(shell)


def _restore(members: dict[str, object], methods: dict[str, object]) -> None:
    for name, method in methods.items():
        if method is not None:
            members[name] = method
        else:
            members.pop(name, None)
