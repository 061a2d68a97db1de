"""PT-06: the report is found in every form of log, and only the report."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.errors import Corrupt, InvalidInput
from tasks.power_tuning.aws.logs import FIELDS, Report, decoded_log, duration_in, report_in

ID = "59af2711-60c1-46ad-9f2c-6d2f1a0f2a10"
WARM = f"REPORT RequestId: {ID}\tDuration: 469.40 ms\tBilled Duration: 470 ms\tMax Memory Used: 21 MB\t"
COLD = WARM + "Init Duration: 100.99 ms\t\n"
RESTORED = WARM + "Restore Duration: 474.16 ms\tBilled Restore Duration: 75 ms\t\n"
START = f"START RequestId: {ID} Version: 3\n"


def record(**metrics: Any) -> dict[str, Any]:
    return {
        "time": "2024-02-09T08:42:44.080Z",
        "type": "platform.report",
        "record": {"requestId": ID, "status": "success", "metrics": metrics},
    }


def lines(*records: Any) -> str:
    return "\n".join(json.dumps(one) for one in records)


SAID = {"timestamp": "2024-02-09T08:42:44.078Z", "level": "INFO", "message": "hello"}
STARTED = {"time": "2024-02-09T08:42:44.078Z", "type": "platform.start", "record": {"requestId": ID}}
DONE = {"type": "platform.runtimeDone", "record": {"metrics": {"durationMs": 1.056, "producedBytes": 50}}}
WARM_RECORD = record(durationMs=5.5, billedDurationMs=6)
COLD_RECORD = record(durationMs=5.5, billedDurationMs=6, initDurationMs=90.25)
RESTORED_RECORD = record(
    durationMs=5.5, billedDurationMs=6, restoreDurationMs=40.5, billedRestoreDurationMs=3
)


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        (START + WARM, Report(469.4, billed=470)),
        (START + COLD, Report(469.4, init=100.99, billed=470)),
        (START + RESTORED, Report(469.4, restore=474.16, billed=470, billed_restore=75)),
        (lines(SAID, STARTED, DONE, WARM_RECORD), Report(5.5, billed=6)),
        (lines(SAID, STARTED, DONE, COLD_RECORD) + "\n", Report(5.5, init=90.25, billed=6)),
        (lines(RESTORED_RECORD), Report(5.5, restore=40.5, billed=6, billed_restore=3)),
        (json.dumps(COLD_RECORD, indent=1), Report(5.5, init=90.25, billed=6)),
        ("\n".join(json.dumps(one, indent=2) for one in (SAID, DONE, WARM_RECORD)), Report(5.5, billed=6)),
        (json.dumps([SAID, DONE, WARM_RECORD]), Report(5.5, billed=6)),
        (json.dumps([SAID, DONE, WARM_RECORD], indent=2), Report(5.5, billed=6)),
        ("\n\n".join(json.dumps(one) for one in (SAID, WARM_RECORD)), Report(5.5, billed=6)),
    ],
    ids=[
        "text",
        "cold",
        "SnapStart",
        "lines",
        "cold lines",
        "SnapStart line",
        "pretty",
        "pretty several",
        "array",
        "pretty array",
        "blank lines",
    ],
)
def test_a_report_is_read_in_every_form(log: str, expected: Report) -> None:
    assert report_in(log) == expected


def test_a_caller_waits_for_start_and_restore_and_pays_what_is_billed() -> None:
    report = Report(100, init=20, restore=3, billed=101, billed_restore=4)

    assert (report.total, report.total_billed) == (123, 105)
    assert (Report(100).total, Report(100).total_billed) == (100, 0)


@pytest.mark.parametrize("length", [80, 100, 110])
def test_a_json_log_with_its_head_cut_off_still_has_its_report(length: int) -> None:
    log = lines(SAID, STARTED, DONE, WARM_RECORD)

    assert report_in(log[length:]) == Report(5.5, billed=6)


def test_a_text_log_with_its_head_cut_off_still_has_its_report() -> None:
    cut = (START + COLD)[60:]

    assert report_in(cut) == Report(469.4, init=100.99, billed=470)


def test_a_report_cut_off_before_its_billed_duration_still_counts() -> None:
    cut = COLD[len(f"REPORT RequestId: {ID}") - 4 :]

    assert report_in(cut) == Report(469.4, init=100.99, billed=470)


def test_output_of_extensions_around_the_report_does_no_harm() -> None:
    text = f"[agent] flushing {{3}}\n{START}{COLD}XRAY TraceId: 1-5\tSegmentId: 4\n[agent] Duration: 3 ms\n"
    as_json = f"[agent] flushing {{3}}\n{lines(WARM_RECORD)}\n[agent] {{broken\n"

    assert report_in(text) == Report(469.4, init=100.99, billed=470)
    assert report_in(as_json) == Report(5.5, billed=6)


@pytest.mark.parametrize(
    "imitation",
    [
        "\tDuration: 7.25 ms\tBilled Duration: 8 ms\n",
        "took\tDuration: 1.00 ms\n",
        f"REPORT RequestId: {ID}\tDuration: 1.00 ms\tBilled Duration: 1 ms\n",
        lines(record(durationMs=1, billedDurationMs=1)) + "\n",
    ],
)
def test_what_the_function_prints_is_not_taken_for_the_report(imitation: str) -> None:
    assert report_in(imitation + START + imitation + COLD) == Report(469.4, init=100.99, billed=470)


def test_a_json_record_that_the_function_prints_is_not_taken_for_the_report() -> None:
    log = lines(record(durationMs=1, billedDurationMs=1), {"message": "\tDuration: 1.00 ms"}, WARM_RECORD)

    assert report_in(log) == Report(5.5, billed=6)


@pytest.mark.parametrize(
    "log",
    [
        "",
        "hello",
        "{",
        "{}",
        lines(SAID),
        lines({"type": "platform.report"}),
        lines({"type": "platform.report", "record": 5}),
        lines(record()),
        lines(record(durationMs=-1)),
        lines(record(durationMs=True)),
        "\tDuration: 4 ms",
        "platform.report" + "[{" * 5000,
    ],
)
def test_a_log_without_a_report_has_none(log: str) -> None:
    assert report_in(log) is None


@given(st.text(max_size=300))
def test_any_text_before_the_report_changes_nothing(text: str) -> None:
    assert report_in(f"{text}\n{START}{COLD}") == Report(469.4, init=100.99, billed=470)


@given(st.text(max_size=300))
def test_any_text_has_a_report_or_none(text: str) -> None:
    report_in(text)


def test_the_reference_takes_the_first_place_that_looks_like_the_field() -> None:
    assert duration_in("\tDuration: 7.25 ms\n" + START + COLD) == 7.25


def test_the_reference_takes_the_first_record_and_we_the_last() -> None:
    def record(duration: int) -> str:
        metrics = {"durationMs": duration, "billedDurationMs": duration}
        return json.dumps({"type": "platform.report", "record": {"metrics": metrics}})

    log = f"{record(7)}\n{record(9)}"

    assert duration_in(log) == 7
    assert report_in(log) == Report(9, billed=9)


def test_digits_of_other_scripts_are_no_duration() -> None:
    assert duration_in("\tDuration: ١٢.٥ ms") == 0


def test_the_reference_reads_0_where_a_text_log_lacks_the_field() -> None:
    assert [duration_in(START + WARM, field) for field in FIELDS] == [469.4, 0, 0, 470, 0]


def test_a_warm_json_log_has_no_start_and_does_not_crash() -> None:
    assert [duration_in(lines(WARM_RECORD), field) for field in FIELDS] == [5.5, 0, 0, 6, 0]


@pytest.mark.parametrize("log", ["{not json", lines(SAID), lines({"type": "platform.report"})])
def test_a_json_log_without_a_duration_is_corrupt_to_the_reference(log: str) -> None:
    with pytest.raises(Corrupt, match=r"platform\.report"):
        duration_in(log)


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(InvalidInput, match="'maxMs' is not a duration"):
        duration_in(WARM, "maxMs")


def test_a_log_tail_is_decoded_leniently() -> None:
    assert decoded_log(base64.b64encode(b"caf\xc3\xa9 \xff").decode()) == "café \ufffd"


def test_a_log_tail_that_is_not_base64_is_corrupt() -> None:
    with pytest.raises(Corrupt, match="not base64"):
        decoded_log("A")


def test_a_line_that_begins_like_a_report_and_bills_nothing_is_none() -> None:
    assert report_in(f"{START}{COLD}REPORT RequestId: of mine\n") == Report(469.4, init=100.99, billed=470)
    assert report_in("REPORT RequestId: of mine\tDuration: 1.00 ms\n") is None
