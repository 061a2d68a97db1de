from datetime import UTC, datetime

import pytest

from stepsmith.cli.arguments.parsing import WrongCall
from stepsmith.cli.arguments.searches import instant

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", datetime(2026, 3, 1, 11, 58, 30, tzinfo=UTC)),
        ("12h", datetime(2026, 3, 1, tzinfo=UTC)),
        ("1w", datetime(2026, 2, 22, 12, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T08:00+01:00", datetime(2026, 1, 31, 7, tzinfo=UTC)),
        ("2026-01-31T08:00:00Z", datetime(2026, 1, 31, 8, tzinfo=UTC)),
        ("99999999999w", datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_time_is_so_long_ago_or_a_day_or_an_instant(text: str, expected: datetime) -> None:
    assert instant(text, "since", NOW) == expected.timestamp()


@pytest.mark.parametrize(
    "text", ["-5h", "5", "h", "yesterday", "2026-13-01", "31.1.2026", "٣h", "1e3h", "NaN"]
)
def test_what_is_no_time_is_refused_with_how_it_is_written(text: str) -> None:
    with pytest.raises(WrongCall, match="is no time; write it such as 90m, 12h, 7d, 2026-01-31"):
        instant(text, "since", NOW)
