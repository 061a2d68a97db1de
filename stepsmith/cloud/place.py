"""What those need of a cloud who put something into it."""

from __future__ import annotations

from typing import Any, Protocol

from stepsmith.cloud.actions.means import TaskMeans
from stepsmith.cloud.actions.service import StepFunctions
from stepsmith.cloud.agenda import Agenda
from stepsmith.cloud.deliveries import Deliveries
from stepsmith.cloud.functions.service import Functions
from stepsmith.cloud.queues.service import Queues
from stepsmith.cloud.services import Caller
from stepsmith.cloud.streams.log import Stream
from stepsmith.cloud.web.site import Site
from stepsmith.integrations import ClientRegistry


class Place(Protocol):
    """A cloud: its services, its time, and clients of them."""

    agenda: Agenda
    caller: Caller
    deliveries: Deliveries
    functions: Functions
    means: TaskMeans
    queues: Queues
    site: Site
    step_functions: StepFunctions

    def registry(self, caller: Caller) -> ClientRegistry:
        """Return the clients of a caller as tasks get them."""
        ...

    def find_stream(self, arn: str) -> Stream | None:
        """Return the stream of an ARN, of Kinesis or of a table; None where there is none."""
        ...

    def client(self, service: str) -> Any:
        """Return boto3's client of a service, in this cloud."""
        ...
