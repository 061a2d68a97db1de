"""What may stand in `[tool.stepsmith]` and in `[tool.stepsmith.stages.NAME]`."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from stepsmith.deploy.options import LogLevel

TAGS: Final = ("text", "reference")
"""What the two forms of a variable are called in the places of errors; nobody has written that."""


class Section(BaseModel):
    """A table of the file; its keys are written with hyphens."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, alias_generator=lambda name: name.replace("_", "-")
    )


class Reference(Section):
    """A value that lies in the account: `{ssm = "/shop/name"}` or `{secret = "shop/stripe", key = "token"}`."""

    ssm: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_./-]{1,2048}$")
    version: int | None = Field(default=None, ge=1)
    secret: str | None = Field(default=None, pattern=r"^[A-Za-z0-9/_+=.@:-]{1,2048}$")
    key: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_.-]{1,512}$")

    @model_validator(mode="after")
    def _is_one(self) -> Reference:
        if (self.ssm is None) == (self.secret is None):
            raise ValueError('a reference has either ssm = "/NAME" or secret = "NAME"')
        if self.key is not None and self.secret is None:
            raise ValueError("key is for secrets; a parameter of SSM has one value")
        if self.version is not None and self.ssm is None:
            raise ValueError("version is for parameters of SSM; a secret is read as it is now")
        return self

    def resolved(self) -> str:
        """Give it as CloudFormation resolves it."""
        if self.ssm is not None:
            return f"{{{{resolve:ssm:{self.ssm}{'' if self.version is None else f':{self.version}'}}}}}"
        key = "" if self.key is None else f":SecretString:{self.key}"
        return f"{{{{resolve:secretsmanager:{self.secret}{key}}}}}"


def _form(value: object) -> str:
    return "text" if isinstance(value, str) else "reference"


Variable = Annotated[
    Annotated[str, Tag("text")] | Annotated[Reference, Tag("reference")], Discriminator(_form)
]


class FunctionSettings(Section):
    """What is said of functions."""

    memory: int | None = None
    environment: dict[str, Variable] = Field(default_factory=dict[str, Variable])
    reserved_concurrency: int | None = None


class VpcSettings(Section):
    """The network that functions run in."""

    subnets: list[str]
    security_groups: list[str]


class Settings(FunctionSettings):
    """All that can be set, for the project or for one of its stages."""

    region: str | None = Field(default=None, pattern=r"^[a-z]{2,3}(-[a-z]+)+-[0-9]$")
    account: str | None = Field(default=None, pattern=r"^[0-9]{12}$")
    stack: str | None = None
    express: list[str] = Field(default_factory=list[str])
    tags: dict[str, str] = Field(default_factory=dict[str, str])
    canary: int | None = None
    linear: int | None = None
    minutes: int = 5
    alarms: list[str] = Field(default_factory=list[str])
    notify: str | None = None
    failed_executions: bool = True
    tasks: dict[str, FunctionSettings] = Field(default_factory=dict[str, FunctionSettings])
    permissions_boundary: str | None = None
    role_path: str | None = None
    vpc: VpcSettings | None = None
    kms_key: str | None = None
    retention: int = 30
    log_level: LogLevel = "ERROR"
    runtime: str = "python3.13"
    parameters: dict[str, str] = Field(default_factory=dict[str, str])
    sender: str | None = Field(default=None, pattern=r"^[^@\s]+@[A-Za-z0-9.-]+$")
    domain: str | None = Field(default=None, pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")
    keep_versions: int = Field(default=10, ge=1)
    may_hold: list[str] = Field(default_factory=list[str])

    @model_validator(mode="after")
    def _fits(self) -> Settings:
        if self.canary is not None and self.linear is not None:
            raise ValueError("canary and linear exclude each other")
        if self.alarms and self.canary is None and self.linear is None:
            raise ValueError("alarms need canary or linear: a move at once is not watched")
        return self


def keys_of(model: Any) -> list[str]:
    """Give the keys that a table may have."""
    return [str(field.alias or name) for name, field in model.model_fields.items()]
