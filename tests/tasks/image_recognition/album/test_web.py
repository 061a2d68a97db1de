"""What the page's functions answer: an upload starts an execution, and its record is read while and after it runs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stepsmith.cloud.local import LocalCloud
from tasks.image_recognition.album.web import MOST_BYTES
from tasks.image_recognition.likeness import TABLE as LIKENESSES
from tasks.image_recognition.records import TABLE
from tests.tasks.image_recognition.album.visitor import FUNCTIONS, WORKFLOWS, Visitor
from tests.tasks.pictures.made_pictures import jpeg, png, tiff, with_exif

HAY = (Path(__file__).parents[4] / "examples" / "photographs" / "hay_bales.jpg").read_bytes()
HOSTILE = "<script>alert(1)</script>"
TAKEN = tiff(
    {0x010F: HOSTILE, 0x0110: "'\"&lt;"},
    {0x9003: "1999:08:07 06:05:04"},
    {1: "S", 2: [(22, 1), (57, 1), (0, 1)], 3: "W", 4: [(43, 1), (12, 1), (0, 1)]},
)


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(workflows=WORKFLOWS, functions=FUNCTIONS) as cloud:
        yield cloud


@pytest.fixture
def visitor(cloud: LocalCloud) -> Visitor:
    return Visitor(cloud)


def left(visitor: Visitor) -> list[Any]:
    """Give what S3 and DynamoDB have of a visitor's album, versions included."""
    s3, dynamodb = visitor.cloud.client("s3"), visitor.cloud.client("dynamodb")
    found = s3.list_object_versions(Bucket="photographs")
    tables = [dynamodb.scan(TableName=name)["Items"] for name in (TABLE, LIKENESSES)]
    owner = owner_of(visitor)
    objects = [each["Key"] for each in [*found.get("Versions", []), *found.get("DeleteMarkers", [])]]
    return [
        *(key for key in objects if owner in key),
        *(i for t in tables for i in t if i["owner"]["S"] == owner),
    ]


def owner_of(visitor: Visitor) -> str:
    from tasks.image_recognition.album.places import album_of

    return album_of(visitor.cookie.partition("=")[2]).name


@pytest.mark.slow
def test_ir_10_an_upload_is_shown_while_it_waits_and_with_its_facts_afterwards(visitor: Visitor) -> None:
    id = visitor.put("hay.jpg", HAY)
    waiting = visitor.show(id)
    visitor.cloud.settle()
    found = visitor.show(id)

    assert (waiting["status"], waiting["name"]) == ("WAITING", "hay.jpg")
    assert (found["status"], found["camera"]) == ("SUCCEEDED", "FUJIFILM FinePixS2Pro")
    assert found["place"] == {"lat": 51.846666667, "lon": -3.337833333, "altitude_m": None}
    assert found["taken_at"].startswith("2002-07-28")
    assert found["size"] == {"width": 600, "height": 400}
    assert found["thumbnail"] == {"width": 250, "height": 167}
    assert [label["name"] for label in found["labels"]] == ["Hay"]
    assert visitor.names() == ["hay.jpg"]
    assert not {"key", "bucket", "execution", "sha256", "owner"} & found.keys()


@pytest.mark.slow
def test_picture_and_thumbnail_are_pictures_and_nothing_else(visitor: Visitor) -> None:
    id = visitor.upload("a.png", png(300, 200))

    picture, thumbnail = (
        visitor.ask("GET", f"/photographs/{id}/{part}") for part in ("picture", "thumbnail")
    )

    assert picture.body == png(300, 200)
    assert thumbnail.body.startswith(b"\x89PNG")
    for answer in (picture, thumbnail):
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"].startswith("private")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("page.jpg", b"<html><script>alert(1)</script>", "unsupported: text is not processed"),
        ("half.jpg", HAY[:20_000], "corrupt: "),
        ("bomb.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x4e\x20\0\0\x4e\x20\x08\x02\0\0\0", "too_large: "),
    ],
)
def test_ir_04_what_is_refused_says_why_and_is_never_given_back(
    visitor: Visitor, name: str, body: bytes, reason: str
) -> None:
    id = visitor.upload(name, body)

    found = visitor.show(id)

    assert found["status"] == "REFUSED"
    assert found["reason"].startswith(reason)
    for part in ("picture", "thumbnail"):
        assert visitor.ask("GET", f"/photographs/{id}/{part}").status == 404
    assert visitor.ask("DELETE", f"/photographs/{id}").status == 204
    assert left(visitor) == []


@pytest.mark.slow
def test_names_and_metadata_come_as_the_texts_they_are(visitor: Visitor) -> None:
    name = "<img src=x onerror=alert(1)>.jpg"
    id = visitor.upload(name, with_exif(jpeg(), TAKEN))

    answer = visitor.ask("GET", f"/photographs/{id}")

    assert (answer.json()["name"], answer.json()["camera"]) == (name, f"{HOSTILE} '\"&lt;")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["place"]["lat"] == -22.95


@pytest.mark.slow
def test_an_album_is_searched_by_label_day_and_camera(visitor: Visitor) -> None:
    for name, body in [("hay.jpg", HAY), ("south.jpg", with_exif(jpeg(), TAKEN)), ("plain.png", png())]:
        visitor.put(name, body)
    visitor.cloud.settle()

    assert visitor.names(label="hAY") == ["hay.jpg"]
    assert visitor.names(label="cannon") == []
    assert visitor.names(camera="fuji") == ["hay.jpg"]
    assert visitor.names(until="1999-08-07") == ["south.jpg"]
    assert visitor.names(since="1999-08-08", until="2002-07-28") == ["hay.jpg"]
    assert visitor.names(since="2002-07-29") == ["plain.png"]
    assert visitor.names(label="", camera="") == ["hay.jpg", "plain.png", "south.jpg"]
    assert visitor.ask("GET", "/photographs?since=yesterday").status == 422
    assert visitor.ask("GET", f"/photographs?label={'x' * 101}").status == 422


@pytest.mark.slow
def test_pages_have_each_photograph_once(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.image_recognition.album.search.PAGE", 2)
    names = {f"{number}.png" for number in range(3)}
    for name in names:
        visitor.put(name, png())
    visitor.cloud.settle()

    found: list[str] = []
    further, pages = "", 0
    while further is not None:
        answer = visitor.ask("GET", f"/photographs?after={further}" if further else "/photographs").json()
        found += [each["name"] for each in answer["photographs"]]
        further, pages = answer["after"], pages + 1

    assert (len(found), set(found), pages) == (3, names, 2)
    assert visitor.ask("GET", "/photographs?after=nonsense").status == 422


@pytest.mark.slow
def test_what_is_alike_is_found_and_what_is_deleted_is_not(visitor: Visitor) -> None:
    one, other = visitor.put("one.jpg", HAY), visitor.put("other.jpg", HAY)
    visitor.put("plain.png", png(400, 300))
    visitor.cloud.settle()

    before = visitor.ask("GET", f"/photographs/{one}/similar").json()
    visitor.ask("DELETE", f"/photographs/{other}")
    after = visitor.ask("GET", f"/photographs/{one}/similar").json()

    assert [(each["likeness"], each["photograph"]["name"]) for each in before] == [(1.0, "other.jpg")]
    assert after == []
    assert visitor.names() == ["one.jpg", "plain.png"]


@pytest.mark.slow
def test_deleting_leaves_nothing_of_any_version_and_can_be_done_again(visitor: Visitor) -> None:
    visitor.cloud.client("s3").put_bucket_versioning(
        Bucket="photographs", VersioningConfiguration={"Status": "Enabled"}
    )
    id = visitor.upload("hay.jpg", HAY)
    again = visitor.upload("hay.jpg", HAY)
    assert again == id
    assert left(visitor)

    answers = [visitor.ask("DELETE", f"/photographs/{id}").status for _ in range(2)]

    assert answers == [204, 204]
    assert left(visitor) == []
    assert visitor.ask("GET", f"/photographs/{id}").status == 404
    visitor.upload("hay.jpg", HAY)
    assert visitor.show(id)["status"] == "SUCCEEDED"


@pytest.mark.slow
def test_a_photograph_that_is_being_recognised_stays(visitor: Visitor) -> None:
    id = visitor.upload("hay.jpg", HAY)
    dynamodb = visitor.cloud.client("dynamodb")
    dynamodb.update_item(
        TableName=TABLE,
        Key={
            "id": {
                "S": next(
                    each for each in left(visitor) if str(each).endswith("hay.jpg") and "uploads" in each
                )
            }
        },
        UpdateExpression="SET #status = :running",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":running": {"S": "RUNNING"}},
    )

    refused = visitor.ask("DELETE", f"/photographs/{id}")

    assert (refused.status, visitor.show(id)["status"]) == (409, "RUNNING")


@pytest.mark.slow
def test_nobody_sees_or_deletes_what_is_in_the_album_of_another(visitor: Visitor) -> None:
    id = visitor.upload("hay.jpg", HAY)
    other = Visitor(visitor.cloud)

    answers = [other.ask("GET", f"/photographs/{id}{part}").status for part in ("", "/picture", "/thumbnail")]
    similar = other.ask("GET", f"/photographs/{id}/similar").json()
    other.ask("DELETE", f"/photographs/{id}")

    assert (answers, similar, other.names()) == ([404] * 3, [], [])
    assert visitor.names() == ["hay.jpg"]
    assert [visitor.ask(method, f"/photographs/{id}", cookie="").status for method in ("GET", "DELETE")] == [
        404
    ] * 2


def test_a_file_that_is_empty_or_too_large_is_refused_at_once(visitor: Visitor) -> None:
    answers = [
        visitor.ask("POST", f"/photographs{query}", body)
        for query, body in [
            ("?name=a.jpg", b""), ("?name=a.jpg", b"x" * (MOST_BYTES + 1)), ("", b"x"), (f"?name={'x' * 101}", b"x"),
        ]
    ]  # fmt: skip

    assert [each.status for each in answers] == [422, 413, 422, 422]
    assert answers[1].json()["message"] == "the file has 4,194,305 bytes; 4,194,304 is the most"
    assert left(visitor) == []


def test_the_largest_file_goes_through_lambda(visitor: Visitor) -> None:
    id = visitor.upload("a.jpg", b"x" * MOST_BYTES)

    assert visitor.show(id)["status"] == "REFUSED"


def test_a_visitor_without_a_cookie_gets_one_and_keeps_it(visitor: Visitor) -> None:
    first = visitor.ask("POST", "/photographs?name=a.jpg", b"x", cookie="")
    second = visitor.ask("POST", "/photographs?name=a.jpg", b"x")

    assert first.cookies[0].partition(";")[0] != second.cookies[0].partition(";")[0] == visitor.cookie
    assert visitor.ask("GET", "/photographs").cookies == ()
