"""`async def` tasks: what they give is awaited where they are called."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from types import CoroutineType
from typing import Any, cast


def finished(found: object) -> object:
    """Give what a function has returned, and of an asynchronous one what it returns in the end."""
    if isinstance(found, CoroutineType):
        return awaited(cast("Coroutine[Any, Any, object]", found))
    return found


def awaited(coroutine: Coroutine[Any, Any, object]) -> object:
    """Run a coroutine to its end in an event loop of its own, in a thread beside one that runs here already."""
    # here, so that a task function on Lambda starts without an event loop
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    results: list[object] = []
    errors: list[BaseException] = []
    context = copy_context()

    def run() -> None:
        try:
            results.append(context.run(asyncio.run, coroutine))
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, name=coroutine.__qualname__)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def generator_kind(function: Callable[..., object]) -> str | None:
    """Say what kind of generator a function is; None where it is none."""
    if inspect.isasyncgenfunction(function):
        return "an async generator"
    return "a generator" if inspect.isgeneratorfunction(function) else None
