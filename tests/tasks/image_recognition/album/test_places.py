"""Which album a request is about, and what a photograph is called, however its file is."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.http import Refused, Request
from tasks.image_recognition.album.places import (
    album_of,
    clean_name,
    cookie,
    open_album,
    place_of_id,
    place_of_key,
    place_of_upload,
    token_of,
)
from tasks.image_recognition.keys import FOLDERS

TOKEN = "a" * 43
ALBUM = album_of(TOKEN)


def asking(cookies: dict[str, str] | None = None, **headers: str) -> Request:
    return Request(
        method="GET", path="/photographs", route="/photographs", cookies=cookies or {}, headers=headers
    )


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("sea.jpg", "sea.jpg"),
        ("C:\\Users\\ada\\sea.jpg", "sea.jpg"),
        ("/etc/passwd", "passwd"),
        ("..", "photograph"),
        ("", "photograph"),
        ("a/", "photograph"),
        (" .hidden ", "hidden"),
        ("<img src=x onerror=alert(1)>.jpg", "<img src=x onerror=alert(1)>.jpg"),
        ("evil\u202egpj.exe", "evilgpj.exe"),
        ("nul\0\n\x7f.png", "nul.png"),
        ("cafe\u0301.png", "café.png"),
        ("é" * 300, "é" * 100),
        ("+%2F ß 東京.jpg", "+%2F ß 東京.jpg"),
    ],
)
def test_ir_07_a_name_keeps_what_can_be_seen(name: str, clean: str) -> None:
    assert clean_name(name) == clean


@given(name=st.text(st.characters(exclude_categories=["Cs"]), max_size=120), content=st.binary(max_size=8))
def test_ir_07_a_photograph_of_any_name_is_found_again_and_is_an_upload(name: str, content: bytes) -> None:
    place = place_of_upload(ALBUM, name, content)

    assert clean_name(place.name) == place.name
    assert place_of_id(ALBUM, place.id) == place == place_of_key(ALBUM, place.key)
    assert FOLDERS.is_upload(place.key)
    assert FOLDERS.owner(place.key) == ALBUM.name
    assert len(place.key.encode()) < 500


def test_the_same_file_is_the_same_photograph_and_another_name_or_content_is_another() -> None:
    places = {
        place_of_upload(ALBUM, name, content).key
        for name, content in [("a.jpg", b"1"), ("a.jpg", b"1"), ("b.jpg", b"1"), ("a.jpg", b"2")]
    }

    assert len(places) == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "../../etc/passwd",
        f"{'0' * 32}",
        f"{'0' * 32}/",
        f"{'0' * 32}/a/b",
        f"{'0' * 32}/..",
        f"{'Z' * 32}/a",
    ],
)
def test_what_is_called_like_no_photograph_is_not_there(text: str) -> None:
    id = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    with pytest.raises(Refused, match="no such photograph"):
        place_of_id(ALBUM, id)


@pytest.mark.parametrize("id", ["%", "ä", "_" * 7, "A" * 5000])
def test_what_is_no_id_is_not_there(id: str) -> None:
    with pytest.raises(Refused, match="no such photograph"):
        place_of_id(ALBUM, id)


def test_an_album_is_opened_by_its_token_alone() -> None:
    assert open_album(asking({"album": TOKEN})) == ALBUM
    assert TOKEN not in ALBUM.name
    assert album_of("b" * 43) != ALBUM
    for cookies in ({}, {"album": ""}, {"album": TOKEN[:-1]}, {"album": "../" + "a" * 40}, {"other": TOKEN}):
        assert token_of(asking(cookies)) is None
        with pytest.raises(Refused, match="no such photograph"):
            open_album(asking(cookies))


@pytest.mark.parametrize(
    ("host", "is_secure"),
    [
        ("album.example", True),
        ("127.0.0.1:4599", False),
        ("localhost:4599", False),
        ("localhost.example", True),
    ],
)
def test_no_script_reads_the_cookie_and_no_other_page_sends_it(host: str, is_secure: bool) -> None:
    parts = cookie(TOKEN, asking(host=host)).split("; ")

    assert {"HttpOnly", "SameSite=Strict", "Path=/photographs"} <= set(parts)
    assert ("Secure" in parts) is is_secure
