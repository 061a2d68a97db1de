"""A local cloud: time that stands still, everything at its instant, nothing shared."""

from datetime import timedelta

import pytest

from stepsmith.cloud.local import LocalCloud
from stepsmith.errors import StepsmithError


def test_time_stands_still_until_it_is_moved() -> None:
    with LocalCloud() as cloud:
        before = cloud.now

        cloud.settle()
        assert cloud.now == before

        cloud.advance(timedelta(days=1))
        assert cloud.now - before == timedelta(days=1)


def test_what_is_due_meanwhile_happens_at_its_instant() -> None:
    with LocalCloud() as cloud:
        begin, seen = cloud.now, list[timedelta]()

        def strike() -> None:
            seen.append(cloud.now - begin)
            cloud.agenda.after(60, strike)

        cloud.agenda.after(60, strike)
        cloud.advance(timedelta(seconds=200))

    assert seen == [timedelta(seconds=60), timedelta(seconds=120), timedelta(seconds=180)]


def test_what_goes_in_a_circle_at_one_instant_is_said_instead_of_hanging(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Restless:
        next_due = None

        def turn(self) -> bool:
            return True

    monkeypatch.setattr("stepsmith.cloud.local.MOST_TURNS", 50)
    with LocalCloud() as cloud:
        cloud.works.append(Restless())

        with pytest.raises(StepsmithError, match="after 50 rounds at one instant something goes in a circle"):
            cloud.settle()


def test_two_clouds_share_nothing() -> None:
    with LocalCloud() as one, LocalCloud() as other:
        one.client("s3").create_bucket(Bucket="pictures")

        assert [each["Name"] for each in one.client("s3").list_buckets()["Buckets"]] == ["pictures"]
        assert other.client("s3").list_buckets()["Buckets"] == []
