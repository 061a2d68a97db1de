"""IR-07: keys of every kind, their thumbnails and their owners."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.image_recognition.keys import FOLDERS, Folders, execution_name


@pytest.mark.parametrize(
    ("key", "thumbnail", "owner"),
    [
        ("alice/uploads/photo.jpg", "alice/resized/photo.jpg", "alice"),
        (
            "private/eu:1/photos/uploads/a b+c%2F.jpg",
            "private/eu:1/photos/resized/a b+c%2F.jpg",
            "private/eu:1/photos",
        ),
        ("uploads/photo.jpg", "resized/photo.jpg", "-"),
        ("alice/uploads/2021/photo", "alice/resized/2021/photo", "alice"),
        ("alice/uploads/a.b.jpg", "alice/resized/a.b.jpg", "alice"),
        ("alice/uploads/über/\U0001f600..png", "alice/resized/über/\U0001f600..png", "alice"),
        ("holiday/photo.jpg", "holiday/resized/photo.jpg", "holiday"),
        ("photo.jpg", "resized/photo.jpg", "-"),
        ("in/../../etc/passwd", "in/../../etc/resized/passwd", "in/../../etc"),
    ],
)
def test_ir_07_the_thumbnail_lies_beside_the_uploads(key: str, thumbnail: str, owner: str) -> None:
    assert FOLDERS.thumbnail_key(key) == thumbnail
    assert FOLDERS.owner(key) == owner


def test_ir_07_two_photographs_that_differ_after_a_dot_are_two() -> None:
    assert FOLDERS.thumbnail_key("a/uploads/p.b.jpg") != FOLDERS.thumbnail_key("a/uploads/p.c.jpg")


@given(
    st.text(max_size=30), st.sampled_from(["", "/uploads/", "uploads/", "/resized/"]), st.text(max_size=30)
)
def test_ir_07_a_thumbnail_never_starts_an_execution(start: str, folder: str, name: str) -> None:
    thumbnail = FOLDERS.thumbnail_key(start + folder + name)

    assert FOLDERS.is_thumbnail(thumbnail)
    assert not FOLDERS.is_upload(thumbnail)


def test_folders_may_have_other_names() -> None:
    folders = Folders(uploads="in", resized="thumbs")

    assert folders.is_upload("in/a.jpg")
    assert not folders.is_upload("thumbs/in/a.jpg")
    assert folders.thumbnail_key("in/a.jpg") == "thumbs/a.jpg"


def test_an_execution_is_named_after_the_object_and_its_state() -> None:
    name = execution_name("photos", "a/uploads/b.jpg", "etag")

    assert name == execution_name("photos", "a/uploads/b.jpg", "etag")
    assert name != execution_name("photos", "a/uploads/b.jpg", "other")
    assert name != execution_name("photosa", "/uploads/b.jpg", "etag")
    assert len(name) == len("image-") + 40
