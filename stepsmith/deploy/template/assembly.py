"""A project as one CloudFormation template: the same bytes for the same project."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from stepsmith.authoring.workflows.starting import reached_by
from stepsmith.deploy.application import AnyTask, Application, logical_name, pascal
from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.options import Options
from stepsmith.deploy.template.batches import batch_queues, batch_resources
from stepsmith.deploy.template.failures import QUEUE, failure_resources
from stepsmith.deploy.template.functions import function_logs, function_resources, version_name
from stepsmith.deploy.template.http import API, api_resources, function_routes
from stepsmith.deploy.template.machines import machine_resources
from stepsmith.deploy.template.monitoring import monitoring_resources
from stepsmith.deploy.template.pages import PAGES, page_resources
from stepsmith.deploy.template.partitions import portable
from stepsmith.deploy.template.provisions import provision_resource
from stepsmith.deploy.template.transport import with_tls_only
from stepsmith.deploy.template.triggers import ended_resources, queue_properties, trigger_resources
from stepsmith.expressions.types import Json

MOST_BYTES = 1_048_576
MOST_RESOURCES = 500


def render_template(
    application: Application, package_of: Callable[[AnyTask], str], options: Options | None = None
) -> dict[str, Json]:
    """Give the template; `package_of` gives the key of the package that holds a task's code.

    Raises DeploymentError and PermissionUnknown, which name the workflow, task or state.
    """
    options = options or Options()
    for name in sorted(options.express - set(application.workflows)):
        raise DeploymentError(f"{name!r} is to be Express, and is none of the workflows that are deployed")
    declared = {workflow.name for workflow in application.workflows.values() if workflow.express}
    options = replace(options, express=options.express | declared)
    resources: dict[str, Json] = {}
    packages = {name: package_of(task) for name, task in application.tasks.items()}
    for name, task in application.tasks.items():
        _add(resources, function_resources(name, task, packages[name], options))
    _add(resources, function_logs(application.tasks.values(), options))
    _add(resources, monitoring_resources(application, options, resources))
    started_by = _queues(application)
    for name, provision in application.provisions.items():
        _add(resources, {name: provision_resource(provision, options, started_by.get(name))})
    for workflow in application.workflows.values():
        functions = _functions(workflow.tasks, packages, options)
        _add(resources, machine_resources(workflow, functions, application.provisions, options))
        _add(resources, trigger_resources(workflow, options))
        _add(resources, ended_resources(workflow, options))
    _add(resources, api_resources(application, options))
    versions = {
        name: version_name(name, task, packages[name], options) for name, task in application.tasks.items()
    }
    _add(resources, function_routes(application, versions))
    for function in application.batch_functions:
        _add(resources, batch_resources(function, versions[logical_name(function)], options))
    _add(resources, page_resources(application, options))
    _add(resources, failure_resources(application.workflows, options))
    resources = with_tls_only(resources)
    if len(resources) > MOST_RESOURCES:
        raise DeploymentError(
            f"the template has {len(resources)} resources, and a stack takes {MOST_RESOURCES}; {_apart(application)}"
        )
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"stepsmith: {', '.join(application.workflows)}"[:1024],
        "Parameters": _parameters(application, options),
        "Resources": portable(dict(sorted(resources.items()))),
        "Outputs": _outputs(application, resources),
    }


def _apart(application: Application) -> str:
    """Say what can be deployed to stacks of their own: workflows that share no folder of tasks, and call no other."""
    reached = {name for each in application.chosen for name in reached_by([each]) if name != each.name}
    systems: dict[str, list[str]] = {}
    for workflow in application.chosen:
        if workflow.name not in reached:
            modules = [task.function.__module__.split(".") for task in workflow.tasks.values()]
            folder = next((".".join(each[:2]) for each in modules if len(each) > 2), workflow.name)
            systems.setdefault(folder, []).append(workflow.name)
    names = "; ".join(" ".join(each) for each in systems.values())
    return f"give each of these a stack of its own, as `stepsmith deploy NAME --stack STACK`: {names}"


def _parameters(application: Application, options: Options) -> dict[str, Json]:
    """Give the parameters: where the packages are, and what functions name, with what the stage says of it."""
    found: dict[str, Json] = {
        "PackageBucket": {
            "Type": "String",
            "Description": "The bucket that holds the packages of the functions",
        }
    }
    for name, parameter in application.parameters.items():
        about = f"What functions read as {parameter.variable}"
        value = options.parameters.get(name, parameter.default)
        _add(found, {pascal(name): {"Type": "String", "Default": value, "Description": about}})
    return found


def template_text(template: Mapping[str, Json]) -> str:
    """Give a template as text. Raises DeploymentError for one that CloudFormation would not take."""
    text = json.dumps(template, indent=1, sort_keys=True, ensure_ascii=True) + "\n"
    if len(text) > MOST_BYTES:
        raise DeploymentError(
            f"the template has {len(text)} bytes, and CloudFormation takes {MOST_BYTES}; name some of its workflows"
        )
    return text


def workflows_of(template: Mapping[str, Json]) -> list[str]:
    """Name the workflows that a template deploys."""
    about = str(template.get("Description", ""))
    return [name for name in about.removeprefix("stepsmith:").strip().split(", ") if name]


def _add(resources: dict[str, Json], more: Mapping[str, Json]) -> None:
    """Add resources. Names in templates have letters and digits only, so `a_b` and `aB` would be the same."""
    for name in more:
        if name in resources:
            raise DeploymentError(
                f"two parts of the project would both be called {name} in the template; rename one of them"
            )
    resources |= more


def _queues(application: Application) -> dict[str, dict[str, Json]]:
    found: dict[str, dict[str, Json]] = {}
    every = [
        each for workflow in application.workflows.values() for each in queue_properties(workflow).items()
    ]
    for name, properties in [*every, *batch_queues(application)]:
        if name in found:
            raise DeploymentError(
                f"two triggers or functions take the messages of {name}: each would get some of them"
            )
        found[name] = properties
    return found


def _functions(
    tasks: Mapping[str, AnyTask], packages: Mapping[str, str], options: Options
) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for placeholder, task in tasks.items():
        if task.kind != "integration":
            name = logical_name(task)
            found[placeholder] = (f"{name}Function", version_name(name, task, packages[name], options))
    return found


def _outputs(application: Application, resources: Mapping[str, Json]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    if API in resources:
        found[f"{API}Url"] = {
            "Description": "What the paths of requests are added to",
            "Value": {"Fn::GetAtt": [API, "ApiEndpoint"]},
        }
    if f"{PAGES}Bucket" in resources:
        found[f"{PAGES}Url"] = {
            "Description": "Where the pages are",
            "Value": {"Fn::Sub": f"https://${{{PAGES}Distribution.DomainName}}/"},
        }
        found[f"{PAGES}BucketName"] = {
            "Description": "The files of the pages",
            "Value": {"Ref": f"{PAGES}Bucket"},
        }
    if QUEUE in resources:
        about = "The queue of executions that failed, timed out or were aborted"
        found[f"{QUEUE}Url"] = {"Description": about, "Value": {"Ref": QUEUE}}
    for workflow in application.workflows.values():
        name = pascal(workflow.name)
        found[f"{name}MachineArn"] = {
            "Description": f"The state machine of {workflow.name}",
            "Value": {"Ref": f"{name}Machine"},
        }
        found[f"{name}AliasArn"] = {
            "Description": f"What triggers of {workflow.name} start",
            "Value": {"Ref": f"{name}MachineAlias"},
        }
    for logical, provision in application.provisions.items():
        about = f"What this stack calls the {type(provision).__name__.lower()} {provision.name}"
        found[f"{logical}Name"] = {"Description": about, "Value": {"Ref": logical}}
    return found
