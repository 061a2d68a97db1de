"""AWS services in this process, played by moto: no account, no network, no credentials."""

from __future__ import annotations

import os
import sys
import threading
import weakref
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar, cast
from urllib.parse import urlsplit

from stepsmith.errors import StepsmithError
from stepsmith.integrations.clients.references import in_order

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from botocore.config import Config

_LOCK = threading.RLock()


T = TypeVar("T")
UNKNOWN_TYPE = "*"
"""Stands for all types of resources in stacks that moto does not know."""
Heard: TypeAlias = "Callable[[int, Mapping[str, str], bytes], None]"
"""Takes the status, headers and body of an answer."""
Hearing: TypeAlias = "Callable[[str, str, Mapping[str, str], bytes], Heard | None]"
"""Takes the method, address, headers and body of a request; gives what takes its answer, if that matters."""


class LocalServiceError(StepsmithError):
    """A call that the local services cannot answer."""


class LocalAws:
    """One set of local AWS services; two of them share nothing.

    moto keeps its data in module globals, so the data of the instance that is called is swapped in, under one lock.
    Inside moto's own `mock_aws` nothing is swapped: the data is then what the test has put there, and that of the
    instance is back when it is called afterwards.
    """

    _active: ClassVar[LocalAws | None] = None
    _answering: ClassVar[LocalAws | None] = None

    def __init__(self, region: str) -> None:
        self.region = region
        self.on_change: Callable[[Any, Any, Any], None] | None = None
        """Is told of each change of an item: moto's table with a stream, and its items before and after."""
        self.on_request: Hearing | None = None
        """Is told of each request, and gives what is told of its answer."""
        self.models: Mapping[str, Any] = {}
        """What plays a type of resource in CloudFormation's stacks, in place of what moto has for it."""
        self._backends: list[tuple[dict[str, object], dict[str, object]]] = []
        self._buckets: dict[str, tuple[str, str]] = {}
        self._files: list[Any] = []
        weakref.finalize(self, _dispose, self._files).atexit = False

    def client(self, service: str, config: Config, region: str | None = None) -> Any:
        """Make a client whose every request is answered here. Raises UnknownServiceError of botocore."""
        with _LOCK:
            session: Any = _session(region or self.region)
            client = session.client(service, config=config)
        client.meta.events.register("before-send", self._answer)
        return client

    def answer(self, request: AWSPreparedRequest) -> AWSResponse:
        """Answer a request to an address of AWS's; raises LocalServiceError for what is not played."""
        return self._answer("before-send", request)

    def _answer(self, event_name: str, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        from moto.core.botocore_stubber import BotocoreStubber

        stubber = BotocoreStubber()
        stubber.enabled = True
        with _LOCK:
            self._swap_in()
            before, LocalAws._answering = LocalAws._answering, self
            if self.models and _service(request).startswith("cloudformation."):
                _let_stacks_ask()  # not before: moto loads all of its services for it
            try:
                heard = None if self.on_request is None else self.on_request(*_parts(request))
                answer = stubber(event_name, request)
                if heard is not None and answer is not None:
                    heard(answer.status_code, _headers(answer), cast("Any", answer).raw.getvalue())
            except Exception as error:
                # moto lacks operations and optional packages, and says so with whatever exception comes up
                raise LocalServiceError(f"{_service(request)} is not answered here: {error!r}") from error
            finally:
                LocalAws._answering = before
        if answer is None or _is_unknown(answer):
            raise LocalServiceError(f"{_service(request)} is not answered here")
        return answer

    def look(self, work: Callable[[], T]) -> T:
        """Do something with the data of this instance where moto has it, while nobody else is answered."""
        with _LOCK:
            self._swap_in()
            return work()

    def tables(self, account: str, region: str) -> Mapping[str, Any]:
        """Return moto's tables of an account and a region, by name."""
        from moto.dynamodb.models import dynamodb_backends

        with _LOCK:
            self._swap_in()
            return dict(dynamodb_backends[account][region].tables)

    def rest_api(self, id_: str) -> tuple[Any, str, str] | None:
        """Return moto's REST API of an id, with its account and region; None if there is none."""
        from moto.apigateway.models import apigateway_backends

        with _LOCK:
            self._swap_in()
            for account, regions in apigateway_backends.items():
                for region, backend in regions.items():
                    if id_ in backend.apis:
                        return backend.apis[id_], str(account), str(region)
        return None

    def bucket(self, name: str) -> tuple[Any, str] | None:
        """Return moto's bucket of a name, and the account that has it; None if there is none."""
        from moto.s3.models import s3_backends

        with _LOCK:
            self._swap_in()
            found = _buckets().get(name)
            if found is None:
                return None
            partition, account = found
            bucket = s3_backends[account][partition].buckets.get(name)
            return None if bucket is None else (bucket, account)

    def hear_changes(self, listener: Callable[[Any, Any, Any], None]) -> None:
        """Let somebody hear of each change in a table that has a stream: the table, the item before and after."""
        self.on_change = listener
        _let_shards_tell()

    def play_resources(self, models: Mapping[str, Any]) -> None:
        """Let types of resources in CloudFormation's stacks be played by others than moto."""
        self.models = models

    def _swap_in(self) -> None:
        from moto.core.models import MockAWS

        if MockAWS._mocks_active:  # pyright: ignore[reportPrivateUsage] - moto tells nobody else that it is on
            LocalAws._active = None
            return
        active = LocalAws._active
        if active is self:
            return
        if active is not None:
            active._swap_out()
        _clear()
        _stay_out_of_resets()
        self._restore()
        LocalAws._active = self

    @classmethod
    def step_aside(cls) -> None:
        """Take the data of whichever instance was called last out of moto's globals."""
        with _LOCK:
            active, cls._active = cls._active, None
            if active is not None:
                active._swap_out()
                _clear()

    def _swap_out(self) -> None:
        self._backends[:] = [(dictionary, dict(dictionary)) for dictionary in _dictionaries()]
        self._buckets = dict(_buckets())
        self._files[:] = [each for kind in _kinds_of_files() for each in kind.instances_tracked]
        for kind in _kinds_of_files():
            kind.instances_tracked.clear()

    def _restore(self) -> None:
        known = _dictionaries()
        for dictionary, contents in self._backends:
            dictionary.update(contents)
            if not any(dictionary is each for each in known):
                known.append(dictionary)
        _buckets().update(self._buckets)
        for each in self._files:
            cast("Any", type(each)).instances_tracked.append(each)


@cache
def _stay_out_of_resets() -> None:
    """Let no `mock_aws` that begins or ends empty the data of an instance, which may be called again after it."""
    from moto.core.base_backend import BackendDict

    reset = BackendDict.reset

    def reset_others() -> None:
        LocalAws.step_aside()
        reset()

    BackendDict.reset = staticmethod(reset_others)  # pyright: ignore[reportAttributeAccessIssue] - takes its place


@cache
def _let_shards_tell() -> None:
    """Let moto's shards tell whoever is answering; moto itself tells nobody of what was before."""
    from moto.dynamodb.models.table import StreamShard

    keep = StreamShard.add

    def add(shard: Any, old: Any, new: Any) -> None:
        answering = LocalAws._answering  # pyright: ignore[reportPrivateUsage] - this file's own
        if answering is None or answering.on_change is None:
            keep(shard, old, new)
        else:
            answering.on_change(shard.table, old, new)

    StreamShard.add = add  # pyright: ignore[reportAttributeAccessIssue] - takes its place


@cache
def _let_stacks_ask() -> None:
    """Let moto's CloudFormation ask whoever is answering for what plays a type of resource."""
    from moto.cloudformation import parsing

    class_of, name_of = parsing.resource_class_from_type, parsing.resource_name_property_from_type

    def own_models() -> Mapping[str, Any]:
        answering = LocalAws._answering  # pyright: ignore[reportPrivateUsage] - this file's own
        return {} if answering is None else answering.models

    def model(type: str) -> Any:
        models = own_models()
        return models.get(type) or (None if type in parsing.get_model_map() else models.get(UNKNOWN_TYPE))

    def found_class(resource_type: str) -> Any:
        return model(resource_type) or class_of(resource_type)

    def found_name(resource_type: str) -> str | None:
        found = model(resource_type)
        return name_of(resource_type) if found is None else found.cloudformation_name_type()

    parsing.resource_class_from_type = found_class
    parsing.resource_name_property_from_type = found_name
    resources: Any = parsing.ResourceMap
    update, difference_of = resources.update, resources.build_resource_diff

    def update_in_order(self: Any, template: Any, parameters: Any = None) -> None:
        """Update a stack as CloudFormation does: what is new comes after what it refers to has changed."""
        if not own_models():
            return update(self, template, parameters)

        def difference(other: Any, given: Any = None) -> Any:
            return in_order(template["Resources"], difference_of(self, other, given))

        self.build_resource_diff = difference
        try:
            update(self, template, parameters)
        finally:
            del self.build_resource_diff

    resources.update = update_in_order


@cache
def _session(region: str) -> Session:
    """Give a boto3 session that knows nothing of this machine; clients of all local services are made by it."""
    import boto3
    import botocore.session

    # nothing of this machine's configuration counts, whatever its environment says
    variables: Any = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    core = botocore.session.Session(session_vars=variables)
    core.set_config_variable("region", region)
    # newest botocore sends DynamoDB Streams calls to a host with the account in it, which moto does not know
    core.set_config_variable("account_id_endpoint_mode", "disabled")
    core.set_credentials("local", "local")
    return boto3.Session(botocore_session=core, region_name=region)


def _dictionaries() -> list[dict[str, object]]:
    from moto.core.base_backend import BackendDict

    instances = BackendDict._instances  # pyright: ignore - moto keeps its data in this list and nowhere else
    return cast("list[dict[str, object]]", instances)


def _buckets() -> dict[str, tuple[str, str]]:
    from moto.s3.models import s3_backends

    return s3_backends.bucket_accounts


def _clear() -> None:
    for dictionary in _dictionaries():
        dictionary.clear()
    _dictionaries().clear()
    _buckets().clear()


def _is_unknown(answer: AWSResponse) -> bool:
    """Recognise what moto says for an address that none of its services has."""
    raw = cast("Any", answer).raw
    return answer.status_code == 404 and raw.getvalue() == b"Not yet implemented"


def _parts(request: AWSPreparedRequest) -> tuple[str, str, dict[str, str], bytes]:
    body: Any = request.body
    if hasattr(body, "read") and hasattr(body, "seek"):
        file, body = body, body.read()
        file.seek(0)
    if isinstance(body, str):
        body = body.encode()
    found = bytes(body) if isinstance(body, bytes | bytearray) else b""
    return str(request.method), str(request.url), _headers(request), found


def _headers(message: AWSPreparedRequest | AWSResponse) -> dict[str, str]:
    pairs: Any = message.headers.items()
    return {
        str(name): value.decode(errors="replace") if isinstance(value, bytes) else str(value)
        for name, value in pairs
    }


def _service(request: AWSPreparedRequest) -> str:
    return urlsplit(str(request.url)).hostname or "the service"


def _kinds_of_files() -> tuple[Any, ...]:
    """Give moto's classes of what it keeps in files; it lists them by itself, and closes all with the end of a mock."""
    models: Any = sys.modules.get("moto.s3.models")
    return () if models is None else (models.FakeKey, models.FakeMultipart)


def _dispose(files: list[Any]) -> None:
    """Close the files that moto keeps objects of S3 in; it warns of each that is left to the collector."""
    for file in files:
        file.dispose()
