"""What workflow functions call besides tasks: branches, items, waiting, the clock and identifiers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeVar, TypeVarTuple, cast, overload

from stepsmith.authoring.calls.item_sources import ItemSource
from stepsmith.authoring.calls.plain import current_run, need_run
from stepsmith.errors import ExceedToleratedFailureThreshold

_EMPTY_BATCH: Final = len('{"Items":[]}')
T = TypeVar("T")
R = TypeVar("R")
Ts = TypeVarTuple("Ts")


def parallel(*results: *Ts) -> tuple[*Ts]:
    """Give the results of calls that a state machine makes side by side, one branch for each."""
    return results


@overload
def map_items(
    items: Iterable[T],
    function: Callable[[T], R],
    *,
    max_concurrency: int | None = None,
    distributed: bool = False,
    tolerated_failure_count: int | None = None,
    tolerated_failure_percentage: float | None = None,
    execution_type: Literal["STANDARD", "EXPRESS"] = "STANDARD",
    label: str | None = None,
) -> list[R]: ...
@overload
def map_items(
    items: Iterable[T],
    function: Callable[[list[T]], R],
    *,
    batch_size: int,
    batch_bytes: int | None = None,
    max_concurrency: int | None = None,
    distributed: Literal[True],
    tolerated_failure_count: int | None = None,
    tolerated_failure_percentage: float | None = None,
    execution_type: Literal["STANDARD", "EXPRESS"] = "STANDARD",
    label: str | None = None,
) -> list[R]: ...
@overload
def map_items(
    items: Iterable[T],
    function: Callable[[list[T]], R],
    *,
    batch_bytes: int,
    max_concurrency: int | None = None,
    distributed: Literal[True],
    tolerated_failure_count: int | None = None,
    tolerated_failure_percentage: float | None = None,
    execution_type: Literal["STANDARD", "EXPRESS"] = "STANDARD",
    label: str | None = None,
) -> list[R]: ...
def map_items(
    items: Iterable[Any],
    function: Callable[[Any], R],
    *,
    batch_size: int | None = None,
    batch_bytes: int | None = None,
    max_concurrency: int | None = None,
    distributed: bool = False,
    tolerated_failure_count: int | None = None,
    tolerated_failure_percentage: float | None = None,
    execution_type: Literal["STANDARD", "EXPRESS"] = "STANDARD",
    label: str | None = None,
) -> list[R]:
    """Give the result of `function` for each item, in order; a state machine works on several items at once.

    A distributed Map runs each item, or each batch of at most `batch_size` items and `batch_bytes` bytes of JSON, as an
    execution of its own; it gives the results of those that succeed, as long as no more fail than is tolerated. Raises
    ExceedToleratedFailureThreshold when more do.
    """
    if not distributed:
        run = current_run()
        if run is None:
            return [function(item) for item in items]
        results: list[R] = []
        for index, item in enumerate(items):
            with run.item(index, item):
                results.append(function(item))
        return results
    source = items if isinstance(items, ItemSource) else None
    work: list[Any] = list(items if source is None else source.read())
    single = batch_size is None and batch_bytes is None
    batches = work if single else list(_batches(work, batch_size or len(work), batch_bytes))
    succeeded: list[R] = []
    failed = 0
    for batch in batches:
        try:
            succeeded.append(function(batch if source is None else _typed(source, batch, single=single)))
        except Exception:
            failed += 1 if single else len(cast("list[object]", batch))
    if _exceeds(failed, len(work), tolerated_failure_count, tolerated_failure_percentage):
        raise ExceedToleratedFailureThreshold("The specified tolerated failure threshold was exceeded")
    return succeeded


def _batches(items: list[Any], most: int, size: int | None) -> Iterator[list[Any]]:
    """Give items in groups, each as the input `{"Items": [...]}` of an execution within its size."""
    from pydantic_core import to_json

    batch: list[Any] = []
    bytes = _EMPTY_BATCH
    for item in items:
        more = 0 if size is None else len(to_json(item, by_alias=True)) + (1 if batch else 0)
        if batch and (len(batch) == most or (size is not None and bytes + more > size)):
            yield batch
            batch, bytes, more = [], _EMPTY_BATCH, more - 1 if more else 0
        batch.append(item)
        bytes += more
    if batch:
        yield batch


def _typed(source: ItemSource[Any], batch: Any, *, single: bool) -> Any:
    """Give items of a file as the item type: what does not fit fails where the item is worked on."""
    return source.typed(batch) if single else [source.typed(item) for item in batch]


def _exceeds(failed: int, total: int, count: int | None, percentage: float | None) -> bool:
    if count is None and percentage is None:
        return failed > 0
    over = count is not None and failed > count
    return over or (percentage is not None and total > 0 and failed * 100 / total > percentage)


def wait(duration: timedelta | int) -> None:
    """Wait for a time span, or a number of seconds; as plain Python on the run's virtual clock.

    Raises ValueError for a negative one, and StepsmithError outside a workflow.
    """
    span = duration if isinstance(duration, timedelta) else timedelta(seconds=duration)
    if span < timedelta(0):
        raise ValueError(f"wait() got {duration}, and cannot wait for less than nothing")
    need_run("wait").wait(span)


def wait_until(moment: datetime) -> None:
    """Wait until a point in time; not at all when it has passed. Raises StepsmithError outside a workflow."""
    run = need_run("wait_until")
    run.wait(moment - run.clock)


def now() -> datetime:
    """Give the time on the run's clock, in milliseconds. Raises StepsmithError outside a workflow."""
    moment = need_run("now").clock
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def uuid() -> str:
    """Give a new version 4 UUID, the same again when a run is repeated. Raises StepsmithError outside a workflow."""
    return need_run("uuid").uuid()
