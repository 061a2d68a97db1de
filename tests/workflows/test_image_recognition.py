"""The workflow, as plain Python and compiled: IR-01, IR-04 to IR-10, W-01, W-04, W-05 and W-07."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stepsmith import ClientRegistry, TaskTimeout, WorkflowError
from stepsmith.errors import InvalidInput as InvalidExecutionInput
from tasks import errors
from tasks.image_recognition.events import starts
from tasks.image_recognition.models import ImageRecord, Status
from tasks.image_recognition.records import newest
from tests.tasks.image_recognition.studio import BUCKET, ROOT, Studio, facts, open_studio
from tests.tasks.pictures.made_pictures import jpeg, png, png_header, with_segment
from tests.workflows.recognition import KEY, Rekognition, run
from tests.workflows.scenes import SCENES, play
from workflows.image_recognition import image_recognition, prepare_local

REFUSALS = {"too_large": "TooLarge", "unsupported": "Unsupported", "corrupt": "Corrupt"}
NAMED: list[type[WorkflowError]] = [
    errors.NotFound,
    errors.Forbidden,
    errors.TooLarge,
    errors.Unsupported,
    errors.Corrupt,
    errors.Throttled,
    errors.Unavailable,
    TaskTimeout,
]


def calls_of(task: str, fault: str) -> list[str]:
    """Give the tasks that are called where one of them fails."""
    scene = SCENES["image_recognition"]
    with scene.routes["recognised"]() as world:
        return play(scene, world, task, fault).tasks.calls


@pytest.fixture
def studio() -> Iterator[Studio]:
    with open_studio() as studio:
        yield studio


def raising(error: Exception) -> tuple[Callable[[Any], Any], list[Any]]:
    """A task that fails, and the payloads it was called with."""
    calls: list[Any] = []

    def task(payload: Any) -> Any:
        calls.append(payload)
        raise error

    return task, calls


@pytest.mark.parametrize("entry", facts(), ids=lambda entry: entry["file"])
def test_ir_01_every_photograph_ends_as_it_must_and_as_in_plain_python(
    studio: Studio, entry: dict[str, Any]
) -> None:
    studio.upload(entry["path"].read_bytes())
    expected = entry["expect"]["outcome"]

    execution = run(studio)
    kept = studio.record(KEY)
    studio.forget()
    try:
        plain = image_recognition(bucket=BUCKET, key=KEY)
    except WorkflowError as error:
        plain = type(error).__name__
    kept_by_python = studio.record(KEY)

    assert kept is not None
    if expected == "processed":
        assert execution.status == "SUCCEEDED"
        assert kept.status == Status.SUCCEEDED
        assert ImageRecord.model_validate(execution.output) == kept
        assert unsigned(plain) == unsigned(kept) == unsigned(kept_by_python)
        width, height = entry["expect"]["oriented_size"]
        assert (kept.dimensions.width, kept.dimensions.height) == (width, height)
    else:
        assert (execution.status, execution.error) == ("FAILED", REFUSALS[expected])
        assert kept.status == Status.REFUSED
        assert kept.reason.startswith(f"{expected}: ")
        assert plain == REFUSALS[expected]
        assert unsigned(kept) == unsigned(kept_by_python)


def unsigned(record: Any) -> dict[str, Any]:
    """A record without the name of the execution that wrote it."""
    return record.model_dump(mode="json", exclude={"execution"})


def test_it_goes_from_registering_to_storing(studio: Studio) -> None:
    studio.upload(jpeg())

    execution = run(studio)

    assert set(execution.path) == {
        "Register",
        "Extract metadata",
        "Shape metadata",
        "Labels and Thumbnail",
        "Detect labels",
        "Make thumbnail",
        "Status?",
        "Store",
        "Topic?",
        "Return",
    }


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"\xff\xd8",
        b"\x89PNG\r\n\x1a\n",
        jpeg()[:400],
        png()[:-20],
        b"GIF89a",
        b"BM" + bytes(60),
    ],
)
def test_ir_04_a_refused_file_leaves_its_reason_and_never_a_running_record(
    studio: Studio, body: bytes
) -> None:
    studio.upload(body)

    execution = run(studio)

    record = studio.record(KEY)
    assert execution.status == "FAILED"
    assert execution.error in ("Unsupported", "Corrupt")
    assert record is not None
    assert (record.status, record.reason is None) == (Status.REFUSED, False)


def test_ir_03_a_bomb_is_refused_as_too_large(studio: Studio) -> None:
    studio.upload(png_header(60_000, 60_000))

    execution = run(studio)

    record = studio.record(KEY)
    assert execution.error == "TooLarge"
    assert record is not None
    assert record.reason == "too_large: 60000 x 60000 pixels are over the limit of 50 megapixels"


@pytest.mark.parametrize("error", NAMED)
def test_ir_05_without_labels_the_record_is_partial(studio: Studio, error: type[WorkflowError]) -> None:
    studio.upload(jpeg())
    task, calls = raising(error("no labels today"))

    execution = run(studio, tasks={"detect_labels": task})

    record = studio.record(KEY)
    assert execution.status == "SUCCEEDED"
    assert record is not None
    assert record.status == Status.PARTIAL
    assert record.thumbnail is not None
    assert record.dimensions is not None
    assert record.warnings == ["labels failed: no labels today"]
    assert len(calls) == (3 if error in (errors.Throttled, errors.Unavailable) else 1)


def test_ir_05_throttled_labels_are_asked_for_again_after_1_and_1_5_seconds(studio: Studio) -> None:
    studio.upload(jpeg())
    refusal = ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "DetectLabels")

    def throttled() -> None:
        raise refusal

    execution = run(studio, clients={"rekognition": Rekognition(throttled)})

    assert execution.output["warnings"] == ["labels failed: Rekognition: slow down"]
    assert execution.elapsed.total_seconds() == 2.5


def test_ir_05_labels_that_come_back_after_throttling_are_kept(studio: Studio) -> None:
    studio.upload(jpeg())
    left = [errors.Throttled("later"), errors.Throttled("later")]

    def at_first() -> None:
        if left:
            raise left.pop()

    execution = run(studio, clients={"rekognition": Rekognition(at_first)})

    assert execution.output["status"] == "SUCCEEDED"


@pytest.mark.parametrize("error", [errors.Forbidden, errors.Corrupt, errors.Unavailable])
def test_without_a_thumbnail_the_record_is_partial(studio: Studio, error: type[WorkflowError]) -> None:
    studio.upload(jpeg())
    task, _ = raising(error("no thumbnail today"))

    execution = run(studio, tasks={"make_thumbnail": task})

    assert execution.output["status"] == "PARTIAL"
    assert execution.output["thumbnail"] is None
    assert execution.output["properties"]["engine"] == "properties"
    assert execution.output["warnings"] == ["thumbnail failed: no thumbnail today"]


def test_only_both_failing_fails_the_run(studio: Studio) -> None:
    studio.upload(jpeg())
    labels, _ = raising(errors.Forbidden("no labels"))
    thumbnail, _ = raising(errors.Forbidden("no thumbnail"))

    execution = run(studio, tasks={"detect_labels": labels, "make_thumbnail": thumbnail})

    record = studio.record(KEY)
    assert (execution.status, execution.error) == ("FAILED", "AnalysisFailed")
    assert record is not None
    assert (record.status, record.reason) == (Status.FAILED, "labels: no labels; thumbnail: no thumbnail")


def late(name: str) -> Callable[[Any], Any]:
    """A task that is out of reach when it is first called."""
    left = [errors.Unavailable("not now")]

    def task(payload: Any) -> Any:
        if left:
            raise left.pop()
        return image_recognition.tasks[name].handle(payload)

    return task


@pytest.mark.parametrize("error", [errors.NotFound, errors.TooLarge, errors.Unsupported, errors.Corrupt])
def test_w_05_a_refusal_is_recorded_although_the_table_is_out_of_reach_at_first(
    studio: Studio, error: type[WorkflowError]
) -> None:
    studio.upload(jpeg())
    task, _ = raising(error("broken"))

    run(studio, tasks={"extract_metadata": task, "record_refusal": late("record_refusal")})

    record = studio.record(KEY)
    assert record is not None
    assert record.status == Status.REFUSED
    assert (record.reason or "").endswith(": broken")


@pytest.mark.parametrize("name", ["extract_metadata", "store"])
def test_w_05_a_failure_is_recorded_although_the_table_is_out_of_reach_at_first(
    studio: Studio, name: str
) -> None:
    studio.upload(jpeg())
    task, _ = raising(errors.Forbidden("broken"))

    run(studio, tasks={name: task, "record_failure": late("record_failure")})

    record = studio.record(KEY)
    assert record is not None
    assert (record.status, record.reason) == (Status.FAILED, "broken")


@pytest.mark.parametrize("name", ["register", "shape_metadata", "store"])
def test_w_05_what_is_superseded_on_the_way_says_so_and_leaves_the_record_alone(
    studio: Studio, name: str
) -> None:
    studio.upload(jpeg())
    task, _ = raising(errors.Conflict("a newer upload has the record"))

    execution = run(studio, tasks={name: task})

    assert execution.output["status"] == "SUPERSEDED"
    record = studio.record(KEY)
    assert record is None or record.status == Status.RUNNING


@pytest.mark.parametrize("error", [errors.Forbidden, errors.NotFound, errors.Throttled, errors.Unavailable])
def test_w_05_what_cannot_be_registered_fails_and_leaves_no_record(
    studio: Studio, error: type[WorkflowError]
) -> None:
    task, _ = raising(error("broken"))

    execution = run(studio, tasks={"register": task})

    assert (execution.status, execution.error) == ("FAILED", error.__name__)
    assert studio.record(KEY) is None


@pytest.mark.parametrize("error", [errors.NotFound, errors.TooLarge, errors.Unsupported, errors.Corrupt])
def test_ir_09_permanent_errors_are_tried_once(studio: Studio, error: type[WorkflowError]) -> None:
    studio.upload(jpeg())
    task, calls = raising(error("for good"))

    run(studio, tasks={"extract_metadata": task})

    assert len(calls) == 1


@pytest.mark.parametrize("error", [errors.Throttled, errors.Unavailable])
def test_ir_09_transient_errors_are_tried_three_times(studio: Studio, error: type[WorkflowError]) -> None:
    studio.upload(jpeg())
    task, calls = raising(error("for now"))

    execution = run(studio, tasks={"extract_metadata": task})

    assert len(calls) == 3
    assert execution.elapsed.total_seconds() == 2.5


def test_ir_06_an_object_deleted_before_it_is_read_is_refused_as_not_found(studio: Studio) -> None:
    execution = run(studio)

    record = studio.record(KEY)
    assert (execution.status, execution.error) == ("FAILED", "NotFound")
    assert record is not None
    assert record.status == Status.REFUSED
    assert record.reason is not None
    assert record.reason.startswith("not_found: ")


@pytest.mark.parametrize("bodies", [(jpeg(), jpeg()), (jpeg(300, 200), png(80, 90))])
def test_ir_06_an_object_uploaded_twice_has_one_record_of_the_last(
    studio: Studio, bodies: tuple[bytes, bytes]
) -> None:
    first = studio.upload(bodies[0])
    second = studio.upload(bodies[1])

    outputs = [run(studio, etag=etag, execution=f"run-{n}").output for n, etag in enumerate((first, second))]

    record = studio.record(KEY)
    assert record is not None
    assert outputs[0]["status"] == ("SUCCEEDED" if first == second else "SUPERSEDED")
    last = "run-0" if first == second else "run-1"
    assert (record.status, record.etag, record.execution) == (Status.SUCCEEDED, second, last)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_w_04_events_in_either_order_and_twice_leave_the_same_record(
    studio: Studio, order: tuple[int, int]
) -> None:
    etags = [studio.upload(jpeg(300, 200)), studio.upload(png(300, 100))]

    for number in (*order, *order):
        run(studio, etag=etags[number], execution=f"run-{number}")

    record = studio.record(KEY)
    assert record is not None
    assert (record.status, record.etag, record.execution) == (Status.SUCCEEDED, etags[1], "run-1")
    assert record.thumbnail is not None
    assert studio.download(record.thumbnail.key).startswith(b"\x89PNG")


def test_ir_06_an_object_replaced_during_processing_has_the_record_of_the_new_one(studio: Studio) -> None:
    studio.upload(jpeg(300, 200))

    def replaced() -> None:
        etag = studio.upload(png(300, 100))
        assert run(studio, etag=etag, execution="newer").output["status"] == "SUCCEEDED"

    execution = run(studio, execution="older", clients={"rekognition": Rekognition(replaced)})

    record = studio.record(KEY)
    assert execution.output["status"] == "SUPERSEDED"
    assert record is not None
    assert (record.status, record.execution, record.format) == (Status.SUCCEEDED, "newer", "PNG")
    assert record.thumbnail is not None
    assert studio.download(record.thumbnail.key).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "key",
    [
        "alice/uploads/with space.jpg",
        "alice/uploads/a+b.jpg",
        "alice/uploads/a%2Fb%20c.jpg",
        "alice/uploads/über \U0001f600.jpg",
        "alice/uploads/a..b.jpg",
        "alice/uploads/noextension",
        "elsewhere/photo.jpg",
        "photo.jpg",
    ],
)
def test_ir_07_any_key_is_processed_under_its_own_name(studio: Studio, key: str) -> None:
    studio.upload(jpeg(), key)

    record = run(studio, key=key).output

    assert (record["id"], record["key"], record["status"]) == (key, key, "SUCCEEDED")
    assert studio.download(record["thumbnail"]["key"]).startswith(b"\xff\xd8")


def test_ir_07_a_thumbnail_is_not_made_a_thumbnail_of(studio: Studio) -> None:
    studio.upload(jpeg(), "alice/resized/photo.jpg")

    execution = run(studio, key="alice/resized/photo.jpg")

    assert (execution.status, execution.error) == ("FAILED", "InvalidInput")
    assert studio.record("alice/resized/photo.jpg") is None


def test_ir_07_an_event_is_an_input(studio: Studio) -> None:
    studio.upload(jpeg(), "alice/uploads/a b.jpg")
    thing = {"key": "alice/uploads/a+b.jpg", "size": 1}
    s3 = {"bucket": {"name": BUCKET}, "object": thing}
    (start,) = starts({"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": s3}]})

    execution = run(studio, **start.model_dump())

    assert execution.output["status"] == "SUCCEEDED"
    assert execution.output["execution"] == start.execution


def test_ir_08_no_payload_is_over_64_kib_for_a_photograph_with_a_large_profile(studio: Studio) -> None:
    body = jpeg(300, 200)
    for number in range(8, 0, -1):
        body = with_segment(body, 0xE2, b"ICC_PROFILE\0" + bytes([number, 8]) + bytes([number]) * 65_000)
    studio.upload(body)

    execution = run(studio)

    assert execution.status == "SUCCEEDED"
    assert len(body) > 500_000
    assert max(len(json.dumps(event, default=str)) for event in execution.history) < 64 * 1024


def test_ir_10_the_record_is_readable_by_id_and_owner_while_running_and_after(studio: Studio) -> None:
    studio.upload(jpeg())
    seen: list[ImageRecord | None] = []

    def look() -> None:
        seen.extend([studio.record(KEY), *newest(studio.dynamodb, "alice")])

    run(studio, clients={"rekognition": Rekognition(look)})
    look()

    assert [record and record.status for record in seen] == ["RUNNING", "RUNNING", "SUCCEEDED", "SUCCEEDED"]


def test_whoever_subscribed_is_told(studio: Studio) -> None:
    studio.upload(jpeg())
    topic = studio.clients.client("sns").create_topic(Name="done")["TopicArn"]
    task, calls = raising(errors.Forbidden("not allowed"))

    told = run(studio, topic=topic)
    studio.forget()
    failed = run(studio, topic=topic, tasks={"notify": task})

    assert "Notify" in told.path
    assert told.status == failed.status == "SUCCEEDED"
    assert [call["topic"] for call in calls] == [topic]
    assert failed.output["status"] == "SUCCEEDED"


def test_whoever_subscribed_is_told_although_the_topic_is_out_of_reach_at_first(studio: Studio) -> None:
    studio.upload(jpeg())
    topic = studio.clients.client("sns").create_topic(Name="done")["TopicArn"]

    execution = run(studio, topic=topic, tasks={"notify": late("notify")})

    assert execution.retries("notify") == 1
    assert execution.task_calls("notify")[-1].error is None


@pytest.mark.parametrize(
    ("input", "message"),
    [
        ({"bucket": BUCKET}, "key is missing"),
        ({"bucket": BUCKET, "key": ""}, "key: String should have at least 1 character"),
        ({"bucket": BUCKET, "key": "a\0b"}, "key: String should match pattern"),
        ({"bucket": BUCKET, "key": "x" * 1025}, "key: String should have at most 1024 characters"),
        ({"bucket": BUCKET, "key": 5}, "key: Input should be a valid string"),
        ({"bucket": "No Bucket", "key": KEY}, "bucket: String should match pattern"),
        ({"bucket": BUCKET, "key": KEY, "etags": "x"}, "there is no input 'etags'; did you mean 'etag'"),
    ],
)
def test_w_07_a_bad_input_is_refused_by_the_field(input: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidExecutionInput, match=message):
        image_recognition.check_input(input)


def test_w_01_a_file_from_this_machine_is_recognised() -> None:
    studio = Studio(ClientRegistry.local())  # where nothing is there yet
    path = ROOT / "examples" / "photographs" / "hay_bales.jpg"

    record = run(studio, **prepare_local(studio.clients, path)).output

    assert (record["exif_make"], record["status"]) == ("FUJIFILM", "SUCCEEDED")
    assert record["thumbnail"]["key"] == "local/resized/hay_bales.jpg"


def test_w_05_a_registration_that_breaks_once_it_is_written_ends_its_record_itself() -> None:
    assert calls_of("register", "after crash") == ["register", "record_failure"]


def test_w_05_a_task_that_breaks_later_ends_the_record_itself() -> None:
    assert calls_of("extract_metadata", "before crash") == ["register", "extract_metadata", "record_failure"]
    assert calls_of("store", "before crash")[-2:] == ["store", "record_failure"]


@pytest.mark.parametrize("fault", ["before crash", "before forbidden", "before timeout"])
def test_w_05_a_notice_that_cannot_be_sent_never_fails_the_run(fault: str) -> None:
    scene = SCENES["image_recognition"]
    with scene.routes["recognised"]() as world:
        execution = play(scene, world, "notify", fault).execution

    assert (execution.status, execution.output["status"]) == ("SUCCEEDED", "SUCCEEDED")
