"""What answers at the project's address: routes that start executions, HTTP functions, and static pages."""

from __future__ import annotations

import hashlib
import json
import logging
import uuid
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias
from urllib.parse import unquote

from stepsmith.authoring.functions.http_function import ALLOWED, HttpFunction
from stepsmith.cloud.services import Caller, ServiceError
from stepsmith.cloud.web.requests import Asked, Response, event_of, response_of, said
from stepsmith.cloud.web.routes import find_route
from stepsmith.errors import InvalidInput
from stepsmith.expressions.types import Json
from stepsmith.service.pages import HEADERS, INDEX, File, Page

Call: TypeAlias = Callable[[str, Mapping[str, Any]], tuple[Any, bool]]
"""Calls a function by its name with an event; gives its answer, and whether it has failed."""
Start: TypeAlias = Callable[[str, bytes], Response]
"""Starts an execution of a state machine with a body as its input."""
MOST_BODY: Final = 10 * 1024 * 1024
"""Bytes of a body that an HTTP API takes; Lambda takes an event of 6 MB."""
MOST_ANSWER: Final = 6_291_556
"""Bytes that a function may answer with."""
_logger: Final = logging.getLogger("stepsmith.http")
_NOT_FOUND: Final[Json] = {"message": "Not Found"}


@dataclass(slots=True)
class _Served:
    """What answers."""

    machines: dict[str, str] = field(default_factory=dict[str, str])
    functions: dict[str, dict[str, HttpFunction[..., Any]]] = field(
        default_factory=dict[str, "dict[str, HttpFunction[..., Any]]"]
    )
    pages: dict[str, Page] = field(default_factory=dict[str, Page])


class Site:
    """The routes and pages of one cloud."""

    def __init__(self, call: Call, start: Start, now: Callable[[], datetime], caller: Caller) -> None:
        self._call = call
        self._start = start
        self._now = now
        self._caller = caller
        self._served = self._put_into = _Served()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing that would answer."""
        return not (self._served.machines or self._served.functions or self._served.pages)

    @contextmanager
    def renewed(self) -> Generator[None]:
        """Let what is put meanwhile answer in place of all that did; where an error ends it, all of that answers on."""
        self._put_into = _Served()
        try:
            yield
            self._served = self._put_into
        finally:
            self._put_into = self._served

    def start_at(self, path: str, machine: str) -> None:
        """Let requests to a path start executions. Raises InvalidInput where they start something else."""
        if self._put_into.machines.setdefault(path, machine) != machine:
            raise InvalidInput(f"two workflows are started by POST {path}")

    def put(self, functions: Iterable[HttpFunction[..., Any]], pages: Iterable[Page]) -> None:
        """Let functions and pages answer; those of the same route or name are replaced.

        Raises InvalidInput for two functions of one route, and for a route that starts a workflow already.
        """
        new: dict[str, HttpFunction[..., Any]] = {}
        for each in functions:
            if new.setdefault(each.route, each) is not each:
                raise InvalidInput(f"two functions answer {each.route}")
            if each.method == "POST" and each.path in self._put_into.machines:
                raise InvalidInput(f"{each.route} starts a workflow already")
            self._put_into.functions.setdefault(each.path, {})[each.method] = each
        self._put_into.pages |= {page.name: page for page in pages}

    def answer(self, asked: Asked) -> Response:
        """Answer a request, as API Gateway and CloudFront do for what is deployed."""
        served = self._served
        found = find_route({**served.machines, **served.functions}, asked.path, str)
        if found is None:
            return self._page(asked)
        path, parameters = found
        if path in served.machines and asked.method == "POST":
            return self._start(served.machines[path], asked.body)
        functions = served.functions.get(path, {})
        if not functions:
            return said(404, _NOT_FOUND)
        function = functions.get(asked.method)
        if function is None:
            methods: set[str] = {*functions, *(["POST"] if path in served.machines else [])}
            refusal = said(405, {"message": "Method Not Allowed"})
            return Response(
                refusal.status, refusal.body, {**refusal.headers, "allow": ", ".join(sorted(methods))}
            )
        return self._function(function, asked, parameters)

    def _function(
        self, function: HttpFunction[..., Any], asked: Asked, parameters: Mapping[str, str]
    ) -> Response:
        if len(asked.body) > MOST_BODY:
            return said(413, {"message": "Request Entity Too Large"})
        id = str(uuid.uuid4())
        event = event_of(
            asked, function.route, parameters, now=self._now(), account=self._caller.account, id=id
        )
        event["headers"].pop(ALLOWED, None)
        try:
            answer, has_failed = self._call(function.function_name, event)
        except ServiceError as error:
            if error.status == 413:
                return said(413, {"message": "Request Entity Too Large"})
            raise
        response = None if has_failed else response_of(answer)
        if response is None or len(response.body) > MOST_ANSWER:
            _logger.error("%s has failed: %s", function.route, json.dumps(answer)[:10_000])
            return said(500, {"message": "Internal Server Error"})
        return response

    def _page(self, asked: Asked) -> Response:
        if asked.method not in ("GET", "HEAD"):
            return said(404, _NOT_FOUND)
        path = unquote(asked.path)
        names = list(self._served.pages)
        if path == "/" and len(names) == 1:
            return _elsewhere(f"/{names[0]}/")
        name = path[1:].partition("/")[0]
        page = self._served.pages.get(name)
        if page is None:
            return said(404, _NOT_FOUND)
        if path == f"/{name}":
            return _elsewhere(f"/{name}/")
        key = path[1:] + (INDEX if path.endswith("/") else "")
        file = page.files().get(key)
        return said(404, _NOT_FOUND) if file is None else _sent(file, asked)


def _elsewhere(path: str) -> Response:
    return Response(302, b"", {"location": path})


def _sent(file: File, asked: Asked) -> Response:
    content = file.path.read_bytes()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {**HEADERS, "content-type": file.content_type, "etag": tag, "cache-control": "no-cache"}
    known = [value for name, value in asked.headers if name.lower() == "if-none-match"]
    if tag in ",".join(known):
        return Response(304, b"", headers)
    return Response(200, b"" if asked.method == "HEAD" else content, headers)
