"""MT-09, MT-11 and MT-12: what addresses ask for, and what is refused."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.errors import Forbidden, InvalidInput
from tasks.media.models import Transform, TransformRequest
from tasks.media.parsing import derived_key, etag, parse, takes_webp
from tasks.media.signing import expiry, sign

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def read(path: str, query: Mapping[str, str] | None = None, **more: str) -> TransformRequest:
    return parse(path, query or {}, more.pop("accept", ""), NOW, **more)


SAME = [
    ("300x200/a.jpg", {"width": "300", "height": "200", "fit": "cover"}),
    ("unsafe/300x200/a.jpg", {"width": "300", "height": "200", "fit": "cover"}),
    ("300x/a.jpg", {"width": "300"}),
    ("300x0/a.jpg", {"width": "300"}),
    ("x200/a.jpg", {"height": "200"}),
    ("-300x-200/a.jpg", {"width": "300", "height": "200", "fit": "cover", "flip": "", "flop": ""}),
    ("-x/a.jpg", {"flop": "true"}),
    ("fit-in/300x200/a.jpg", {"width": "300", "height": "200"}),
    ("full-fit-in/300x200/a.jpg", {"width": "300", "height": "200", "fit": "outside"}),
    ("10x20:110x220/50x100/a.jpg", {"crop": "10,20,100,200", "width": "50", "height": "100", "fit": "cover"}),
    ("300x200/smart/a.jpg", {"width": "300", "height": "200", "fit": "cover", "focal": "auto"}),
    ("300x200/left/top/a.jpg", {"width": "300", "height": "200", "fit": "cover", "focal": "0,0"}),
    ("300x200/bottom/a.jpg", {"width": "300", "height": "200", "fit": "cover", "focal": "0.5,1"}),
    ("300x200/center/middle/a.jpg", {"width": "300", "height": "200", "fit": "cover"}),
    ("filters:quality(70)/a.jpg", {"quality": "70"}),
    ("filters:format(jpg)/a.png", {"format": "jpeg"}),
    ("filters:grayscale():blur(2.5)/a.jpg", {"grayscale": "1", "blur": "2.5"}),
    ("filters:blur(7,3)/a.jpg", {"blur": "3"}),
    ("filters:rotate(90)/a.jpg", {"rotate": "270"}),
    ("filters:sharpen(2,1.0,true)/a.jpg", {"sharpen": "true"}),
    ("300x200/filters:upscale()/a.jpg", {"width": "300", "height": "200", "fit": "cover", "enlarge": "true"}),
    (
        "300x200/filters:no_upscale():strip_exif():strip_icc()/a.jpg",
        {"width": "300", "height": "200", "fit": "cover"},
    ),
    (
        "fit-in/300x200/filters:fill(white)/a.jpg",
        {"width": "300", "height": "200", "fit": "contain", "background": "#fff"},
    ),
    ("filters:background_color(0000FF80)/a.png", {"background": "#0000ff80"}),
    ("400x200/filters:proportion(0.5)/a.jpg", {"width": "200", "height": "100", "fit": "cover"}),
    (
        "300x200/filters:smart_crop()/a.jpg",
        {"width": "300", "height": "200", "fit": "cover", "focal": "auto"},
    ),
]


@pytest.mark.parametrize(("path", "query"), SAME, ids=[path for path, _ in SAME])
def test_mt_12_thumbors_paths_ask_for_the_same_as_the_query_does(path: str, query: dict[str, str]) -> None:
    by_path, by_query = read(path), read(path.rsplit("/", 1)[1], query)

    assert by_path == by_query
    assert by_path.derived == by_query.derived


@pytest.mark.parametrize(
    ("path", "query", "message"),
    [
        ("a.jpg", {}, "nothing is asked for: write a size before the key, as 300x200/, or a query"),
        ("0x0/a.jpg", {}, "'0x0' says no size"),
        ("x/a.jpg", {}, "'x' says no size"),
        ("99999x99999/a.jpg", {}, "width: .*8192; it is '99999'"),
        ("9999999999x1/a.jpg", {}, "width is '9999999999', and must be a whole number"),
        ("a.jpg", {"width": "-5"}, "width: .*greater than or equal to 1; it is '-5'"),
        ("a.jpg", {"width": "٣"}, "width is '٣', and must be a whole number"),
        ("a.jpg", {"width": "1e3"}, "width is '1e3'"),
        ("a.jpg", {"dpr": "nan"}, "dpr is 'nan', and must be a number"),
        ("a.jpg", {"dpr": "2."}, "dpr is '2.'"),
        ("a.jpg", {"dpr": "5"}, "dpr: "),
        ("a.jpg", {"width": "8000", "dpr": "2"}, "width times dpr is over 8192 pixels"),
        ("a.jpg", {"fit": "crop"}, "fit: .*'inside'"),
        ("a.jpg", {"rotate": "45"}, "rotate: "),
        ("a.jpg", {"flip": "perhaps"}, "flip is 'perhaps', and must be true or false"),
        ("a.jpg", {"format": "bmp"}, "format: "),
        ("a.jpg", {"background": "beige"}, "'beige' is no colour"),
        ("a.jpg", {"background": "#12"}, "'#12' is no colour"),
        ("a.jpg", {"focal": "left"}, "focal is 'left'"),
        ("a.jpg", {"focal": "2,0"}, "focal is '2,0', and its shares go from 0 to 1"),
        ("a.jpg", {"crop": "1,2,3"}, "crop is '1,2,3', and must be left,top,width,height"),
        ("a.jpg", {"crop": "0,0,0,5"}, "crop.width: "),
        ("a.jpg", {"widht": "5"}, "'widht' is nothing that can be asked for; did you mean width?"),
        ("a.jpg", {"\0": "5"}, "is nothing that can be asked for: there are background"),
        ("300x200/a.jpg", {"width": "5"}, "width is in the path and in the query"),
        ("5x5:5x9/a.jpg", {}, "'5x5:5x9' cuts nothing out"),
        ("filters:quality(70/a.jpg", {}, "filters: 'quality\\(70' is none"),
        ("filters:quality(70)x/a.jpg", {}, "is none"),
        ("filters:quality()/a.jpg", {}, "the filter quality takes one value, and has 0"),
        ("filters:blur(1,2,3)/a.jpg", {}, "the filter blur takes one or two values, and has 3"),
        ("filters:swirl(3)/a.jpg", {}, "there is no filter 'swirl': there are background_color, blur"),
        ("9x9/filters:proportion(2)/a.jpg", {}, "proportion is 2.0, and must be over 0 and at most 1"),
        ("filters:proportion(0.5)/a.jpg", {}, "proportion is of a size, and there is none"),
        ("", {"width": "5"}, "the address has no key"),
        ("300x200", {}, "nothing is asked for"),
        ("300x200/../secret.jpg", {}, "the key has an empty part, or one that is . or .."),
        ("300x200/a//b.jpg", {}, "the key has an empty part"),
        ("300x200/a\0.jpg", {}, "cannot be printed"),
        ("300x200/" + "ü" * 451, {}, "the key is longer than 900 bytes"),
    ],
)
def test_mt_09_what_cannot_be_read_is_refused_by_name(path: str, query: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read(path, query)


@pytest.mark.parametrize(
    "key", ["søl/mørk fjord.jpg", "100% owl.jpg", "a+b.jpg", "300x200.jpg", "日本/写真.png"]
)
def test_keys_are_taken_as_they_are(key: str) -> None:
    assert read(f"30x20/{key}").key == key


def test_what_a_fit_needs_two_sides_for_is_within_the_one_that_is_there() -> None:
    assert read("300x/a.jpg").transform.fit == "inside"
    assert read("a.jpg", {"height": "20", "fit": "fill"}).transform.fit == "inside"
    assert read("a.jpg", {"height": "20", "fit": "outside"}).transform.fit == "outside"


def test_a_derived_key_has_a_hash_of_the_transform_the_key_and_the_formats_extension() -> None:
    found = read("300x200/filters:format(webp)/holiday/owl.jpg").derived

    kind, name, key = found.split("/", 2)
    assert (kind, len(name), key) == ("derived", 20, "holiday/owl.jpg.webp")
    assert read("300x200/owl.jpg").derived.endswith("/owl.jpg")
    assert read("300x201/filters:format(webp)/holiday/owl.jpg").derived != found


@pytest.mark.parametrize(
    ("accept", "takes"),
    [
        ("", False),
        ("*/*", False),
        ("image/*", False),
        ("text/html,image/webp,*/*;q=0.8", True),
        ("IMAGE/WEBP", True),
        ("image/webp;q=0.5", True),
        ("image/webp;q=0", False),
        ("image/webp; q=0.000", False),
        ("image/webpx", False),
    ],
)
def test_webp_is_for_clients_that_name_it(accept: str, takes: bool) -> None:
    assert takes_webp(accept) is takes
    assert read("9x9/a.jpg", accept=accept).transform.format == ("webp" if takes else "auto")
    assert read("9x9/filters:format(png)/a.jpg", accept=accept).transform.format == "png"


PATH, SECRET = "300x200/søl/a b.jpg", "s3cret"


def signed(path: str = PATH, **query: str) -> dict[str, str]:
    return {**query, "signature": sign(path, query, SECRET)}


def test_mt_11_a_signed_address_is_good_until_it_expires() -> None:
    ends = expiry(NOW + timedelta(seconds=1))

    assert read(PATH, signed(), secret=SECRET).key == "søl/a b.jpg"
    assert read(PATH, signed(quality="70"), secret=SECRET).transform.quality == 70
    assert read(PATH, signed(expires=ends), secret=SECRET).key == "søl/a b.jpg"
    with pytest.raises(Forbidden, match="the address was good until 20260501T120000Z"):
        read(PATH, signed(expires=expiry(NOW)), secret=SECRET)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("300x201/søl/a b.jpg", signed()),
        (PATH, {**signed(quality="70"), "quality": "71"}),
        (PATH, {**signed(), "quality": "71"}),
        (PATH, {**signed(expires="20270101T000000Z"), "expires": "20280101T000000Z"}),
        (PATH, {"signature": signed(expires="20270101T000000Z")["signature"]}),
        (PATH, {"signature": ""}),
        (PATH, {"signature": "é"}),
    ],
)
def test_mt_11_an_altered_address_is_forbidden(path: str, query: dict[str, str]) -> None:
    with pytest.raises(Forbidden, match="the signature does not fit this address"):
        read(path, query, secret=SECRET)


@pytest.mark.parametrize(
    "ends",
    ["", "tomorrow", "2026-05-02T00:00:00Z", "20261302T000000Z", "20260502T000000", "20260502T0000 0Z"],
)
def test_mt_11_an_expiry_that_is_no_moment_is_refused(ends: str) -> None:
    with pytest.raises(InvalidInput, match=r"expires is .*must be as 20261224T180000Z"):
        read(PATH, signed(expires=ends), secret=SECRET)


def test_mt_11_without_a_signature_only_what_is_allowed_to_all_is_made() -> None:
    presets = "300x200 fit-in/640x640/filters:quality(60)"

    assert read(PATH, secret=SECRET, presets=presets).transform.width == 300
    assert read("a", {"width": "640", "height": "640", "quality": "60"}, presets=presets).key == "a"
    with pytest.raises(Forbidden, match="this is for signed addresses only"):
        read(PATH, secret=SECRET)
    with pytest.raises(Forbidden, match="this is for signed addresses only"):
        read(PATH, {"quality": "70"}, secret=SECRET, presets=presets)
    with pytest.raises(Forbidden, match="there are only 300x200 fit-in"):
        read("301x200/a", presets=presets)


def test_an_order_of_the_query_says_nothing() -> None:
    first, second = {"width": "5", "quality": "7"}, {"quality": "7", "width": "5"}

    assert sign("a", first, SECRET) == sign("a", second, SECRET)
    assert read("a", first) == read("a", second)


def test_the_tag_changes_with_the_original_and_with_the_transform() -> None:
    tags = {etag(source, Transform(quality=quality)) for source in ("1", "2") for quality in (70, 80)}

    assert len(tags) == 4


@given(st.text(max_size=60), st.dictionaries(st.text(max_size=8), st.text(max_size=12), max_size=3))
def test_whatever_is_sent_is_read_or_refused(path: str, query: dict[str, str]) -> None:
    try:
        found = read(path, query, secret=SECRET, presets="300x200")
    except (InvalidInput, Forbidden):
        return
    assert found.derived == derived_key(found.key, found.transform)
