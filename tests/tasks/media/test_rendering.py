"""MT-05, MT-07 and MT-10: what is made of pictures of every kind."""

from io import BytesIO

import pytest
from PIL import Image, ImageCms

from tasks.errors import Corrupt, InvalidInput, TooLarge, Unsupported
from tasks.media.drawing import most_seen
from tasks.media.models import Cut, Transform
from tasks.media.rendering import Rendered, inspect, render
from tests.shared_data import SHARED, needs_shared
from tests.tasks.pictures.made_pictures import gradient, jpeg, png, png_header, tiff, with_exif, with_segment

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def opened(made: Rendered) -> Image.Image:
    picture = Image.open(BytesIO(made.data))
    picture.load()
    assert picture.size == (made.width, made.height)
    assert Image.MIME[picture.format or ""] == made.content_type
    return picture


def corners(width: int = 80, height: int = 40) -> Image.Image:
    """Red, green, blue and white, from the top left, by rows."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(GREEN, (width // 2, 0, width, height // 2))
    picture.paste(BLUE, (0, height // 2, width // 2, height))
    picture.paste(WHITE, (width // 2, height // 2, width, height))
    return picture


def saved(picture: Image.Image, format: str = "PNG", **options: object) -> bytes:
    file = BytesIO()
    picture.save(file, format, **options)
    return file.getvalue()


def seen(picture: Image.Image) -> list[str]:
    """The colours of the four corners, by name."""
    names = {RED: "red", GREEN: "green", BLUE: "blue", WHITE: "white"}
    plain = picture.convert("RGB")
    width, height = plain.size
    places = [(2, 2), (width - 3, 2), (2, height - 3), (width - 3, height - 3)]
    return [
        min(names.items(), key=lambda each: sum(abs(a - b) for a, b in zip(each[0], color, strict=True)))[1]
        for color in (plain.getpixel(place) for place in places)
    ]


STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""Orientation mark -> how an upright picture is stored under it."""


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("fields", [{}, {"width": 40}, {"width": 20, "height": 20, "fit": "cover"}])
def test_mt_05_all_orientations_give_the_same_upright_picture(
    orientation: int, fields: dict[str, object]
) -> None:
    turn = STORED[orientation]
    stored = corners() if turn is None else corners().transpose(turn)
    body = with_exif(saved(stored, "JPEG", quality=95), tiff({0x0112: orientation}))
    transform = Transform.model_validate(fields)

    made, plain = (
        opened(render(body, transform)),
        opened(render(saved(corners(), "JPEG", quality=95), transform)),
    )

    assert seen(made) == ["red", "green", "blue", "white"]
    assert made.size == plain.size
    assert "exif" not in made.info


def test_a_cut_is_of_the_upright_picture() -> None:
    stored = corners().transpose(Image.Transpose.ROTATE_90)
    body = with_exif(saved(stored, "JPEG", quality=95), tiff({0x0112: 6}))
    made = opened(render(body, Transform(crop=Cut(left=40, top=0, width=40, height=20))))

    assert made.size == (40, 20)
    assert seen(made) == ["green"] * 4


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"rotate": 90}, ["blue", "red", "white", "green"]),
        ({"rotate": 180}, ["white", "blue", "green", "red"]),
        ({"rotate": 270}, ["green", "white", "red", "blue"]),
        ({"flip": True}, ["blue", "white", "red", "green"]),
        ({"flop": True}, ["green", "red", "white", "blue"]),
    ],
)
def test_turning_is_clockwise_flip_is_top_to_bottom_and_flop_left_to_right(
    fields: dict[str, object], expected: list[str]
) -> None:
    assert seen(opened(render(saved(corners()), Transform.model_validate(fields)))) == expected


KINDS = {
    "CMYK": saved(gradient(60, 40).convert("CMYK"), "JPEG", quality=90),
    "grey of 16 bits": saved(Image.linear_gradient("L").resize((60, 40)).convert("I;16")),
    "palette": saved(gradient(60, 40).convert("P")),
    "palette with transparency": saved(gradient(60, 40).convert("P"), transparency=0),
    "alpha": saved(gradient(60, 40).convert("RGBA")),
    "grey": saved(gradient(60, 40).convert("L"), "JPEG"),
    "grey and alpha": saved(gradient(60, 40).convert("LA")),
    "one bit": saved(gradient(60, 40).convert("1")),
    "one pixel": png(1, 1),
    "a strip": png(4000, 3),
    "gif": saved(gradient(60, 40), "GIF"),
    "webp": saved(gradient(60, 40), "WEBP"),
}


@pytest.mark.parametrize("format", ["auto", "jpeg", "png", "webp", "gif"])
@pytest.mark.parametrize("kind", KINDS)
def test_mt_07_every_kind_of_picture_becomes_a_valid_one_in_srgb(kind: str, format: str) -> None:
    made = opened(render(KINDS[kind], Transform.model_validate({"width": 30, "format": format})))

    assert made.mode in ("L", "LA", "RGB", "RGBA", "P")
    assert "icc_profile" not in made.info
    if format not in ("auto", "gif"):
        assert made.format == format.upper()


def test_mt_07_sixteen_bits_are_scaled_and_not_cut_off() -> None:
    dark = Image.new("I;16", (8, 8), 0x4000)

    assert opened(render(saved(dark), Transform(format="png"))).getpixel((4, 4)) == 64


def test_mt_10_a_wide_profile_is_converted_and_its_colours_are_not_taken_for_srgb() -> None:
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    body = saved(Image.new("RGB", (8, 8), (200, 30, 60)), "JPEG", icc_profile=lab, quality=100)
    other = saved(Image.new("RGB", (8, 8), (200, 30, 60)), "JPEG", icc_profile=swapped, quality=100)

    for each in (body, other):
        made = opened(render(each, Transform(format="png")))
        assert "icc_profile" not in made.info
        assert all(abs(a - b) < 8 for a, b in zip(made.getpixel((4, 4)), (200, 30, 60), strict=True))


@pytest.mark.parametrize("format", ["jpeg", "png", "webp", "gif"])
def test_mt_10_nothing_of_the_file_but_its_picture_is_passed_on(format: str) -> None:
    gps = {1: "N", 2: [(52, 1), (1, 1), (0, 1)], 3: "E", 4: [(5, 1), (1, 1), (0, 1)]}
    body = with_exif(jpeg(), tiff({0x010F: "SecretMaker"}, gps=gps))
    body = with_segment(body, 0xFE, b"secret comment") + b"<script>secret trailer</script>"

    made = render(body, Transform.model_validate({"format": format}))

    assert all(each not in made.data for each in (b"SecretMaker", b"secret", b"Exif", b"GPS"))
    assert not opened(made).getexif()


def test_mt_10_metadata_is_kept_where_that_is_asked_and_says_that_the_picture_is_upright() -> None:
    body = with_exif(jpeg(), tiff({0x010F: "Maker", 0x0112: 6}))

    for format in ("jpeg", "png", "webp"):
        made = opened(render(body, Transform.model_validate({"format": format, "keep_metadata": True})))
        assert (made.getexif()[0x010F], made.getexif()[0x0112]) == ("Maker", 1)
        assert made.size == (80, 100)


def test_damaged_metadata_is_left_out_and_the_picture_is_made() -> None:
    body = with_exif(jpeg(), b"II*\0\xff\xff\xff\xff")

    assert not opened(render(body, Transform(keep_metadata=True))).getexif()


def test_auto_is_what_the_original_is_and_never_webp_for_those_who_did_not_ask_for_it() -> None:
    formats = {kind: opened(render(body, Transform(width=20))).format for kind, body in KINDS.items()}

    assert (formats["CMYK"], formats["alpha"], formats["gif"], formats["webp"]) == (
        "JPEG",
        "PNG",
        "GIF",
        "JPEG",
    )
    see_through = saved(Image.new("RGBA", (9, 9), (9, 9, 9, 9)), "WEBP")
    assert opened(render(see_through, Transform())).format == "PNG"


def test_transparency_is_kept_where_it_can_be_and_has_a_background_elsewhere() -> None:
    body = saved(Image.new("RGBA", (10, 10), (255, 0, 0, 0)))

    assert opened(render(body, Transform(format="webp"))).getpixel((5, 5))[3] == 0
    assert opened(render(body, Transform(format="png"))).getpixel((5, 5))[3] == 0
    assert opened(render(body, Transform(format="jpeg"))).getpixel((5, 5)) == WHITE
    assert opened(render(body, Transform(format="jpeg", background="#0000ff"))).getpixel((5, 5))[2] > 250
    assert opened(render(body, Transform(format="png", background="#00ff00"))).getpixel((5, 5)) == GREEN


def test_contain_puts_the_picture_into_the_middle_of_a_canvas() -> None:
    body = saved(Image.new("RGB", (40, 20), RED))
    clear = opened(render(body, Transform(width=40, height=40, fit="contain")))
    blue = opened(render(body, Transform(width=40, height=40, fit="contain", background="#0000ff")))

    assert (clear.size, clear.getpixel((20, 20))[:3], clear.getpixel((1, 1))[3]) == ((40, 40), RED, 0)
    assert (blue.mode, blue.getpixel((20, 20)), blue.getpixel((1, 1)), blue.getpixel((1, 38))) == (
        "RGB",
        RED,
        BLUE,
        BLUE,
    )


def test_colours_can_be_taken_away_and_edges_blurred_or_sharpened() -> None:
    body = saved(corners())
    plain = opened(render(body, Transform())).convert("L")
    grey = opened(render(body, Transform(grayscale=True)))
    blurred = opened(render(body, Transform(blur=2.0))).convert("L")
    sharp = opened(render(saved(blurred), Transform(sharpen=True))).convert("L")

    assert grey.mode == "L"
    assert abs(plain.getpixel((39, 5)) - plain.getpixel((40, 5))) > 3 * abs(
        blurred.getpixel((39, 5)) - blurred.getpixel((40, 5))
    )
    assert sharp.getpixel((42, 5)) != blurred.getpixel((42, 5))


def test_quality_and_density_say_what_they_say() -> None:
    fine, coarse = (render(jpeg(400, 300), Transform(quality=quality)) for quality in (95, 30))

    assert len(coarse.data) < len(fine.data) / 2
    assert render(jpeg(400, 300), Transform(width=100, dpr=2.0)).width == 200


def animation(frames: int = 3, *, format: str = "GIF", size: int = 30) -> bytes:
    colors = [RED, GREEN, BLUE, WHITE]
    pictures = [Image.new("RGB", (size, size), colors[each % 4]) for each in range(frames)]
    return saved(
        pictures[0],
        format,
        save_all=True,
        append_images=pictures[1:],
        duration=[40, 60, 80, 40][:frames],
        loop=0,
    )


@pytest.mark.parametrize("original", ["GIF", "WEBP"])
def test_an_animation_moves_as_gif_and_webp_and_is_its_first_frame_elsewhere(original: str) -> None:
    body = animation(format=original)
    moving = [
        Image.open(BytesIO(render(body, Transform(format=format, width=12)).data))
        for format in ("gif", "webp")
    ]
    still = [opened(render(body, Transform(format=format))) for format in ("jpeg", "png")]

    for each in moving:
        assert (each.n_frames, each.size, each.info.get("loop")) == (3, (12, 12), 0)
        shown = []
        for index in range(3):
            each.seek(index)
            shown.append(seen(each)[0])
        assert shown == ["red", "green", "blue"]
    for each in still:
        assert getattr(each, "n_frames", 1) == 1
        assert seen(each)[0] == "red"


def test_an_animation_of_too_many_pixels_is_refused_with_what_to_ask_for() -> None:
    small = animation(3)
    body = small[:6] + 2 * (4100).to_bytes(2, "little") + small[10:]

    with pytest.raises(TooLarge, match=r"3 frames of 4100 x 4100 .*ask for JPEG or PNG"):
        render(body, Transform(width=10))
    assert render(body, Transform(width=10, format="png")).width == 10


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", Unsupported),
        (b"hello, I am text.jpg", Unsupported),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Unsupported),
        (jpeg()[:-400], Corrupt),
        (png_header(20_000, 20_000), TooLarge),
        (bytes(27_000_000), TooLarge),
    ],
)
def test_what_is_no_picture_is_refused_from_its_header(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        inspect(body)
    with pytest.raises(error):
        render(body, Transform(width=10))


def test_the_header_is_told_without_decoding() -> None:
    found = inspect(animation())

    assert (found.format, found.width, found.height, found.frames) == ("GIF", 30, 30, 3)


def test_what_does_not_decode_is_corrupt() -> None:
    body = bytearray(saved(gradient(64, 64), "WEBP"))
    body[34:] = b"\xff" * (len(body) - 34)

    with pytest.raises(Corrupt, match="does not decode"):
        render(bytes(body), Transform(width=10))


def test_a_picture_that_is_too_small_for_the_cut_is_refused() -> None:
    with pytest.raises(InvalidInput, match="outside of 100 x 80 pixels"):
        render(jpeg(), Transform(crop=Cut(left=100, top=0, width=5, height=5)))


def test_most_is_seen_where_the_edges_are() -> None:
    picture = Image.new("RGB", (200, 100), WHITE)
    picture.paste(corners(30, 30), (160, 60))

    found = most_seen(picture)
    made = opened(render(saved(picture), Transform(width=40, height=40, fit="cover", focal="auto")))

    assert found.x == pytest.approx(0.875, abs=0.03)
    assert found.y == pytest.approx(0.75, abs=0.05)
    assert made.convert("RGB").getcolors(1600) != [(1600, WHITE)]
    assert most_seen(Image.new("RGB", (50, 50))) == most_seen(Image.new("L", (2, 2)))


@needs_shared
def test_every_shared_photograph_becomes_a_picture_or_is_refused_by_name() -> None:
    refused: dict[str, str] = {}
    for path in sorted((SHARED / "images").glob("*.*")):
        if path.suffix in (".json", ".md"):
            continue
        try:
            made = opened(
                render(path.read_bytes(), Transform(width=120, height=90, fit="cover", format="webp"))
            )
            assert made.format == "WEBP"
        except (Corrupt, TooLarge, Unsupported) as error:
            refused[path.name] = type(error).__name__

    assert refused == {
        "bomb.gif": "TooLarge",
        "bomb_20000x20000.png": "TooLarge",
        "cheers.heic": "Unsupported",
        "empty.jpg": "Unsupported",
        "text_named.jpg": "Unsupported",
        "truncated.jpg": "Corrupt",
    }
