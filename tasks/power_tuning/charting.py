"""From the results of power tuning, ours or those of aws-lambda-power-tuning, to a chart of one or two of them."""

from dataclasses import dataclass

from pydantic import JsonValue, ValidationError

from tasks.errors import InvalidInput
from tasks.power_tuning.chart.address import points_in
from tasks.power_tuning.chart.page import chart_figure, chart_page
from tasks.power_tuning.chart.runs import ChartRun, ChartSize, check_comparable
from tasks.power_tuning.ecmascript import parse_int
from tasks.power_tuning.models import TuningReport
from tasks.power_tuning.prices import LARGEST_MEMORY


@dataclass(frozen=True, slots=True)
class TuningChart:
    """The chart of a run, or of two beside each other; a notebook shows it."""

    runs: tuple[ChartRun, ...]

    def page(self) -> str:
        """Return a whole HTML page, which needs no other file and no network."""
        return chart_page(self.runs)

    def _repr_html_(self) -> str:
        return chart_figure(self.runs)


def chart_of(result: TuningReport | JsonValue, other: TuningReport | JsonValue = None) -> TuningChart:
    """Return the chart of a result, beside another one if given.

    A result is a report; its JSON, or what `stepsmith run --json` writes; the output of aws-lambda-power-tuning; or the
    address of a chart of either. Raises InvalidInput for anything else, and for costs in different currencies.
    """
    run = charted(result)
    if other is None:
        return TuningChart((run,))
    second = charted(other)
    check_comparable(run, second)
    return TuningChart((run, second))


def charted(result: TuningReport | JsonValue) -> ChartRun:
    """Return what a chart shows of a result. Raises InvalidInput for what is none."""
    return _checked(_read(result))


def _read(result: TuningReport | JsonValue) -> ChartRun:
    match result:
        case TuningReport():
            return result.charted()
        case str():
            return _of_address(result)
        case {"status": str(status), "output": output}:
            if output is None:
                raise InvalidInput(f"the execution {status} and has no figures to draw")
            return _read(output)
        case {"sizes": list()}:
            try:
                return TuningReport.model_validate(result).charted()
            except ValidationError as error:
                problem = error.errors()[0]
                place = ".".join(str(part) for part in problem["loc"])
                raise InvalidInput(f"the report cannot be drawn: {place}: {problem['msg']}") from None
        case {"stateMachine": {"visualization": str(address)}}:
            return _of_address(address, result.get("power"))
        case None:
            raise InvalidInput("a dry run has no figures to draw")
        case _:
            raise InvalidInput(
                "this is no result of power tuning: neither a report, nor the address of a chart, nor what "
                "aws-lambda-power-tuning gives"
            )


def _of_address(address: str, best: JsonValue = None) -> ChartRun:
    return ChartRun(
        sizes=tuple(
            ChartSize(power=point.power, duration=point.duration, cost=point.cost)
            for point in sorted(points_in(address), key=lambda point: point.power)
        ),
        currency="CNY" if "?currency=CNY" in address.partition("#")[0] else "USD",
        best=parse_int(best),
    )


def _checked(run: ChartRun) -> ChartRun:
    """Return the run. Raises InvalidInput for what no run has, but a file or an address that was given may have."""
    powers = [size.power for size in run.sizes]
    if not powers or any(
        not 0 < power <= LARGEST_MEMORY for power in [*powers, *(one.power for one in run.failed)]
    ):
        raise InvalidInput("the result has no memory sizes of Lambda, or others")
    figures = [figure for size in run.sizes for figure in (size.duration, size.cost, size.p95)]
    if any(figure is not None and figure < 0 for figure in figures):
        raise InvalidInput("the result has figures below 0")
    return run
