"""The server as an ASGI application: every request is checked, handed to its service, and answered in AWS's form."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, TypeAlias, TypeVar
from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from stepsmith.cloud.local import LocalCloud
from stepsmith.cloud.services import ServiceError
from stepsmith.cloud.web.requests import Asked
from stepsmith.server import dispatch, guard, wire
from stepsmith.server.callers import scope_of
from stepsmith.server.guard import MOST_BODY_BYTES, Hosts, Refused
from stepsmith.server.protocols import Exchange, Reply
from stepsmith.service.driving.workers import Workers

T = TypeVar("T")
Headers: TypeAlias = dict[str, str]
OWN: Final = "/_stepsmith/"
"""Where the server's own pages are."""
HEALTH: Final = "/_stepsmith/health"
MOST_DRAINED: Final = 8 * 1024 * 1024
"""Bytes of a refused request that are read for its client's sake."""
MOST_WAITING: Final = 1_200
"""Requests that may wait at a time, for tasks of activities and for executions."""
_logger: Final = logging.getLogger("stepsmith.server")


class Application:
    """Serves one cloud."""

    def __init__(self, cloud: LocalCloud, *, hosts: Hosts | None = None, account: str | None = None) -> None:
        self._cloud = cloud
        self._hosts = hosts or Hosts()
        self._account = account or cloud.caller.account
        self._workers = Workers(MOST_WAITING)
        self._unkept: list[asyncio.Future[None]] = []
        self._own = Starlette(
            routes=[
                Route(HEALTH, self._health, methods=["GET"]),
                Route("/_stepsmith/clock", self._clock, methods=["GET", "POST"]),
            ],
            exception_handlers={Refused: _refuse, ServiceError: _refuse},
        )

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        raw = scope["headers"]
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}
        try:
            guard.check(scope["method"], raw, headers, self._hosts)
            if str(scope["path"]).startswith(OWN):
                await self._own(scope, receive, send)
                return
            action = dispatch.action_of(headers) if scope["method"] == "POST" else None
            if action is None:
                await self._other(scope, headers, receive, send)
            else:
                await self._step_functions(action, scope, headers, receive, send)
        except Refused as error:
            await _drain(receive, headers)
            refusal = ServiceError(error.code, error.message, status=error.status)
            await _send_refusal(send, refusal, closes=True)
        except ServiceError as error:
            await self._refuse(scope, headers, send, error)
        except _Gone:
            return
        except asyncio.CancelledError:  # the server ends, and does not wait for it
            text = "The server has been told to stop"
            await _send_refusal(send, ServiceError("ServiceUnavailable", text, status=503), closes=True)
        except Exception:  # whatever it is, its traceback is for this side alone
            _logger.exception("a request could not be answered")
            failure = ServiceError("InternalFailure", "The server has failed", status=500)
            await self._refuse(scope, headers, send, failure)

    async def _refuse(self, scope: AsgiScope, headers: Headers, send: Send, error: ServiceError) -> None:
        """Refuse a request as the clients of its service read it."""
        service = scope_of(headers, scope["query_string"].decode("latin-1"), self._account).service
        request_id = str(uuid4())
        kind, body = wire.write_refusal_of(error, service, headers.get("content-type", ""), request_id)
        named = [(b"content-type", kind), (b"x-amzn-requestid", request_id.encode())]
        if kind == wire.CONTENT_TYPE:
            named.append((b"x-amzn-errortype", error.code.encode("latin-1", "replace")))
        await _send(send, error.status, named, body, is_head=scope["method"] == "HEAD")

    async def _step_functions(
        self, action: str, scope: AsgiScope, headers: Headers, receive: Receive, send: Send
    ) -> None:
        dispatch.check_step_functions(action, headers)
        body = await _body(receive, dispatch.MOST_JSON_BYTES)
        caller = scope_of(headers, "", self._account).caller
        if dispatch.is_quick(action, len(body)):
            status, answer = dispatch.step_functions(self._cloud, action, body, caller, is_kept=False)
            if self._cloud.step_functions.runner.journal is not None:
                await self._kept()
        else:
            work = partial(dispatch.step_functions, self._cloud, action, body, caller)
            polls = action in dispatch.POLLS
            status, answer = await (self._while_wanted(work, receive) if polls else self._aside(work))
        await _send(send, status, [(b"content-type", wire.CONTENT_TYPE)], answer)

    async def _kept(self) -> None:
        """Wait until what was done is on the disk: for all requests that were read at this moment, at once."""
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[None] = loop.create_future()
        if not self._unkept:
            loop.call_soon(self._keep)
        self._unkept.append(waiting)
        await waiting

    def _keep(self) -> None:
        unkept, self._unkept = self._unkept, []
        problem: ServiceError | None = None
        try:
            self._cloud.step_functions.keep()
        except ServiceError as error:
            problem = error
        for waiting in unkept:
            if waiting.done():
                continue
            if problem is None:
                waiting.set_result(None)
            else:
                waiting.set_exception(problem)

    async def _other(self, scope: AsgiScope, headers: Headers, receive: Receive, send: Send) -> None:
        query = scope["query_string"].decode("latin-1")
        who = scope_of(headers, query, self._account)
        path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        address = dispatch.api_address(headers.get("host", ""), path)
        if who.service is None and address is None:
            if self._cloud.site.is_empty:
                await _send_refusal(send, _unsigned(scope["method"]))
            else:
                await self._site(scope, path, query, receive, send)
            return
        body = await _body(receive, MOST_BODY_BYTES)
        exchange = Exchange(scope["method"], path, query, headers, body)
        work = (
            partial(dispatch.other, self._cloud, exchange, who)
            if address is None
            else partial(dispatch.api, self._cloud, exchange, address)
        )
        reply: Reply = await self._aside(work)
        found = [(name.lower().encode("latin-1"), value.encode("utf-8")) for name, value in reply.headers]
        await _send(send, reply.status, found, reply.body, is_head=scope["method"] == "HEAD")

    async def _site(self, scope: AsgiScope, path: str, query: str, receive: Receive, send: Send) -> None:
        """Let the project answer what is for no service: its HTTP functions, its triggers and its pages."""
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
        body = await _body(receive, MOST_BODY_BYTES)
        client = str((scope.get("client") or ("127.0.0.1",))[0])
        asked = Asked(scope["method"], f"{path}?{query}" if query else path, headers, body, client)
        response = await self._aside(partial(self._cloud.site.answer, asked))
        found = [(name.encode("latin-1"), value.encode("utf-8")) for name, value in response.headers.items()]
        found += [(b"set-cookie", each.encode("utf-8")) for each in response.cookies]
        await _send(send, response.status, found, response.body, is_head=scope["method"] == "HEAD")

    async def _while_wanted(self, work: Callable[[Callable[[], bool]], T], receive: Receive) -> T:
        """Do on another thread what is told to give up once its client has gone."""
        gone = threading.Event()

        def leave() -> None:
            gone.set()
            self._cloud.step_functions.runner.activities.look_again()

        async def watch() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            leave()

        watching = asyncio.create_task(watch())
        try:
            return await self._aside(lambda: work(lambda: not gone.is_set()))
        except asyncio.CancelledError:
            leave()
            raise
        finally:
            watching.cancel()

    async def _aside(self, work: Callable[[], T]) -> T:
        """Do what may take its time on another thread."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def told(result: T | None, error: BaseException | None) -> None:
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)  # pyright: ignore[reportArgumentType] - there is one without an error

        def job() -> None:
            try:
                result, error = work(), None
            except BaseException as problem:
                result, error = None, problem
            if not loop.is_closed():
                loop.call_soon_threadsafe(told, result, error)

        self._workers.do(job)
        return await future

    # -- the server's own ---------------------------------------------------------------

    async def _health(self, request: Request) -> JSONResponse:
        turning = self._cloud.turning
        is_well = turning is None or turning.problem is None
        runner = self._cloud.step_functions.runner
        found = {"status": "ok" if is_well else "failed", "executionsRunning": runner.count}
        return JSONResponse(found, 200 if is_well else 500)

    async def _clock(self, request: Request) -> JSONResponse:
        """Tell the time, and let a clock that stands still go on: `{"advance": SECONDS}`."""
        clock = self._cloud.clock
        if request.method == "POST":
            seconds = await _seconds(request)
            if not clock.is_virtual:
                raise Refused(409, "ConflictException", "This clock goes by itself; start with --virtual")
            target = clock.now() + seconds
            await self._aside(partial(self._advance, target))
        now = datetime.fromtimestamp(clock.now(), UTC)
        return JSONResponse({"now": now.isoformat(), "isVirtual": clock.is_virtual})

    def _advance(self, target: float) -> None:
        if self._cloud.turning is not None:
            self._cloud.turning.advance(target)

    def close(self) -> None:
        """Let the threads end once they are idle."""
        self._workers.close()


class _Gone(Exception):
    """The client has gone."""


async def _refuse(_: Request, error: Exception) -> JSONResponse:
    """Answer what the server's own pages refuse, which Starlette would take for a failure."""
    code, message = getattr(error, "code", "InternalFailure"), getattr(error, "message", "")
    return JSONResponse({"__type": code, "message": message}, getattr(error, "status", 500))


async def _seconds(request: Request) -> float:
    content_type = request.headers.get("content-type", "").partition(";")[0]
    if content_type != "application/json":
        raise Refused(415, "UnsupportedMediaTypeException", "The content type is application/json")
    found = wire.read_body(await _body(request.receive, 1024)).get("advance")
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found <= 10 * 365 * 86_400:
        raise Refused(400, "ValidationException", 'Send {"advance": SECONDS}, at most ten years')
    return float(found)


async def _body(receive: Receive, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            raise Refused(413, "RequestEntityTooLargeException", f"At most {most} bytes are read")
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts) if len(parts) > 1 else parts[0]


async def _drain(receive: Receive, headers: Headers) -> None:
    """Let a client send what it has begun to, unless that is much: it reads no answer before."""
    length = headers.get("content-length", "0")
    left = int(length) if length.isdecimal() and len(length) < 10 else MOST_DRAINED + 1
    while 0 < left <= MOST_DRAINED:
        message: Any = await receive()
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return


def _unsigned(method: str) -> ServiceError:
    text = "The request is not signed, and names no action of Step Functions"
    return ServiceError("MissingAuthenticationToken", text, status=404 if method == "GET" else 400)


async def _send_refusal(send: Send, error: ServiceError, *, closes: bool = False) -> None:
    headers = [(b"content-type", wire.CONTENT_TYPE)]
    if closes:
        headers.append((b"connection", b"close"))
    await _send(send, error.status, headers, wire.write_refusal(error))


async def _send(
    send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes, *, is_head: bool = False
) -> None:
    names = {name for name, _ in headers}
    if b"x-amzn-requestid" not in names:
        headers.append((b"x-amzn-requestid", str(uuid4()).encode()))
    if not (is_head and b"content-length" in names):
        headers = [*(each for each in headers if each[0] != b"content-length"),
                   (b"content-length", str(len(body)).encode())]  # fmt: skip
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if is_head else body})
