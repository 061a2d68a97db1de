"""The report that Lambda writes at the end of the log of every invocation."""

import base64
import binascii
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, cast

from stepsmith.expressions.types import Json
from tasks.errors import Corrupt, InvalidInput

FIELDS: Final = (
    "durationMs",
    "initDurationMs",
    "restoreDurationMs",
    "billedDurationMs",
    "billedRestoreDurationMs",
)
"""The durations of a report, by their names in JSON logs."""

_TEXT_FIELDS: Final = {
    "durationMs": re.compile(r"\tDuration: ([0-9]+\.[0-9]+) ms"),
    "initDurationMs": re.compile(r"\tInit Duration: ([0-9]+\.[0-9]+) ms"),
    "restoreDurationMs": re.compile(r"\tRestore Duration: ([0-9]+\.[0-9]+) ms"),
    "billedDurationMs": re.compile(r"\tBilled Duration: ([0-9]+) ms"),
    "billedRestoreDurationMs": re.compile(r"\tBilled Restore Duration: ([0-9]+) ms"),
}
_REPORT_TYPE: Final = "platform.report"
_RECORD_START: Final = re.compile(r"(?:^|[\n\[,])[ \t\r\n]*(?=\{)")
_REPORT_LINE: Final = re.compile(r"^REPORT RequestId: .*$", re.MULTILINE)
_BILLED: Final = re.compile(r"\tBilled Duration: [0-9]+ ms")


@dataclass(frozen=True, slots=True)
class Report:
    """The durations of one invocation in milliseconds, 0 where the report does not name one."""

    duration: float
    init: float = 0
    restore: float = 0
    billed: float = 0
    billed_restore: float = 0

    @property
    def total(self) -> float:
        """Milliseconds the caller waited for: running, initialising and restoring."""
        return self.duration + self.init + self.restore

    @property
    def total_billed(self) -> float:
        """Milliseconds that are paid for."""
        return self.billed + self.billed_restore


def decoded_log(encoded: str) -> str:
    """Return the text of the log tail in an invocation answer, which is in base64.

    Raises Corrupt when it is not.
    """
    try:
        return base64.b64decode(encoded).decode(errors="replace")
    except (binascii.Error, ValueError):
        raise Corrupt("the log tail is not base64") from None


def report_in(log: str) -> Report | None:
    """Return the report in the tail of a log, None when there is none.

    Text and JSON logs are read, one object, one array or lines, also between the output of extensions
    and with the start cut off at 4 KB. What the function itself prints is not taken for the report: in
    text, only the last REPORT line counts, in JSON, only the last record of that type.
    """
    metrics, line = _last(_metrics(log)), _report_line(log)
    if metrics is not None and (line is None or metrics[0] > line[0]):
        values = [_milliseconds(metrics[1].get(field)) for field in FIELDS]
    elif line is not None:
        texts = [_TEXT_FIELDS[field].search(line[1]) for field in FIELDS]
        values = [float(match[1]) if match else None for match in texts]
    else:
        return None
    return Report(*(value or 0 for value in values)) if values[0] is not None else None


def duration_in(log: str, field: str = "durationMs") -> float:
    """Return one duration of a log as aws-lambda-power-tuning reads it, 0 when a text log lacks it.

    A log that starts with `{` is JSON. The first record, and in text the first place that looks like the field,
    counts, whoever wrote it. Raises Corrupt for a JSON log without a report or without its duration, and
    InvalidInput for an unknown field.
    """
    if field not in _TEXT_FIELDS:
        raise InvalidInput(f"{field[:50]!r} is not a duration of a report; there are {', '.join(FIELDS)}")
    if not log.startswith("{"):
        match = _TEXT_FIELDS[field].search(log)
        return float(match[1]) if match else 0
    metrics = next(_metrics(log), None)
    if metrics is None:
        raise Corrupt("the JSON log has no platform.report")
    value = _milliseconds(metrics[1].get(field))
    if value is None and field in ("durationMs", "billedDurationMs"):
        raise Corrupt(f"the platform.report of the JSON log has no {field}")
    return value or 0


def _metrics(log: str) -> Iterator[tuple[int, dict[str, Json]]]:
    """Yield where each platform.report of the log starts, and its metrics."""
    for start, record in _json_records(log):
        if record.get("type") == _REPORT_TYPE:
            body = record.get("record")
            metrics = body.get("metrics") if isinstance(body, dict) else None
            yield start, metrics if isinstance(metrics, dict) else {}


def _last(found: Iterator[tuple[int, dict[str, Json]]]) -> tuple[int, dict[str, Json]] | None:
    return max(found, key=lambda one: one[0], default=None)


def _json_records(log: str) -> Iterator[tuple[int, dict[str, Json]]]:
    """Yield the JSON objects that begin the log, a line or an item of an array, skipping all else."""
    if _REPORT_TYPE not in log:
        return
    decoder = json.JSONDecoder()
    end = 0
    for start in _RECORD_START.finditer(log):
        if start.end() < end:
            continue
        try:
            record, end = cast("tuple[Json, int]", decoder.raw_decode(log, start.end()))
        except (ValueError, RecursionError):
            continue
        if isinstance(record, dict):
            yield start.end(), record


def _report_line(log: str) -> tuple[int, str] | None:
    """Return where the last REPORT line starts, and the line."""
    reports = [match for match in _REPORT_LINE.finditer(log) if _BILLED.search(match[0])]
    if reports:
        return reports[-1].start(), reports[-1][0]
    # A line cut off by the 4 KB limit is the first one and no longer says REPORT.
    first = log.partition("\n")[0]
    return (0, first) if _BILLED.search(first) else None


def _milliseconds(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) and value >= 0 else None
