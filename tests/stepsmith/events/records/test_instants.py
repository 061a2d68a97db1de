"""Points in time, read as botocore reads what its callers give."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from stepsmith.events.records.instants import instant_or_none, iso_milliseconds, read_instant

AT = datetime(2026, 3, 4, 5, 6, 7, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "given",
    [
        AT,
        AT.astimezone(timezone(timedelta(hours=2))),
        AT.astimezone().replace(tzinfo=None),
        AT.timestamp(),
        "2026-03-04T05:06:07.250Z",
        "2026-03-04T07:06:07.250+02:00",
    ],
)
def test_each_form_is_the_same_instant(given: datetime | float | str) -> None:
    assert read_instant(given) == AT.timestamp()
    assert instant_or_none(given) == AT.timestamp()


def test_a_text_that_is_no_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="yesterday"):
        read_instant("yesterday")


def test_what_is_left_out_is_none() -> None:
    assert instant_or_none(None) is None


def test_what_is_written_is_read_again() -> None:
    assert read_instant(iso_milliseconds(AT.timestamp())) == AT.timestamp()
