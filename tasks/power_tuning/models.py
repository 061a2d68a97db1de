"""What a tuning run is asked, what it plans, measures and reports."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel

from tasks.power_tuning.aws.function_arn import function_arn
from tasks.power_tuning.chart.runs import ChartFailure, ChartRun, ChartSize
from tasks.power_tuning.prices import LARGEST_MEMORY, SMALLEST_MEMORY
from tasks.power_tuning.selection import Strategy

DEFAULT_POWERS: Final = (128, 256, 512, 1024, 1536, 3008)
ALL_POWERS: Final = tuple(range(128, 3009, 64))
"""The memory sizes that "ALL" stands for."""

MOST_POWERS: Final = 128
MOST_RUNS: Final = 10_000
LONGEST_PAUSE_MS: Final = 60_000


def _number_of_digits(value: object) -> object:
    """Read a text of digits as the number it shows, as console users type it."""
    return (
        int(value)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10
        else value
    )


def _sizes_named(value: object) -> object:
    """Read "ALL" as the sizes it stands for."""
    if value == "ALL":
        return list(ALL_POWERS)
    if isinstance(value, str):
        raise ValueError(f"{value[:50]!r} is neither a list of memory sizes in MB nor 'ALL'")
    return value


def _clamped(low: float, high: float) -> BeforeValidator:
    def clamp(value: object) -> object:
        if isinstance(value, int | float) and not isinstance(value, bool) and value == value:
            return min(max(value, low), high)
        return value

    return BeforeValidator(clamp)


Flag = Annotated[bool, Field(strict=True)]
"""True or false, and no text that means it."""
Count = Annotated[int, Field(strict=True), BeforeValidator(_number_of_digits)]
"""A whole number, or a text of its digits."""
Share = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""A number, which is clamped."""
Power = Annotated[
    int, Field(strict=True, ge=SMALLEST_MEMORY, le=LARGEST_MEMORY), BeforeValidator(_number_of_digits)
]
"""A memory size in MB."""


class Model(BaseModel):
    """A model that is written in camelCase, takes no unknown field and does not change."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True, allow_inf_nan=False
    )


class TuningRequest(Model):
    """The input of power tuning, with the names that aws-lambda-power-tuning gives its fields."""

    lambda_arn: str = Field(alias="lambdaARN", max_length=200)
    num: Annotated[int, Field(strict=True, ge=5, le=MOST_RUNS), BeforeValidator(_number_of_digits)]
    power_values: Annotated[
        list[Power] | None, Field(max_length=MOST_POWERS), BeforeValidator(_sizes_named)
    ] = None
    payload: JsonValue = None
    payload_s3: str | None = Field(default=None, alias="payloadS3", max_length=1200)
    parallel_invocation: bool = Field(default=False, strict=True)
    strategy: Strategy = Strategy.COST
    balanced_weight: Annotated[float, _clamped(0, 1), Field(strict=True)] = 0.5
    auto_optimize: bool = Field(default=False, strict=True)
    auto_optimize_alias: str | None = Field(
        default=None, min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_-]*[A-Za-z_-][A-Za-z0-9_-]*$"
    )
    dry_run: bool = Field(default=False, strict=True)
    pre_processor_arn: str | None = Field(default=None, alias="preProcessorARN", max_length=300)
    post_processor_arn: str | None = Field(default=None, alias="postProcessorARN", max_length=300)
    discard_top_bottom: Annotated[float, _clamped(0, 0.4), Field(strict=True)] = 0.2
    sleep_between_runs_ms: Annotated[
        int, Field(strict=True, ge=0, le=LONGEST_PAUSE_MS), BeforeValidator(_number_of_digits)
    ] = 0
    disable_payload_logs: bool = Field(default=False, strict=True)
    include_output_results: bool = Field(default=False, strict=True)
    only_cold_starts: bool = Field(default=False, strict=True)
    allowed_exceptions: list[Annotated[str, Field(max_length=200)]] = Field(default=[], max_length=100)


class TuningPlan(Model):
    """What a run is going to do, and what it has to put back.

    `region` is that of the function, and `home` that of the execution. `last_version` is the highest version number
    that was there before: every version above it that carries the mark of this run is ours to delete, and no other.
    """

    run_id: str = Field(pattern=r"^[A-Za-z0-9-]{1,64}$")
    request: TuningRequest
    started: datetime
    region: str
    home: str
    architecture: str
    measured_by: str
    powers: list[int]
    versions_per_power: int
    memory: int
    description: str
    last_version: int


class PowerVersions(Model):
    """The versions published for one memory size, or why the function cannot have it, as over the account's limit."""

    power: int
    versions: list[str]
    failure: str | None = None


class PowerStatus(StrEnum):
    """How measuring one memory size ended."""

    MEASURED = "measured"
    FAILED = "failed"


class PowerMeasurement(Model):
    """What one memory size showed: milliseconds, and what a run costs; or why it could not be measured.

    `average_error` is the standard error of the average duration, `unreported` counts runs whose log has no report.
    """

    power: int
    status: PowerStatus
    failure: str | None = None
    samples: int = 0
    unreported: int = 0
    average_duration: float = 0
    average_price: float = 0
    average_error: float = 0
    total_cost: float = 0
    deviation: float = 0
    p50: float = 0
    p95: float = 0
    p99: float = 0


class CleanUp(Model):
    """What cleaning did: versions it deleted, and ours that an alias refers to, which stay."""

    deleted: list[str]
    kept: list[str]
    is_restored: bool


class PowerFailure(Model):
    """A memory size that could not be measured, and why."""

    power: int
    failure: str


class PowerAverages(Model):
    """The figures of one memory size in the output."""

    value: int
    average_price: float
    average_duration: float
    samples: int
    deviation: float
    p50: float
    p95: float
    p99: float


class TuningCosts(Model):
    """What the tuning itself cost, and where its chart is."""

    execution_cost: float
    lambda_cost: float
    visualization: str


class TuningReport(Model):
    """The best memory size, what it costs and takes on average, and what to know about the figures.

    `tied_with` lists the sizes whose difference from the best one is within the noise; `sizes` has the figures of all
    that were measured, and `stats` has them on request, where aws-lambda-power-tuning has its own.
    """

    power: int
    cost: float
    duration: float
    strategy: Strategy
    currency: str
    measured_by: str
    is_tie: bool
    tied_with: list[int]
    failed: list[PowerFailure]
    warnings: list[str]
    lambda_arn: str = Field(alias="lambdaARN")
    region: str
    architecture: str
    started: datetime
    num: int
    only_cold_starts: bool
    sizes: list[PowerAverages]
    state_machine: TuningCosts
    stats: list[PowerAverages] | None = None

    def charted(self) -> ChartRun:
        """Return what a chart shows of it. Raises InvalidInput for another ARN than a function's."""
        return ChartRun(
            sizes=tuple(
                ChartSize(
                    power=size.value,
                    duration=size.average_duration,
                    cost=size.average_price,
                    p95=size.p95,
                    deviation=size.deviation,
                    samples=size.samples,
                )
                for size in sorted(self.sizes, key=lambda size: size.value)
            ),
            currency=self.currency,
            best=self.power,
            tied=tuple(self.tied_with),
            failed=tuple(ChartFailure(power=one.power, failure=one.failure) for one in self.failed),
            warnings=tuple(self.warnings),
            strategy=self.strategy,
            function=function_arn(self.lambda_arn).name,
            region=self.region,
            architecture=self.architecture,
            started=self.started,
            runs=self.num,
            is_cold=self.only_cold_starts,
            measured_by=self.measured_by,
        )

    def _repr_html_(self) -> str:
        from tasks.power_tuning.chart.page import chart_figure

        return chart_figure([self.charted()])
