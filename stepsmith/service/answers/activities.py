"""Activities: tasks that wait in a queue until a worker of this process fetches them."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable

from stepsmith.engine.ports import TaskStarted
from stepsmith.frozen import frozen
from stepsmith.service.answers.tokens import TOKENS, TaskTokens


@frozen
class ActivityTask:
    """What a worker gets: the token to answer with, and the input as JSON text."""

    token: str
    input: str


class Activities:
    """The queues of all activities in this process, first in first out for each ARN."""

    def __init__(self, tokens: TaskTokens = TOKENS) -> None:
        self._tokens = tokens
        self._queues: defaultdict[str, deque[ActivityTask]] = defaultdict(deque)
        self._changed = threading.Condition()

    def offer(self, arn: str, task: ActivityTask) -> None:
        """Put a task at the end of its queue."""
        with self._changed:
            self._queues[arn].append(task)
            self._changed.notify_all()

    def fetch(
        self,
        arn: str,
        *,
        worker_name: str | None = None,
        timeout_seconds: float = 60.0,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> ActivityTask | None:
        """Return the oldest task of an activity and record that the worker has it; None when the time is up.

        None also once it is no longer wanted, which is asked whenever something changes, or `look_again` is called.
        """
        end = time.monotonic() + timeout_seconds
        with self._changed:
            while True:
                if not is_wanted():
                    return None
                task = self._next(arn)
                if task is not None:
                    break
                left = end - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    return None
        waiting = self._tokens.find(task.token)
        if waiting is not None:
            waiting.answer(TaskStarted(id=waiting.command_id, worker_name=worker_name))
        return task

    def look_again(self) -> None:
        """Let those who wait for a task ask whether it is still wanted."""
        with self._changed:
            self._changed.notify_all()

    def waiting(self, arn: str, *, at_least: int = 0, timeout_seconds: float = 60.0) -> list[ActivityTask]:
        """Return the tasks that no worker has fetched yet, oldest first, once there are so many or the time is up."""

        def found() -> list[ActivityTask]:
            return [task for task in self._queues[arn] if self._tokens.find(task.token) is not None]

        with self._changed:
            self._changed.wait_for(lambda: len(found()) >= at_least, timeout_seconds)
            return found()

    def _next(self, arn: str) -> ActivityTask | None:
        queue = self._queues[arn]
        while queue:
            task = queue.popleft()
            if self._tokens.find(task.token) is not None:
                return task
        return None


ACTIVITIES = Activities()
"""The activities of this process."""
