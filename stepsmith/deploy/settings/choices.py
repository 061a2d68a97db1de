"""Settings as the choices of a deployment."""

from __future__ import annotations

from stepsmith.deploy.options import FunctionChoice, Network, Options, Shift
from stepsmith.deploy.settings.model import FunctionSettings, Settings, Variable


def options_of(settings: Settings) -> Options:
    """Give the choices that settings make. Raises DeploymentError for one that is not possible."""
    vpc = settings.vpc
    return Options(
        shift=_shift(settings),
        retention=settings.retention,
        log_level=settings.log_level,
        tags=settings.tags,
        express=frozenset(settings.express),
        runtime=settings.runtime,
        keep_failures=settings.failed_executions,
        notify=settings.notify,
        parameters=_parameters(settings),
        every_function=_function(settings),
        functions={name: _function(each) for name, each in settings.tasks.items()},
        network=None
        if vpc is None
        else Network(subnets=tuple(vpc.subnets), security_groups=tuple(vpc.security_groups)),
        permissions_boundary=settings.permissions_boundary,
        role_path=settings.role_path,
        kms_key=settings.kms_key,
    )


def _shift(settings: Settings) -> Shift:
    minutes, alarms = settings.minutes, tuple(settings.alarms)
    if settings.canary is not None:
        return Shift(kind="CANARY", percentage=settings.canary, minutes=minutes, alarms=alarms)
    if settings.linear is not None:
        return Shift(kind="LINEAR", percentage=settings.linear, minutes=minutes, alarms=alarms)
    return Shift()


def _function(settings: FunctionSettings) -> FunctionChoice:
    return FunctionChoice(
        memory=settings.memory,
        environment={name: _text(value) for name, value in sorted(settings.environment.items())},
        reserved_concurrency=settings.reserved_concurrency,
    )


def _text(value: Variable) -> str:
    return value if isinstance(value, str) else value.resolved()


def _parameters(settings: Settings) -> dict[str, str]:
    """Give the parameters, with those that sender and domain are said for."""
    found: dict[str, str] = {}
    if settings.sender is not None:
        found |= {"sender": settings.sender, "sender-domain": settings.sender.partition("@")[2]}
    if settings.domain is not None:
        found["link-base"] = f"https://{settings.domain}"
    return {**found, **settings.parameters}
