"""Media transformation on demand, by its addresses: MT-01 to MT-04, MT-08, MT-09, MT-11, MT-13, W-01 and W-02."""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from PIL import Image

from stepsmith.cloud.local import LocalCloud
from stepsmith.cloud.web.requests import Response
from stepsmith.service.machines.workflow_runs import local, run_workflow
from tasks.media.http import get_picture, get_render, get_transform
from tasks.media.rights import ORIGINALS, PICTURES
from tasks.media.signing import expiry, sign
from tests.tasks.image_recognition.bombs import BOMBS
from tests.tasks.pictures.made_pictures import jpeg, tiff, with_exif
from workflows.media_transform import media_transform

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = (get_transform, get_picture, get_render)


class Shop:
    """A cloud with the system in it."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.s3 = cloud.client("s3")

    def put(self, key: str, body: bytes) -> None:
        self.s3.put_object(Bucket=ORIGINALS, Key=key, Body=body)

    def get(self, path: str, **headers: str) -> Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.cloud.http("GET", path, headers=sent)

    @property
    def renders(self) -> int:
        return sum(
            1
            for execution in self.cloud.executions
            for event in execution.history
            if event.get("stateEnteredEventDetails", {}).get("name", "").startswith("Render")
        )

    @property
    def kept(self) -> list[str]:
        return [each["Key"] for each in self.s3.list_objects_v2(Bucket=PICTURES).get("Contents", [])]


@pytest.fixture
def shop() -> Iterator[Shop]:
    with LocalCloud(workflows=[media_transform], functions=FUNCTIONS) as cloud:
        yield Shop(cloud)


def picture(response: Response) -> Image.Image:
    assert response.status == 200, response.body
    found = Image.open(BytesIO(response.body))
    found.load()
    assert Image.MIME[found.format or ""] == response.headers["content-type"]
    return found


def test_mt_01_what_is_not_kept_is_made_and_the_second_time_nothing_is_asked(shop: Shop) -> None:
    shop.put("søl/owl 1.jpg", jpeg())
    first = shop.get("/pictures/20x10/s%C3%B8l/owl%201.jpg?quality=70")
    second = shop.get(first.headers["location"])
    third = shop.get(second.headers["location"])
    shop.s3.delete_object(Bucket=ORIGINALS, Key="søl/owl 1.jpg")
    again = shop.get("/pictures/20x10/s%C3%B8l/owl%201.jpg?quality=70")

    assert (first.status, second.status) == (307, 301)
    assert first.headers["location"] == "/renders/20x10/s%C3%B8l/owl%201.jpg?quality=70"
    assert second.headers["location"] == "/pictures/20x10/s%C3%B8l/owl%201.jpg?quality=70"
    assert {first.headers["cache-control"], second.headers["cache-control"]} == {"no-store"}
    assert picture(third).size == (20, 10)
    assert again.body == third.body
    assert len(shop.cloud.executions) == 1


def test_mt_02_the_picture_is_answered_and_kept_and_who_has_it_need_not_load_it_again(shop: Shop) -> None:
    shop.put("owl.jpg", jpeg())
    first = shop.get("/transform/fit-in/20x20/owl.jpg")
    tag = first.headers["etag"]
    kept = shop.s3.get_object(Bucket=PICTURES, Key=shop.kept[0])

    assert picture(first).size == (20, 16)
    assert kept["Body"].read() == first.body
    assert shop.get("/transform/fit-in/20x20/owl.jpg").body == first.body
    assert shop.renders == 1
    for known in (tag, f"W/{tag}", f'"other", {tag}'):
        again = shop.get("/transform/fit-in/20x20/owl.jpg", if_none_match=known)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert shop.get("/transform/fit-in/20x20/owl.jpg", if_none_match='"other"').status == 200
    assert shop.get("/pictures/fit-in/20x20/owl.jpg", if_none_match=tag).status == 304


def test_mt_02_clients_that_take_webp_get_it_where_the_address_says_no_format(shop: Shop) -> None:
    shop.put("owl.jpg", jpeg())
    plain, modern = (
        shop.get("/transform/20x/owl.jpg"),
        shop.get("/transform/20x/owl.jpg", accept="image/webp,*/*"),
    )
    named = shop.get("/transform/20x/filters:format(png)/owl.jpg", accept="image/webp")

    assert [picture(each).format for each in (plain, modern, named)] == ["JPEG", "WEBP", "PNG"]
    assert (plain.headers["vary"], modern.headers["vary"]) == ("Accept", "Accept")
    assert "vary" not in named.headers
    assert plain.headers["etag"] != modern.headers["etag"]


def test_mt_03_fifty_at_once_have_one_picture_made_and_get_the_same_answer() -> None:
    with LocalCloud(workflows=[media_transform], functions=FUNCTIONS, is_served=True) as cloud:
        shop = Shop(cloud)
        shop.put("owl.jpg", jpeg(400, 300))
        with ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(lambda _: shop.get("/transform/40x30/owl.jpg"), range(50)))

        assert {each.status for each in answers} == {200}
        assert len({each.body for each in answers}) == 1
        assert shop.renders == 1


def test_mt_04_a_replaced_original_is_seen_at_the_next_request(shop: Shop) -> None:
    shop.put("owl.jpg", jpeg(100, 80))
    first = shop.get("/transform/50x/owl.jpg")
    shop.put("owl.jpg", jpeg(100, 20))
    second = shop.get("/transform/50x/owl.jpg", if_none_match=first.headers["etag"])

    assert (picture(first).size, picture(second).size) == ((50, 40), (50, 10))
    assert len(shop.kept) == 1
    shop.s3.delete_object(Bucket=ORIGINALS, Key="owl.jpg")
    assert shop.get("/transform/50x/owl.jpg").status == 404


class Replacing:
    """S3 where somebody replaces the original after it was looked up, so many times."""

    def __init__(self, s3: Any, times: int) -> None:
        self._s3 = s3
        self._times = times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._s3, name)

    def get_object(self, **given: Any) -> Any:
        if self._times:
            self._times -= 1
            self._s3.put_object(Bucket=ORIGINALS, Key="owl.jpg", Body=jpeg(90, 40 + self._times))
        return self._s3.get_object(**given)


@pytest.mark.parametrize(("times", "ends"), [(1, "SUCCEEDED"), (2, "FAILED")])
def test_mt_04_an_original_that_is_replaced_meanwhile_is_looked_up_once_more(
    shop: Shop, times: int, ends: str
) -> None:
    shop.put("owl.jpg", jpeg())
    clients = {"s3": Replacing(shop.s3, times)}

    ended = run_workflow(media_transform, {"path": "45x/owl.jpg"}, local(clients=clients))

    assert ended.status == ends
    if ends == "FAILED":
        assert ended.error == "Conflict"
        assert shop.kept == []
    else:
        head = shop.s3.head_object(Bucket=ORIGINALS, Key="owl.jpg")
        assert ended.output["source"] == head["ETag"].strip('"')


class BusyAfterwards(Replacing):
    """S3 that, once somebody has replaced the original, asks to come back at the first call of each kind."""

    def __init__(self, s3: Any) -> None:
        super().__init__(s3, 1)
        self._calls: set[str] = set()

    def _come_back(self, operation: str) -> None:
        if self._times == 0 and operation not in self._calls:
            self._calls.add(operation)
            raise ClientError({"Error": {"Code": "SlowDown", "Message": "slow down"}}, operation)

    def head_object(self, **given: Any) -> Any:
        self._come_back("HeadObject")
        return self._s3.head_object(**given)

    def get_object(self, **given: Any) -> Any:
        if self._times == 0:
            self._come_back("GetObject")
        return super().get_object(**given)


def test_mt_13_a_busy_store_is_asked_again_after_the_original_was_replaced_too(shop: Shop) -> None:
    shop.put("owl.jpg", jpeg())

    ended = run_workflow(
        media_transform, {"path": "45x/owl.jpg"}, local(clients={"s3": BusyAfterwards(shop.s3)})
    )

    assert ended.status == "SUCCEEDED"
    assert ended.elapsed == timedelta(seconds=2)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's count of memory is Linux's")
@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_mt_08_a_bomb_is_refused_with_less_than_fifty_megabytes(name: str) -> None:
    code = (
        "import sys\n"
        "from tests.tasks.image_recognition.bombs import most_memory\n"
        "from tasks.media.rendering import inspect\n"
        "body = sys.stdin.buffer.read(); before = most_memory()\n"
        "try: inspect(body)\n"
        "except Exception as error: print(type(error).__name__, most_memory() - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=BOMBS[name](), capture_output=True, cwd=ROOT, check=True
    )
    error, megabytes = done.stdout.decode().split()

    assert error == "TooLarge"
    assert float(megabytes) < 50


BAD: list[tuple[str, bytes, int, str]] = [
    ("owl.jpg", jpeg(), 400, "nothing is asked for"),
    ("0x0/owl.jpg", jpeg(), 400, "says no size"),
    ("99999x99999/owl.jpg", jpeg(), 400, "8192"),
    ("owl.jpg?width=-1", jpeg(), 400, "width"),
    ("owl.jpg?width=5&width=6", jpeg(), 400, "width is there 2 times"),
    ("owl.jpg?crop=500,0,5,5", jpeg(), 400, "outside of 100 x 80"),
    ("9x9/..%2Fowl.jpg", jpeg(), 400, ". or .."),
    ("9x9/%00.jpg", jpeg(), 400, "cannot be printed"),
    ("9x9/other.jpg", jpeg(), 404, "Not Found"),
    ("9x9/owl.jpg", bytes(26 * 1024 * 1024), 413, "over the limit"),
    ("9x9/owl.jpg", b"I am a text", 415, "text is not processed"),
    ("9x9/owl.jpg", b"", 415, "an empty file"),
    ("9x9/owl.jpg", jpeg()[:-300], 422, "breaks off"),
]


def test_mt_09_each_bad_input_has_its_status(shop: Shop) -> None:
    for path, body, status, message in BAD:
        shop.put("owl.jpg", body)
        for route in ("transform", "renders"):
            found = shop.get(f"/{route}/{path}")

            assert (found.status, path) == (status, path)
            assert message in found.json()["message"]
            assert found.headers["cache-control"] == "public, max-age=10"
    assert shop.kept == []


def test_mt_10_the_answer_says_nothing_about_where_a_picture_was_taken(shop: Shop) -> None:
    shop.put("owl.jpg", with_exif(jpeg(), tiff({0x010F: "SecretMaker"}, gps={1: "N"})) + b"secret trailer")

    body = shop.get("/transform/50x/owl.jpg").body

    assert b"ecret" not in body
    assert not Image.open(BytesIO(body)).getexif()


def test_mt_11_with_a_secret_addresses_are_signed_and_expire_by_the_clouds_clock(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIA_SECRET", "s3cret")
    shop.put("owl.jpg", jpeg())
    ends = expiry(shop.cloud.now + timedelta(minutes=5))
    query = f"expires={ends}&signature={sign('50x/owl.jpg', {'expires': ends}, 's3cret')}"

    statuses = [shop.get(f"/transform/{path}?{query}").status for path in ("50x/owl.jpg", "51x/owl.jpg")]
    unsigned = shop.get("/transform/50x/owl.jpg").status
    shop.cloud.advance(timedelta(minutes=5))

    assert (statuses, unsigned) == ([200, 403], 403)
    assert shop.get(f"/transform/50x/owl.jpg?{query}").status == 403


class Throttling:
    """S3 that asks to come back, for one operation."""

    def __init__(self, s3: Any, operation: str, code: str) -> None:
        self._s3 = s3
        self._operation = operation
        self._code = code

    def __getattr__(self, name: str) -> Any:
        if name != self._operation:
            return getattr(self._s3, name)

        def refuse(**_: object) -> None:
            raise ClientError({"Error": {"Code": self._code, "Message": "slow down"}}, name)

        return refuse


@pytest.mark.parametrize(
    ("operation", "code", "status"),
    [
        ("head_object", "SlowDown", 503),
        ("get_object", "SlowDown", 503),
        ("head_object", "InternalError", 503),
        ("head_object", "403", 403),
        ("get_object", "AccessDenied", 403),
    ],
)
def test_mt_13_a_store_that_is_busy_is_no_missing_picture(
    shop: Shop, operation: str, code: str, status: int
) -> None:
    shop.put("owl.jpg", jpeg())
    s3 = Throttling(shop.s3, operation, code)
    event = request("50x/owl.jpg")
    answer = get_transform.handle(event, s3=s3, states=Directly({"s3": s3}))

    assert answer["statusCode"] == status
    assert ("retry-after" in answer["headers"]) is (status == 503)


class Directly:
    """Step Functions that runs an execution when it is started."""

    class exceptions:
        class ExecutionAlreadyExists(Exception):
            pass

    def __init__(self, clients: dict[str, Any]) -> None:
        self._clients = clients
        self._ended: Any = None

    def start_execution(self, **given: Any) -> dict[str, str]:
        self._ended = run_workflow(media_transform, json.loads(given["input"]), local(clients=self._clients))
        return {"executionArn": "arn"}

    def describe_execution(self, **_: Any) -> dict[str, str]:
        return {"status": self._ended.status, "error": self._ended.error, "cause": self._ended.cause}


def request(path: str) -> Any:
    return {
        "rawPath": f"/transform/{path}",
        "pathParameters": {"path": path},
        "requestContext": {
            "http": {"method": "GET", "path": f"/transform/{path}"},
            "timeEpoch": 1_767_225_600_000,
        },
    }


def test_a_picture_that_is_over_what_a_function_can_answer_is_led_to_and_never_cut_off(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.media.http.MOST_BYTES", 500)
    shop.put("owl.jpg", jpeg())

    found = shop.get("/transform/90x/owl.jpg")

    assert (found.status, found.body) == (307, b"")
    assert shop.kept[0] in found.headers["location"]
    assert "Signature" in found.headers["location"]


def test_how_long_clients_need_not_ask_again_is_a_setting(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.put("owl.jpg", jpeg())
    found: list[str] = []
    for seconds in ("0", "3600", "soon"):
        monkeypatch.setenv("MEDIA_MAX_AGE", seconds)
        found.append(shop.get("/transform/90x/owl.jpg").headers["cache-control"])

    assert found == ["public, no-cache", "public, max-age=3600", "public, no-cache"]


def test_what_nobody_foresaw_is_no_fault_of_the_client(shop: Shop) -> None:
    shop.put("owl.jpg", jpeg())

    class Broken(Directly):
        def start_execution(self, **_: Any) -> dict[str, str]:
            return {"executionArn": "arn"}

        def describe_execution(self, **_: Any) -> dict[str, str]:
            return {"status": "ABORTED"}

    answer = get_transform.handle(request("50x/owl.jpg"), s3=shop.s3, states=Broken({}))

    assert (answer["statusCode"], answer["headers"]["cache-control"]) == (502, "no-store")
