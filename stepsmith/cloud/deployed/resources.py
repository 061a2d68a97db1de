"""Makes the tables, queues, topics, streams and buckets that workflows declare, under their own names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from stepsmith.authoring.functions.batch_function import BatchFunction
from stepsmith.authoring.functions.http_function import HttpFunction
from stepsmith.authoring.tasks.provisions import Provision
from stepsmith.authoring.workflows.starting import provisions_of
from stepsmith.cloud.place import Place
from stepsmith.service.machines.provided import SERVICES
from stepsmith.service.machines.provided import make as make_with

if TYPE_CHECKING:
    from stepsmith.authoring.workflows.workflow import Workflow


AnyFunction: TypeAlias = "HttpFunction[..., Any] | BatchFunction[...]"
"""A function that no workflow calls."""


def make_resources(cloud: Place, workflows: Iterable[Workflow[..., Any]]) -> None:
    """Make what workflows name and what is not there yet."""
    for provision in dict.fromkeys(each for workflow in workflows for each in provisions_of(workflow)):
        make(cloud, provision)


def make(cloud: Place, provision: Provision) -> None:
    """Make one resource; nothing happens where it is there."""
    client = cloud.client(SERVICES[type(provision)])
    make_with(provision, client, region=cloud.caller.region)
