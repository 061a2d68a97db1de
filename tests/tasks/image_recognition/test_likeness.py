"""What photographs are like: measured on their thumbnails, and kept for those that have a record."""

import base64
import math
from pathlib import Path

import pytest
from PIL import Image

from stepsmith.integrations.clients import classifier
from tasks.errors import Corrupt, InvalidInput, Unsupported
from tasks.image_recognition import likeness
from tasks.image_recognition.keys import FOLDERS
from tasks.image_recognition.likeness import Likeness, alike, as_bytes, keep_likeness, measure_likeness
from tasks.image_recognition.records import register
from tests.tasks.image_recognition.studio import BUCKET, NOW, Studio
from tests.tasks.pictures.made_pictures import jpeg

ROOT = Path(__file__).resolve().parents[3]
HAY = (ROOT / "examples" / "photographs" / "hay_bales.jpg").read_bytes()
KEY = "alice/uploads/photo.jpg"
THUMBNAIL = "alice/resized/photo.jpg"
NUMBERS = Likeness(id=KEY, owner="alice", numbers=base64.b64encode(bytes(range(8))).decode())


@pytest.fixture
def studio_with_table(studio: Studio) -> Studio:
    studio.dynamodb.create_table(
        TableName=likeness.TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    return studio


def kept(studio: Studio) -> list[bytes]:
    items = studio.dynamodb.scan(TableName=likeness.TABLE)["Items"]
    return [bytes(item["numbers"]["B"]) for item in items]


@pytest.mark.slow
def test_a_thumbnail_gives_the_numbers_of_its_photograph(studio: Studio) -> None:
    studio.upload(HAY, THUMBNAIL)

    found = measure_likeness(BUCKET, THUMBNAIL)

    assert found is not None
    assert (found.id, found.owner) == (KEY, "alice")
    numbers = base64.b64decode(found.numbers)
    assert (len(numbers), max(numbers)) == (1280, 255)


def test_a_byte_for_each_number_says_the_same_as_the_classifier() -> None:
    installed = classifier.installed_classifier()
    assert installed is not None
    with Image.open(ROOT / "examples" / "photographs" / "hay_bales.jpg") as picture:
        one = installed.recognise(picture)
        other = installed.recognise(picture.crop((100, 60, 560, 390)))
    assert one is not None
    assert other is not None

    (found,) = alike(
        as_bytes(one.features.tolist()), [("x", as_bytes(other.features.tolist()))], least=0.0, most=1
    )

    assert found.likeness == pytest.approx(classifier.likeness(one, other), abs=0.01)


def test_the_likest_come_first_and_what_is_not_alike_is_left_out() -> None:
    one = bytes([3, 4, 0])
    others = [
        ("right", bytes([0, 0, 9])),
        ("same", bytes([6, 8, 0])),
        ("near", bytes([4, 4, 0])),
        ("short", b"\1"),
    ]

    found = alike(one, others, least=0.5, most=5)

    assert [each.id for each in found] == ["same", "near"]
    assert found[0].likeness == 1.0
    assert found[1].likeness == pytest.approx(28 / (5 * math.sqrt(32)), abs=0.001)
    assert [each.id for each in alike(one, others, least=0.5, most=1)] == ["same"]


@pytest.mark.parametrize(("one", "other"), [(bytes(3), b"\1\2\3"), (b"\1\2\3", bytes(3)), (b"", b"")])
def test_nothing_is_like_a_picture_without_numbers(one: bytes, other: bytes) -> None:
    assert alike(one, [("x", other)], least=0.0, most=5) == []


def test_numbers_become_bytes_by_the_largest() -> None:
    assert list(as_bytes([0.0, 1.5, 3.0])) == [0, 128, 255]
    assert as_bytes([0.0, 0.0]) == b"\0\0"
    assert as_bytes([]) == b""


def test_what_is_gone_replaced_or_too_small_has_no_likeness(studio: Studio) -> None:
    gone = measure_likeness(BUCKET, THUMBNAIL)
    etag = studio.upload(jpeg(40, 30), THUMBNAIL)

    assert gone is None
    assert measure_likeness(BUCKET, THUMBNAIL, etag) is None
    assert measure_likeness(BUCKET, THUMBNAIL, "0" * 32) is None


def test_without_a_classifier_there_is_no_likeness(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.upload(jpeg(200, 200), THUMBNAIL)
    monkeypatch.setattr(classifier, "installed_classifier", lambda: None)

    assert measure_likeness(BUCKET, THUMBNAIL) is None


def test_what_is_no_thumbnail_is_refused(studio: Studio) -> None:
    studio.upload(b"hello", THUMBNAIL)
    studio.upload(b"\xff\xd8", "alice/resized/half.jpg")

    with pytest.raises(InvalidInput, match="is no thumbnail"):
        measure_likeness(BUCKET, KEY)
    with pytest.raises(Unsupported):
        measure_likeness(BUCKET, THUMBNAIL)
    with pytest.raises(Corrupt):
        measure_likeness(BUCKET, "alice/resized/half.jpg")


def test_w_04_a_likeness_is_kept_as_often_as_it_comes_and_only_beside_a_record(
    studio_with_table: Studio,
) -> None:
    studio = studio_with_table
    before = keep_likeness(NUMBERS)
    studio.upload(jpeg(), KEY)
    register(BUCKET, KEY, holder="run-1", now=NOW)

    assert not before
    assert [keep_likeness(NUMBERS), keep_likeness(NUMBERS)] == [True, True]
    assert kept(studio) == [bytes(range(8))]
    studio.forget(KEY)
    assert not keep_likeness(NUMBERS)


@pytest.mark.parametrize("key", ["uploads/a.jpg", "alice/uploads/a.jpg", "a/b/uploads/c/d.jpg"])
def test_the_key_of_a_thumbnail_leads_back_to_the_upload(key: str) -> None:
    assert FOLDERS.upload_key(FOLDERS.thumbnail_key(key)) == key
