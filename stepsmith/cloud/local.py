"""The cloud as a whole: clients, a clock, and everything that happens by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from stepsmith.authoring.calls.pausing import pausing_by
from stepsmith.authoring.functions.http_function import HttpFunction
from stepsmith.authoring.workflows.starting import reached_by
from stepsmith.cloud.actions.means import TaskMeans
from stepsmith.cloud.actions.service import StepFunctions
from stepsmith.cloud.agenda import Agenda
from stepsmith.cloud.buckets.service import OPERATIONS, Buckets
from stepsmith.cloud.buses.delivery import Delivery
from stepsmith.cloud.buses.service import Buses
from stepsmith.cloud.clients import Clients, Observer
from stepsmith.cloud.deliveries import Deliveries, Parcel, service_of
from stepsmith.cloud.deployed.projects import Endings, deploy, put_functions
from stepsmith.cloud.deployed.resources import AnyFunction
from stepsmith.cloud.deployed.starters import Starters
from stepsmith.cloud.deployed.statuses import Statuses
from stepsmith.cloud.execution import CloudExecution
from stepsmith.cloud.functions.service import Functions
from stepsmith.cloud.functions.zips import Zips
from stepsmith.cloud.gateways.callers import service_address, service_headers
from stepsmith.cloud.gateways.service import Gateways
from stepsmith.cloud.mails import Mails
from stepsmith.cloud.mappings.service import Mappings
from stepsmith.cloud.pipes.service import Pipes
from stepsmith.cloud.pipes.stages import Stages
from stepsmith.cloud.queues.service import Queues
from stepsmith.cloud.schedules.service import Schedules
from stepsmith.cloud.services import ACCOUNT, REGION, Caller, Clockwork, Service, ServiceError
from stepsmith.cloud.stacks.models import models
from stepsmith.cloud.streams.changes import Changes
from stepsmith.cloud.streams.kinesis import Kinesis
from stepsmith.cloud.streams.log import Stream
from stepsmith.cloud.streams.tables import Tables
from stepsmith.cloud.targets import Targets
from stepsmith.cloud.topics.publishing import Sent
from stepsmith.cloud.topics.service import Topics
from stepsmith.cloud.turning import Turning
from stepsmith.cloud.web.requests import Asked, Response, said
from stepsmith.cloud.web.site import Site
from stepsmith.errors import StepsmithError
from stepsmith.integrations import ClientRegistry
from stepsmith.service.clock import VIRTUAL_START, Clock, VirtualClock
from stepsmith.service.driving.workers import Workers
from stepsmith.service.executions.declared import NOTHING_DECLARED, Declared, declared_by
from stepsmith.service.pages import Page

if TYPE_CHECKING:
    from stepsmith.authoring.workflows.workflow import Workflow
    from stepsmith.integrations.clients.local_aws import LocalAws

MOST_TURNS: Final = 100_000
"""Rounds at one instant, after which what happens is taken to go in a circle."""


class LocalCloud:
    """Services of AWS in this process, whose events happen: `with LocalCloud() as cloud: ...`.

    Time is virtual: it stands still until `advance` moves it, and `settle` lets everything happen that is due. Two
    clouds share nothing, and neither ever touches the network.
    """

    def __init__(
        self,
        *,
        region: str = REGION,
        account: str = ACCOUNT,
        start: datetime = VIRTUAL_START,
        validates: bool = True,
        clock: Clock | None = None,
        is_served: bool = False,
        workflows: Iterable[Workflow[..., Any]] = (),
        functions: Iterable[AnyFunction] = (),
        pages: Iterable[Page] = (),
    ) -> None:
        """Make a cloud of a region and an account; `validates=False` lets clients send what boto3 would not.

        Workflows, functions and pages are deployed once it is open, with what they declare: see `deploy`.
        One with `is_served` goes on by itself, on threads, whatever its `clock` is.
        """
        from stepsmith.integrations.clients.local_aws import LocalAws

        self.caller = Caller(region, account)
        self.clock: Clock = clock or VirtualClock(start)
        self.agenda = Agenda(self.clock)
        self._aws = LocalAws(region)
        self._is_turning = False
        self.deliveries = Deliveries()
        self.queues = Queues(self.agenda, self.deliveries, self._wait)
        self.functions = Functions(self.agenda, self.deliveries, self._wait)
        self.zips = Zips(region=region)
        self.functions.unpack = self.zips
        self.topics = Topics(self.agenda, self.deliveries)
        self.kinesis = Kinesis(self.agenda, self.deliveries)
        self.changes = Changes(self.agenda, lambda caller: self._aws.tables(caller.account, caller.region))
        self._aws.hear_changes(self.changes.heard)
        self.targets = Targets(self.deliveries, lambda name: self._services.get(name), self._log)
        delivery = Delivery(self.agenda, self.deliveries, self.targets)
        self.buses = Buses(self.agenda, self.deliveries, delivery)
        self.schedules = Schedules(self.agenda, delivery)
        self._services: dict[str, Service] = {
            "events": self.buses,
            "scheduler": self.schedules,
            "sqs": self.queues,
            "lambda": self.functions,
            "sns": self.topics,
            "kinesis": self.kinesis,
            "dynamodbstreams": self.changes,
        }
        self.mappings = Mappings(
            self.agenda,
            self.functions,
            self.queues,
            self.deliveries,
            find_stream=self.find_stream,
            store=self._store,
        )
        self.buckets = Buckets(self.agenda, self.deliveries, find=self._aws.bucket, exists=self._has_target)
        self._aws.on_request = self.buckets.hear
        self.gateways = Gateways(
            now=self.clock.now,
            find=self._aws.rest_api,
            client=lambda account, service, region: self.client(service, region=region, account=account),
        )
        mails = Mails(self.topics.sent.append)
        self._observers: dict[str, Observer] = {
            "dynamodb": Tables(self.changes).heard,
            "ses": mails.heard,
            "sesv2": mails.heard,
        }
        self.deliveries.register("execute-api", self._call_api)
        self.works: list[Clockwork] = [self.agenda]
        self.means = TaskMeans(
            self.registry,
            partial(self.functions.call, "Invoke") if is_served else self.functions.invoke_at_once,
        )
        self.step_functions = StepFunctions(self.clock, self.means, has_threads=is_served, wait=self._wait)
        self.step_functions.listeners.append(Statuses(self.buses).heard)
        self._services["stepfunctions"] = self.step_functions
        stages = Stages(
            self.agenda, self.functions, self.step_functions, self.deliveries, self._log, self._ask_api
        )
        self._services["pipes"] = Pipes(self.agenda, self.queues, stages, find_stream=self.find_stream)
        self.works.append(self.step_functions)
        self._parts: dict[str, tuple[frozenset[str], Service]] = {"s3": (OPERATIONS, self.buckets)}
        self._clients = Clients(
            self._aws,
            self._services,
            {**self._observers, "s3": self.buckets.mend},
            parts=self._parts,
            validates=validates,
        )
        self._aws.play_resources(models(self._clients.client))
        self.functions.fetch = self._fetch
        self.site = Site(self._call_function, self._start, lambda: self.now, self.caller)
        self.starters = Starters(self)
        self._endings = Endings(self)
        self.step_functions.listeners.append(self._endings.heard)
        self._declared: dict[str, Declared[Any]] = {}
        self._first = tuple(workflows), tuple(functions), tuple(pages)
        self.turning: Turning | None = None
        self._workers: Workers | None = None
        if is_served:
            self._workers = Workers()
            self.functions.calls.aside = self._workers.do
            self.turning = Turning(
                self.clock,
                self.works,
                lambda: self.step_functions.runner.is_busy or self.functions.calls.is_busy,
            )
            self.agenda.wake = self.step_functions.runner.wake = self.turning.wake

    def __enter__(self) -> Self:
        """Be open."""
        if self.turning is not None:
            self.turning.start()
        workflows, functions, pages = self._first
        self.deploy(workflows, functions=functions, pages=pages)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let go of everything."""
        if self.turning is not None:
            self.turning.stop()
        self.step_functions.runner.close()
        if self._workers is not None:
            self._workers.close()
        self.zips.close()

    def deploy(
        self,
        workflows: Iterable[Workflow[..., Any]],
        *,
        functions: Iterable[AnyFunction] = (),
        pages: Iterable[Page] = (),
    ) -> dict[str, str]:
        """Put workflows into the cloud, with their tasks as functions, and give the ARNs of their state machines.

        What they declare is there then: tables, queues, topics and buckets under their own names, environment
        variables of tasks, and triggers, which start them. HTTP functions and pages answer to `http`, batch functions
        have what they read. What is there already is updated.
        """
        every = tuple(functions)
        named = reached_by(workflows)
        self._declared |= {name: declared_by(each) for name, each in named.items()}
        arns = deploy(self, self.starters, self._endings, named)
        put_functions(self, self.starters, every)
        self.site.put((each for each in every if isinstance(each, HttpFunction)), pages)
        return arns

    def redeploy(
        self,
        workflows: Iterable[Workflow[..., Any]],
        *,
        functions: Iterable[AnyFunction] = (),
        pages: Iterable[Page] = (),
    ) -> dict[str, str]:
        """Deploy what there is now, in place of all that was deployed before, and give the ARNs of state machines.

        Executions that run keep their definitions. A workflow that is gone is started by nothing any more; its state
        machine stays, for its executions. What cannot be deployed leaves triggers, functions and pages as they were.
        """
        with self.site.renewed(), self.starters.renewed():
            return self.deploy(workflows, functions=functions, pages=pages)

    @property
    def now(self) -> datetime:
        """The instant that its clock shows, in UTC."""
        return datetime.fromtimestamp(self.clock.now(), UTC)

    def client(self, service: str, *, region: str | None = None, account: str | None = None) -> Any:
        """Return boto3's client of a service, in this cloud: `cloud.client("sqs")`."""
        caller = Caller(region or self.caller.region, account or self.caller.account)
        return self._clients.client(service, caller)

    @property
    def services(self) -> Mapping[str, Service]:
        """The services that are played here, by their names in boto3; all others are moto's."""
        return self._services

    @property
    def parts(self) -> Mapping[str, tuple[frozenset[str], Service]]:
        """Operations of moto's services that are played here, and who plays them, by the names of services in boto3."""
        return self._parts

    @property
    def observers(self) -> Mapping[str, Observer]:
        """Who hears of what moto has done, by the names of services in boto3."""
        return self._observers

    @property
    def aws(self) -> LocalAws:
        """The services of moto's."""
        return self._aws

    def find_stream(self, arn: str) -> Stream | None:
        """Return the stream of an ARN, of Kinesis or of a table; None where there is none."""
        return self.kinesis.find(arn) or self.changes.find(arn)

    def registry(self, caller: Caller) -> ClientRegistry:
        """Return the clients of a caller as tasks get them."""

        def make(service: str, region: str) -> Any:
            there = Caller(region, caller.account)
            if service == "rekognition":
                from stepsmith.integrations.clients.local_rekognition import LocalRekognition

                return LocalRekognition(lambda: self._clients.client("s3", there))
            return self._clients.client(service, there, is_for_tasks=True)

        return ClientRegistry(make, region=caller.region, local=True)

    @property
    def executions(self) -> list[CloudExecution]:
        """All executions in the cloud's own account and region, in the order in which they began."""
        every = self.step_functions.account(self.caller).executions.values()
        return [
            CloudExecution(each, self._declared.get(each.machine.name, NOTHING_DECLARED))
            for each in sorted(every, key=lambda each: each.number)
        ]

    @property
    def mails(self) -> list[Sent]:
        """Mails that were sent through SES or SNS, in their order; nothing leaves this process."""
        return [each for each in self.topics.sent if each.protocol.startswith("email")]

    def http(
        self, method: str, path: str, body: object = b"", *, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Send a request to the project's address: `cloud.http("POST", "/orders?express=true", {"id": 7})`.

        Triggers, HTTP functions and pages answer there. A body that is neither bytes nor text is sent as JSON.
        """
        content, sent = body, dict(headers or {})
        if isinstance(content, str):
            content = content.encode()
        elif not isinstance(content, bytes):
            content = json.dumps(content).encode()
            sent.setdefault("content-type", "application/json")
        return self.site.answer(Asked(method, path, tuple(sent.items()), content))

    def _call_function(self, name: str, event: Mapping[str, Any]) -> tuple[Any, bool]:
        """Call one of the project's functions; say whether it has failed."""
        given = {"FunctionName": name, "Payload": json.dumps(event)}
        own_time = pausing_by(lambda seconds: self._wait(self.clock.now() + seconds, lambda: False))
        with nullcontext() if self.turning is not None else own_time:
            answer = self.functions.invoke_at_once(given, self.caller)
        return json.loads(answer["Payload"].read() or b"null"), "FunctionError" in answer

    def _start(self, machine: str, body: bytes) -> Response:
        """Start an execution as API Gateway does for a route of a workflow."""
        try:
            given = {"stateMachineArn": machine, "input": body.decode() or "{}"}
            started = self.step_functions.call("StartExecution", given, self.caller)
        except UnicodeDecodeError:
            return said(400, {"message": "the body is no text"})
        except ServiceError as error:
            return said(error.status, {"__type": error.code, "message": error.message})
        date = started["startDate"]
        moment = date.timestamp() if hasattr(date, "timestamp") else date
        return said(200, {"executionArn": started["executionArn"], "startDate": moment})

    def _call_api(self, arn: str, parcel: Parcel) -> bool:
        """Send a request to a REST API that is the target of a rule: `…:API/STAGE/METHOD/PATH`."""
        return self._ask_api(arn, parcel)[0] < 500

    def _ask_api(self, arn: str, parcel: Parcel) -> tuple[int, str]:
        """Send a request of a service to a REST API; gives status and body."""
        method, url = service_address(arn)
        headers = service_headers(parcel.sender or arn, self.now)
        answer = self.gateways.answer(method, url, headers, parcel.text)
        return answer.status, answer.body

    def _log(self, group: str, stream: str, text: str) -> None:
        """Put a line into a log group that is there."""
        logs = self.client("logs")
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        line = {"timestamp": round(self.clock.now() * 1000), "message": text}
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[line])

    def _has_target(self, arn: str) -> bool:
        match service_of(arn):
            case "sqs":
                return self.queues.find(arn) is not None
            case "sns":
                return self.topics.find(arn) is not None
            case _:
                return self.functions.find(arn) is not None

    def _fetch(self, caller: Caller, place: Mapping[str, str]) -> bytes:
        """Read code that lies in a bucket."""
        return bytes(self._clients.client("s3", caller).get_object(**place)["Body"].read())

    def _store(self, bucket: str, key: str, text: str) -> None:
        self.client("s3").put_object(Bucket=bucket, Key=key, Body=text.encode())

    def settle(self) -> None:
        """Let everything happen that is due, and what follows from it, until time would have to pass.

        Raises StepsmithError where that goes in a circle, as two rules may that set each other off.
        """
        if self.turning is not None:
            self.turning.settle()
            return
        if self._is_turning:
            return  # what is happening asks: whoever turns goes on anyway
        self._is_turning = True
        try:
            for _ in range(MOST_TURNS):
                turned = [work.turn() for work in self.works]
                if not any(turned):
                    return
        finally:
            self._is_turning = False
        raise StepsmithError(f"after {MOST_TURNS:,} rounds at one instant something goes in a circle")

    def advance(self, time: timedelta) -> None:
        """Let time pass, and everything happen that is due meanwhile, at its instant."""
        end = self.clock.now() + time.total_seconds()
        if self.turning is not None and self.clock.is_virtual:
            self.turning.advance(end)
        else:
            self._wait(end, lambda: False)

    def _wait(self, end: float, is_so: Callable[[], bool]) -> None:
        """Let time pass until an instant, or until something is so; for what happens itself, time stands still."""
        if self.turning is not None:
            self.turning.wait(end, is_so)
            return
        if self._is_turning:
            return
        self.settle()
        while not is_so():
            due = self._next_due()
            if due is None or due > end:
                self.clock.move_to(end)
                return
            self.clock.move_to(due)
            self.settle()

    def _next_due(self) -> float | None:
        return min((due for work in self.works if (due := work.next_due) is not None), default=None)
