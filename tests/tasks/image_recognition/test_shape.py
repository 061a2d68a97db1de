import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.image_recognition.models import Angle, Color, Inspection
from tasks.image_recognition.shape import creation_time, geo, shape, shape_metadata, upright
from tasks.pictures.facts import ExifFields, Ratio, Size

NOTHING = Ratio(numerator=1, denominator=0)


def ratios(*pairs: tuple[int, int]) -> list[Ratio]:
    return [Ratio(numerator=numerator, denominator=denominator) for numerator, denominator in pairs]


def position(**fields: object) -> ExifFields:
    given = {
        "latitude": ratios((51, 1), (508, 10), (0, 1)),
        "latitude_ref": "N",
        "longitude": ratios((3, 1), (2027, 100), (0, 1)),
        "longitude_ref": "W",
    }
    return ExifFields.model_validate({**given, **fields})


def inspection(exif: ExifFields) -> Inspection:
    return Inspection(
        etag="e",
        format="JPEG",
        stored=Size(width=40, height=30),
        bytes=1,
        sha256="s",
        color=Color(mode="RGB"),
        frames=1,
        exif=exif,
        warnings=["before"],
    )


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_upright_size_is_right_for_all_eight_orientations(orientation: int) -> None:
    metadata = shape(inspection(ExifFields(orientation=orientation)))

    turned = orientation >= 5
    assert metadata.orientation == orientation
    assert metadata.raw_dimensions == Size(width=40, height=30)
    assert metadata.dimensions == (Size(width=30, height=40) if turned else Size(width=40, height=30))


@pytest.mark.parametrize("mark", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_ignored_with_a_warning(mark: int) -> None:
    metadata = shape_metadata(inspection(ExifFields(orientation=mark)))

    assert metadata.orientation == 1
    assert metadata.warnings == ["before", f"orientation left out: {mark} is not from 1 to 8"]


def test_turning_twice_gives_the_size_again() -> None:
    size = Size(width=3, height=2)

    assert upright(upright(size, 6), 8) == size


def test_minutes_with_a_fraction_become_seconds() -> None:
    found = geo(position(), [])

    assert found is not None
    assert found.latitude == Angle(D=51, M=50, S=48.0, Direction="N")
    assert found.longitude == Angle(D=3, M=20, S=16.2, Direction="W")
    assert (found.decimal.lat, found.decimal.lon) == (51.846666667, -3.337833333)


@given(
    degrees=st.integers(0, 89),
    minutes=st.integers(0, 59),
    thousandths=st.integers(0, 59_999),
    south=st.booleans(),
)
def test_degrees_minutes_and_seconds_come_back_as_they_were(
    degrees: int, minutes: int, thousandths: int, south: bool
) -> None:
    latitude = ratios((degrees, 1), (minutes, 1), (thousandths, 1000))

    found = geo(position(latitude=latitude, latitude_ref="S" if south else "N"), [])

    assert found is not None
    assert (degrees, minutes, thousandths / 1000) == (found.latitude.D, found.latitude.M, found.latitude.S)
    expected = degrees + minutes / 60 + thousandths / 3_600_000
    assert found.decimal.lat == pytest.approx(-expected if south else expected, abs=1e-6)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"latitude": [NOTHING, *ratios((1, 1), (1, 1))]}, "it is incomplete or divides by zero"),
        ({"longitude": ratios((0, 0), (0, 0), (0, 0))}, "it is incomplete or divides by zero"),
        ({"longitude": None}, "it is incomplete or divides by zero"),
        ({"latitude_ref": None}, "its direction is missing"),
        ({"longitude_ref": "N"}, "its direction is missing"),
        ({"latitude": ratios((90, 1), (0, 1), (1, 1))}, "it is out of range"),
        ({"longitude": ratios((181, 1), (0, 1), (0, 1))}, "it is out of range"),
        ({"latitude": ratios((10, 1), (61, 1), (0, 1))}, "it is out of range"),
        ({"latitude": ratios((-10, 1), (0, 1), (0, 1))}, "it is out of range"),
        ({"latitude": ratios((0, 1)), "longitude": ratios((0, 1))}, "0/0/0 is a placeholder"),
    ],
)
def test_a_position_that_cannot_be_true_is_left_out_with_a_warning(
    fields: dict[str, object], problem: str
) -> None:
    warnings: list[str] = []

    assert geo(position(**fields), warnings) is None
    assert warnings == [f"position left out: {problem}"]


def test_no_position_is_nothing_to_warn_about() -> None:
    warnings: list[str] = []

    assert geo(ExifFields(altitude=Ratio(numerator=5, denominator=1)), warnings) is None
    assert warnings == []


def test_the_equator_is_a_place_and_has_no_sign() -> None:
    nought = Ratio(numerator=0, denominator=1)

    found = geo(position(latitude=[nought], latitude_ref="S", altitude=nought, altitude_ref=1), [])

    assert found is not None
    assert str(found.decimal.lat) == str(found.altitude_m) == "0.0"


@pytest.mark.parametrize(
    ("reference", "metres"), [(None, 12.5), (0, 12.5), (1, -12.5), (2, 12.5), (3, -12.5)]
)
def test_altitude_reference_1_is_below_the_sea(reference: int | None, metres: float) -> None:
    found = geo(position(altitude=Ratio(numerator=25, denominator=2), altitude_ref=reference), [])

    assert found is not None
    assert found.altitude_m == metres


def test_an_altitude_over_zero_is_left_out_and_the_position_stays() -> None:
    warnings: list[str] = []

    found = geo(position(altitude=NOTHING), warnings)

    assert found is not None
    assert found.altitude_m is None
    assert warnings == ["altitude left out: it divides by zero"]


@pytest.mark.parametrize(
    ("taken", "offset", "iso"),
    [
        ("2021:02:03 04:05:06", None, "2021-02-03T04:05:06"),
        ("2021:02:03 04:05:06", "-03:00", "2021-02-03T04:05:06-03:00"),
        ("2021:02:03 04:05:06", "+05:45", "2021-02-03T04:05:06+05:45"),
        ("2021:02:03 04:05:06", "   :  ", "2021-02-03T04:05:06"),
        ("2021:02:03 04:05:06", "+15:59", "2021-02-03T04:05:06+15:59"),
        ("2021:02:03 04:05:06", "-00:30", "2021-02-03T04:05:06-00:30"),
        ("2021:02:03 04:05:06 and more", None, "2021-02-03T04:05:06"),
        (None, "+01:00", None),
    ],
)
def test_a_date_becomes_iso_with_its_offset_if_known(
    taken: str | None, offset: str | None, iso: str | None
) -> None:
    warnings: list[str] = []

    assert creation_time(taken, offset, warnings) == iso
    assert warnings == []


@pytest.mark.parametrize("taken", ["0000:00:00 00:00:00", "    :  :     :  :  "])
def test_a_blank_date_is_left_out_with_a_warning(taken: str) -> None:
    warnings: list[str] = []

    assert creation_time(taken, None, warnings) is None
    assert warnings == ["creation time left out: it is blank"]


@pytest.mark.parametrize("taken", ["2021:13:03 04:05:06", "2021:02:30 04:05:06", "yesterday", "2021:02:03"])
def test_a_date_that_does_not_exist_is_left_out_with_a_warning(taken: str) -> None:
    warnings: list[str] = []

    assert creation_time(taken, None, warnings) is None
    assert warnings == [f"creation time left out: {taken!r} is no date"]


@pytest.mark.parametrize(
    "offset", ["01:00", "+1:00", "+99:00", "+01:60", "+16:00", "+01-00", "+01:00:00", "UTC", "+0100"]
)
def test_an_offset_that_makes_no_sense_is_left_out_with_a_warning(offset: str) -> None:
    warnings: list[str] = []

    assert creation_time("2021:02:03 04:05:06", offset, warnings) == "2021-02-03T04:05:06"
    assert warnings == [f"offset of the creation time left out: {offset!r} is none"]


@given(st.text(max_size=30), st.text(max_size=10))
def test_any_text_is_a_date_or_a_warning(taken: str, offset: str) -> None:
    warnings: list[str] = []

    assert (creation_time(taken, offset, warnings) is None) <= bool(warnings)


@pytest.mark.parametrize(
    ("latitude", "longitude", "decimal"),
    [
        (ratios((90, 1)), ratios((180, 1)), (90.0, 180.0)),
        (ratios((0, 1)), ratios((1, 1)), (0.0, 1.0)),
        (ratios((1, 1)), ratios((0, 1)), (1.0, 0.0)),
        (ratios((10, 1), (60, 1), (60, 1)), ratios((0, 1), (0, 1), (36, 1)), (11.016666667, 0.01)),
    ],
)
def test_a_position_reaches_to_the_poles_and_the_date_line(
    latitude: list[Ratio], longitude: list[Ratio], decimal: tuple[float, float]
) -> None:
    found = geo(position(latitude=latitude, longitude=longitude, longitude_ref="E"), [])

    assert found is not None
    assert (found.decimal.lat, found.decimal.lon) == decimal
