"""IR-02: thumbnails are upright, in sRGB, never enlarged, and in the format of the photograph."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from tasks.image_recognition.thumbnail import render
from tasks.pictures.facts import Size
from tasks.pictures.formats import read_container
from tasks.pictures.pixels import fit, upright_copy
from tests.tasks.pictures.made_pictures import gradient, jpeg, png, tiff, with_chunk, with_exif

UNDO = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""Orientation -> how an upright picture was turned before it was stored."""


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (600, 400, (250, 167)),
        (776, 909, (213, 250)),
        (800, 600, (250, 188)),
        (250, 250, (250, 250)),
        (40, 30, (40, 30)),
        (1, 1, (1, 1)),
        (4000, 3, (250, 1)),
        (3, 4000, (1, 250)),
        (500, 251, (250, 126)),  # 125.5: half is rounded up
    ],
)
def test_sizes_are_rounded_half_up_and_never_enlarged(
    width: int, height: int, expected: tuple[int, int]
) -> None:
    size = fit(Size(width=width, height=height), 250)

    assert (size.width, size.height) == expected


@given(st.integers(1, 100_000), st.integers(1, 100_000))
def test_what_fits_keeps_its_shape_within_half_a_pixel(width: int, height: int) -> None:
    size = fit(Size(width=width, height=height), 250)

    assert 1 <= size.width <= min(250, width)
    assert 1 <= size.height <= min(250, height)
    scale = min(1, 250 / width, 250 / height)
    assert abs(size.width - max(1, width * scale)) <= 0.5 + 1e-9
    assert abs(size.height - max(1, height * scale)) <= 0.5 + 1e-9


@pytest.mark.parametrize("orientation", range(1, 9))
def test_ir_02_all_eight_orientations_come_out_upright(orientation: int) -> None:
    upright = gradient(300, 200)
    turn = UNDO[orientation]
    stored = upright if turn is None else upright.transpose(turn)
    file = io.BytesIO()
    stored.save(file, "PNG")

    copy = upright_copy(read_container(file.getvalue()), orientation, 300)

    assert copy.tobytes() == upright.tobytes()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_ir_02_pillow_agrees_on_what_upright_is(orientation: int) -> None:
    from PIL import ImageOps

    body = with_exif(jpeg(64, 48), tiff({0x0112: orientation}))
    with Image.open(io.BytesIO(body)) as picture:
        expected = ImageOps.exif_transpose(picture)

    copy = upright_copy(read_container(body), orientation, 64)

    assert copy.size == expected.size
    assert copy.tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    ("mode", "becomes"),
    [("L", "L"), ("LA", "LA"), ("RGB", "RGB"), ("RGBA", "RGBA"), ("P", "RGB"), ("1", "L")],
)
def test_a_png_stays_a_png_with_its_transparency(mode: str, becomes: str) -> None:
    data, _ = render(read_container(png(300, 200, mode=mode)), 1)

    with Image.open(io.BytesIO(data)) as thumbnail:
        assert (thumbnail.format, thumbnail.mode, thumbnail.size) == ("PNG", becomes, (250, 167))


@pytest.mark.parametrize(("mode", "becomes"), [("RGB", "RGBA"), ("L", "LA"), ("P", "RGBA")])
def test_a_transparent_colour_stays_transparent(mode: str, becomes: str) -> None:
    clear: object = (0, 0, 40) if mode == "RGB" else 0

    data, _ = render(read_container(png(100, 80, mode=mode, transparency=clear)), 1)

    with Image.open(io.BytesIO(data)) as thumbnail:
        assert thumbnail.mode == becomes


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_jpeg_stays_a_jpeg(mode: str) -> None:
    data, _ = render(read_container(jpeg(300, 200, mode=mode)), 1)

    with Image.open(io.BytesIO(data)) as thumbnail:
        assert (thumbnail.format, thumbnail.mode) == ("JPEG", "L" if mode == "L" else "RGB")


def test_sixteen_bits_become_eight() -> None:
    ramp = Image.linear_gradient("L").convert("I").point(lambda value: value * 257).convert("I;16")
    file = io.BytesIO()
    ramp.resize((16, 250)).save(file, "PNG")

    data, _ = render(read_container(file.getvalue()), 1)

    with Image.open(io.BytesIO(data)) as thumbnail:
        assert thumbnail.mode == "L"
        low, middle, high = (thumbnail.getpixel((8, row)) for row in (0, 125, 249))
        assert (low < 3, 124 < middle < 132, high > 252) == (True, True, True)


def test_ir_02_no_metadata_comes_through() -> None:
    private = tiff({0x010F: "Maker"}, gps={1: "N", 2: [(51, 1)]})
    photographs = [
        with_exif(jpeg(300, 200, comment=b"secret"), private),
        with_chunk(with_chunk(png(300, 200, dpi=(72, 72)), b"eXIf", private), b"tEXt", b"Comment\0secret"),
    ]

    for photograph in photographs:
        data, _ = render(read_container(photograph), 1)

        for trace in (b"Exif", b"eXIf", b"Maker", b"secret", b"tEXt", b"iCCP", b"ICC_PROFILE", b"pHYs"):
            assert trace not in data


def test_a_tail_does_not_come_through() -> None:
    data, _ = render(read_container(png(32, 32) + b"PK\3\4tail"), 1)

    assert b"tail" not in data


def test_ir_02_colours_go_through_the_profile() -> None:
    grey = Image.new("RGB", (300, 200), (128, 128, 128))
    file = io.BytesIO()
    grey.save(file, "PNG", icc_profile=linear_profile())

    data, _ = render(read_container(file.getvalue()), 1)

    with Image.open(io.BytesIO(data)) as thumbnail:
        red, green, blue = thumbnail.convert("RGB").getpixel((100, 80))
    assert red == pytest.approx(188, abs=3)  # half the light is 188 in sRGB
    assert (green, blue) == pytest.approx((red, red), abs=2)


def test_transparency_survives_the_profile() -> None:
    clear = Image.new("RGBA", (20, 20), (128, 128, 128, 77))
    file = io.BytesIO()
    clear.save(file, "PNG", icc_profile=linear_profile())

    data, _ = render(read_container(file.getvalue()), 1)

    with Image.open(io.BytesIO(data)) as thumbnail:
        assert thumbnail.getpixel((5, 5))[3] == 77


@pytest.mark.parametrize("profile", [b"nonsense", bytes(200)])
def test_a_profile_that_cannot_be_read_is_taken_for_srgb(profile: bytes) -> None:
    with_profile = png(20, 20, icc_profile=profile)

    assert render(read_container(with_profile), 1) == render(read_container(png(20, 20)), 1)


def test_a_profile_for_another_kind_of_picture_is_taken_for_srgb() -> None:
    plain, _ = render(read_container(png(20, 20, mode="L")), 1)

    assert render(read_container(png(20, 20, mode="L", icc_profile=linear_profile())), 1)[0] == plain


def linear_profile() -> bytes:
    """Return the profile of sRGB with its three curves replaced by a straight line."""
    body = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(body[128:132], "big")
    curve = b"curv" + bytes(4) + (0).to_bytes(4, "big")  # ICC.1 10.6: no entries is the identity
    for index in range(count):
        entry = 132 + 12 * index
        if body[entry : entry + 4] in (b"rTRC", b"gTRC", b"bTRC"):
            start = int.from_bytes(body[entry + 4 : entry + 8], "big")
            body[start : start + len(curve)] = curve
            body[entry + 8 : entry + 12] = len(curve).to_bytes(4, "big")
    return bytes(body)
