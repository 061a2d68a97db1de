"""The registry of boto3 clients: local services by default, AWS where asked for, stubs where given."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any

from stepsmith.errors import InvalidInput, StepsmithError
from stepsmith.integrations.failures import TaskError

if TYPE_CHECKING:
    from pathlib import Path

    from boto3.session import Session
    from botocore.config import Config

    from stepsmith.integrations.clients.local_aws import LocalAws

DEFAULT_REGION = "us-east-1"
LAMBDA_SECONDS = 910
"""How long to wait for a Lambda function's answer: the 900 seconds that one may take, and the way there and back."""


class MissingPackage(StepsmithError):
    """A package that an optional part needs and that is not installed."""


class ClientRegistry:
    """Gives a boto3 client for each service, made on first use and then kept; safe to share between threads."""

    def __init__(
        self,
        make: Callable[[str, str], Any],
        *,
        region: str,
        local: bool,
        clients: Mapping[str, object] | None = None,
    ) -> None:
        """Keep clients that `make` makes of a service and a region; `clients` replaces single services."""
        self.region = region
        """The region of the clients, as histories name it."""
        self.is_local = local
        """Whether the clients never leave this process."""
        self._make = make
        self._given = dict(clients or {})
        self._clients: dict[str, Any] = dict(self._given)
        self._wrappers: dict[str, Callable[[Any], Any]] = {}
        self._provided: set[Hashable] = set()
        self._awaited: dict[str, list[Callable[[Any], None]]] = {}
        """What is to be there before the client of a service is used."""
        self._roles: dict[str, ClientRegistry] = {}
        self._regions: dict[str, ClientRegistry] = {}
        self._lock = threading.RLock()

    @classmethod
    def local(
        cls,
        clients: Mapping[str, object] | None = None,
        *,
        region: str = DEFAULT_REGION,
        recorded_labels: str | Path | None = None,
    ) -> ClientRegistry:
        """Return clients whose services live in this process (moto), apart from the data of other registries.

        `clients` replaces single services; `recorded_labels` is a file of answers for Rekognition.
        """
        services: list[LocalAws] = []

        def make(service: str, place: str) -> Any:
            if service == "rekognition":
                from stepsmith.integrations.clients.local_rekognition import LocalRekognition

                return LocalRekognition(
                    lambda: registry.in_region(place).client("s3"), recorded=recorded_labels
                )
            if not services:
                services.append(_local_services(region))
            return _known(service, lambda: services[0].client(service, _config(service), place))

        registry = cls(make, region=region, local=True, clients=clients)
        return registry

    @classmethod
    def aws(
        cls,
        region: str | None = None,
        profile: str | None = None,
        endpoint_url: str | None = None,
        clients: Mapping[str, object] | None = None,
    ) -> ClientRegistry:
        """Return clients for AWS with the credentials of this machine, or for another endpoint.

        Raises InvalidInput for a profile that does not exist.
        """
        session = _aws_session(region, profile)

        def make(service: str, place: str) -> Any:
            return _client(session, service, place, endpoint_url)

        return cls(make, region=session.region_name, local=False, clients=clients)

    def client(self, service: str) -> Any:
        """Return the client of `service`, named as in `boto3.client(service)`."""
        found = self._clients.get(service)
        if found is not None:
            return found
        with self._lock:
            if service not in self._clients:
                wrapper = self._wrappers.get(service)
                made = self._make(service, self.region)
                for make in self._awaited.pop(service, ()):
                    make(made)
                self._clients[service] = made if wrapper is None else wrapper(made)
            return self._clients[service]

    def in_region(self, region: str) -> ClientRegistry:
        """Return the clients of another region, with the same credentials and data; those that were given stay."""
        if region == self.region:
            return self
        with self._lock:
            if region not in self._regions:
                self._regions[region] = other = ClientRegistry(
                    self._make, region=region, local=self.is_local, clients=self._given
                )
                other._wrappers = self._wrappers
            return self._regions[region]

    def in_use(self, service: str) -> bool:
        """Say whether the client of a service was given or has been asked for."""
        return service in self._clients

    def wrap(self, service: str, wrapper: Callable[[Any], Any]) -> None:
        """Put something before the client of a service that has not been given or used yet."""
        with self._lock:
            self._wrappers.setdefault(service, wrapper)

    def provide(self, service: str, what: Hashable, make: Callable[[Any], None]) -> None:
        """Let something be there before the client of a service is used: `make` gets the client, once for `what`.

        A client that was given is left as it is.
        """
        with self._lock:
            if service in self._given or what in self._provided:
                return
            self._provided.add(what)
            if service in self._clients:
                make(self._clients[service])
            else:
                self._awaited.setdefault(service, []).append(make)

    def as_role(self, role_arn: str | None) -> ClientRegistry:
        """Return clients with the rights of a role, for a task with Credentials; local services ask for no rights.

        Raises TaskError(States.TaskFailed) where the role cannot be assumed.
        """
        if role_arn is None or self.is_local:
            return self
        with self._lock:
            if role_arn not in self._roles:
                self._roles[role_arn] = _assume(self, role_arn)
            return self._roles[role_arn]

    def __call__(self, service: str) -> Any:
        """Return the client of `service`."""
        return self.client(service)


def _client(session: Session, service: str, region: str, endpoint_url: str | None) -> Any:
    config = _config(service)
    named: Any = session  # of which the type checker knows no service by a name that comes later
    return _known(
        service, lambda: named.client(service, region_name=region, endpoint_url=endpoint_url, config=config)
    )


def _known(service: str, make: Callable[[], Any]) -> Any:
    from botocore.exceptions import UnknownServiceError

    try:
        return make()
    except UnknownServiceError:
        raise StepsmithError(f"boto3 has no service {service!r}") from None


def _assume(registry: ClientRegistry, role_arn: str) -> ClientRegistry:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = registry.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="stepsmith")
    except (ClientError, BotoCoreError) as error:
        text = f"The role {role_arn} cannot be assumed: {error}"
        raise TaskError("States.TaskFailed", text) from error
    keys = answer["Credentials"]
    session = _boto3().Session(
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
        region_name=registry.region,
    )
    return ClientRegistry(
        lambda service, region: _client(session, service, region, None),
        region=registry.region,
        local=False,
    )


def _config(service: str) -> Config:
    """Leave retrying to the state machine: Retry says how often, and a history shows it."""
    from botocore.config import Config

    config = Config(retries={"mode": "standard", "total_max_attempts": 1}, inject_host_prefix=False)
    return config.merge(Config(read_timeout=LAMBDA_SECONDS)) if service == "lambda" else config


def _boto3(extra: str = "aws") -> Any:
    try:
        import boto3
    except ImportError:
        raise MissingPackage(f"boto3 is not installed: pip install 'stepsmith[{extra}]'") from None
    return boto3


def _aws_session(region: str | None, profile: str | None) -> Session:
    boto3 = _boto3()
    from botocore.exceptions import BotoCoreError

    try:
        session: Session = boto3.Session(region_name=region, profile_name=profile)
        if session.region_name:
            return session
        return boto3.Session(region_name=DEFAULT_REGION, profile_name=profile)
    except BotoCoreError as error:
        raise InvalidInput(str(error)) from None


def _local_services(region: str) -> LocalAws:
    from stepsmith.integrations.clients.local_aws import LocalAws

    _boto3("local")
    try:
        import moto  # noqa: F401  # pyright: ignore[reportUnusedImport] - to say early that it is missing
    except ImportError:
        raise MissingPackage("moto is not installed: pip install 'stepsmith[local]'") from None
    return LocalAws(region)
