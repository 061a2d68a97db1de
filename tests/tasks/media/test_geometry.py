"""MT-06: sizes against a table, and laws that hold for all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.errors import InvalidInput
from tasks.media.geometry import Box, plan
from tasks.media.models import Cut, Fit, Point, Transform
from tasks.pictures.facts import Size

WIDE, TALL, TINY = Size(width=400, height=200), Size(width=200, height=400), Size(width=40, height=30)

ORACLE: list[tuple[Size, dict[str, object], tuple[int, int], tuple[int, int] | None]] = [
    (WIDE, {"width": 100, "height": 100}, (100, 50), None),
    (TALL, {"width": 100, "height": 100}, (50, 100), None),
    (WIDE, {"width": 100}, (100, 50), None),
    (WIDE, {"height": 100}, (200, 100), None),
    (WIDE, {}, (400, 200), None),
    (WIDE, {"width": 100, "height": 100, "fit": "outside"}, (200, 100), None),
    (WIDE, {"width": 100, "height": 100, "fit": "cover"}, (100, 100), None),
    (WIDE, {"width": 100, "height": 100, "fit": "contain"}, (100, 50), (100, 100)),
    (WIDE, {"width": 100, "height": 100, "fit": "fill"}, (100, 100), None),
    # nothing is enlarged unless it is asked for
    (TINY, {"width": 400, "height": 400}, (40, 30), None),
    (TINY, {"width": 400, "height": 400, "enlarge": True}, (400, 300), None),
    (TINY, {"width": 400}, (40, 30), None),
    (TINY, {"height": 300, "enlarge": True}, (400, 300), None),
    (TINY, {"width": 400, "height": 400, "fit": "cover"}, (30, 30), None),
    (TINY, {"width": 400, "height": 400, "fit": "cover", "enlarge": True}, (400, 400), None),
    (TINY, {"width": 400, "height": 20, "fit": "cover"}, (40, 2), None),
    (TINY, {"width": 400, "height": 400, "fit": "contain"}, (40, 30), (400, 400)),
    (TINY, {"width": 400, "height": 20, "fit": "fill"}, (40, 20), None),
    (TINY, {"width": 400, "height": 20, "fit": "fill", "enlarge": True}, (400, 20), None),
    (TINY, {"width": 400, "height": 400, "fit": "outside"}, (40, 30), None),
    # a pixel at least, rounded half up
    (Size(width=4000, height=3), {"width": 100}, (100, 1), None),
    (Size(width=4000, height=3), {"width": 1000, "height": 1, "fit": "outside"}, (1333, 1), None),
    (Size(width=5, height=3), {"width": 3}, (3, 2), None),
    (Size(width=1, height=1), {"width": 1, "height": 1}, (1, 1), None),
    # density
    (WIDE, {"width": 100, "height": 100, "dpr": 2.0}, (200, 100), None),
    (WIDE, {"width": 100, "height": 100, "fit": "cover", "dpr": 1.5}, (150, 150), None),
]


@pytest.mark.parametrize(("picture", "fields", "size", "canvas"), ORACLE)
def test_mt_06_each_fit_gives_the_size_of_the_table(
    picture: Size, fields: dict[str, object], size: tuple[int, int], canvas: tuple[int, int] | None
) -> None:
    found = plan(picture, Transform.model_validate(fields))

    assert (found.size.width, found.size.height) == size
    assert (None if found.canvas is None else (found.canvas.width, found.canvas.height)) == canvas


@pytest.mark.parametrize(
    ("focal", "left"),
    [(Point(x=0.5, y=0.5), 100), (Point(x=0, y=0), 0), (Point(x=1, y=1), 200), (Point(x=0.375, y=0.5), 50)],
)
def test_cover_keeps_the_focal_point_as_near_to_the_middle_as_the_picture_allows(
    focal: Point, left: float
) -> None:
    found = plan(WIDE, Transform(width=100, height=100, fit="cover"), focal)

    assert found.part == Box(left=left, top=0, width=200, height=200)


def test_a_cut_comes_first_and_ends_where_the_picture_does() -> None:
    found = plan(WIDE, Transform(crop=Cut(left=300, top=100, width=500, height=50), width=50))

    assert found.part == Box(left=300, top=100, width=100, height=50)
    assert (found.size.width, found.size.height) == (50, 25)


def test_a_cut_outside_of_the_picture_is_refused() -> None:
    with pytest.raises(InvalidInput, match="crop begins at 400,0, outside of 400 x 200 pixels"):
        plan(WIDE, Transform(crop=Cut(left=400, top=0, width=1, height=1)))


def test_a_result_that_is_too_large_is_refused() -> None:
    with pytest.raises(InvalidInput, match="the result has 16384 x 8192 pixels"):
        plan(WIDE, Transform(width=8192, height=8192, fit="outside", enlarge=True))
    with pytest.raises(InvalidInput, match="50 megapixels"):
        plan(WIDE, Transform(width=8192, height=8192, fit="fill", enlarge=True))


SIDES = st.integers(1, 3000)
SIZES = st.builds(Size, width=SIDES, height=SIDES)


@given(SIZES, SIDES, SIDES, st.sampled_from(["inside", "cover", "contain", "outside", "fill"]), st.booleans())
def test_mt_06_the_laws_of_fitting_hold(
    picture: Size, width: int, height: int, fit: Fit, enlarge: bool
) -> None:
    try:
        found = plan(picture, Transform(width=width, height=height, fit=fit, enlarge=enlarge))
    except InvalidInput:
        assert enlarge or fit == "outside"
        return
    size, part = found.size, found.part

    assert size.width >= 1
    assert size.height >= 1
    if not enlarge:
        assert size.width <= picture.width
        assert size.height <= picture.height
    if fit != "outside":
        assert size.width <= width
        assert size.height <= height
    if fit == "contain":
        assert found.canvas == Size(width=width, height=height)
    if enlarge and fit in ("cover", "fill"):
        assert (size.width, size.height) == (width, height)
    assert 0 <= part.left <= part.left + part.width <= picture.width + 1e-6
    assert 0 <= part.top <= part.top + part.height <= picture.height + 1e-6
    if fit != "fill" and min(size.width, size.height) > 20:
        assert size.width / size.height == pytest.approx(part.width / part.height, rel=0.06)
