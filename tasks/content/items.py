"""Articles on their way in: read, compared with what is there, kept, and looked at.

An article is called by its canonical address, so that two sources with the same one have one article: that of the
source which published it first. A later state of the same source's article replaces it, an earlier one changes
nothing. What is nearly the same under another address is kept, and not shown. All of it comes out the same in whatever
order, and however often, sources are taken in.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from stepsmith import client, task
from tasks import pictures
from tasks.content import rights
from tasks.content.faults import named_errors
from tasks.content.models import (
    Audience,
    Content,
    Draft,
    Edits,
    Kept,
    Look,
    Outcome,
    Reading,
    Run,
    Stored,
    Suitability,
)
from tasks.content.sources.dates import settled
from tasks.content.sources.reading import MOST_BYTES, read_source
from tasks.content.sources.xml_feeds import LOADS
from tasks.content.tables import BUCKET, ITEMS, LIKENESS
from tasks.content.texts.addresses import item_id
from tasks.content.texts.likeness import ALIKE, bands, likeness, sketch
from tasks.content.texts.markup import summary_of
from tasks.content.texts.topics import suitability_of, topics_of
from tasks.errors import Conflict, Throttled, TooLarge
from tasks.pictures.container import check_bytes
from tasks.pictures.formats import read_container
from tasks.retries import TRANSIENT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client

MOST_LABELS: Final = 10
MIN_CONFIDENCE: Final = 60.0
MOST_CANDIDATES: Final = 20
"""Articles that one is compared with."""
_BATCH: Final = 100


@task(
    retry=[TRANSIENT],
    timeout=timedelta(minutes=2),
    memory=1024,
    packages=["lxml", "nh3"],
    loads=[*LOADS, "nh3"],
    policies=rights.READ_SOURCE,
)
def read_articles(run: Run, *, s3: S3Client = client("s3")) -> Reading:
    """Read a source, put each of its articles into the bucket by itself, and give their numbers.

    Raises NotFound where it is gone, Conflict where it was replaced, TooLarge before anything is read, Unsupported for
    what is no feed or article, and Corrupt for what is damaged.
    """
    with named_errors("the source"):
        answer = s3.get_object(Bucket=run.bucket, Key=run.key, IfMatch=f'"{run.etag}"')
        if answer["ContentLength"] > MOST_BYTES:
            raise TooLarge(f"the source has {answer['ContentLength']:,} bytes, and {MOST_BYTES:,} are read")
        data = answer["Body"].read(MOST_BYTES + 1)
    found = read_source(data, name=run.key.rpartition("/")[2])
    for number, draft in enumerate(found.drafts):
        with named_errors("a draft"):
            s3.put_object(
                Bucket=run.bucket, Key=draft_key(run, number), Body=draft.model_dump_json().encode()
            )
    warnings = [f"article {n + 1}: {each}" for n, draft in enumerate(found.drafts) for each in draft.warnings]
    return Reading(
        items=list(range(len(found.drafts))),
        left_out=1 if found.is_cut else 0,
        warnings=[*found.warnings, *warnings][:50],
    )


def draft_key(run: Run, number: int) -> str:
    """Return where an article of a run lies until it is kept."""
    return f"drafts/{run.id}/{number}.json"


@task(retry=[TRANSIENT], timeout=timedelta(seconds=30), memory=256, policies=rights.KEEP_ITEM)
def keep_article(
    run: Run,
    number: int,
    *,
    s3: S3Client = client("s3"),
    dynamodb: DynamoDBClient = client("dynamodb"),
) -> Kept:
    """Classify an article and keep it, unless a later state of it or the same from another source is there.

    Repeated, it gives and leaves the same. Raises Throttled where another execution writes the same article.
    """
    with named_errors("a draft"):
        body = s3.get_object(Bucket=run.bucket, Key=draft_key(run, number))["Body"].read()
    content = classified(Draft.model_validate_json(body), run)
    stored = find_item(content.id, dynamodb=dynamodb)
    outcome = compared(stored, content, run.seen)
    if outcome in (Outcome.OLDER, Outcome.DUPLICATE):
        return Kept(number=number, outcome=outcome, id=content.id)
    _write(content, run.seen, outcome, stored, dynamodb)
    was_alike = stored is not None and stored.duplicate_of is not None
    alike = _settle_likeness(content, dynamodb, was_alike=was_alike)
    return Kept(
        number=number,
        outcome=outcome,
        id=content.id,
        pictures=[medium.key for medium in content.media if medium.key],
        touched=[content.id, *alike],
    )


def classified(draft: Draft, run: Run) -> Content:
    """Make an article of a draft: what it is called, when it was published, what it is about, whom it is for."""
    seen = datetime.fromisoformat(run.seen.partition("#")[0].replace("Z", "+00:00"))
    published, doubt = settled(draft.published_at, seen)
    return Content(
        id=item_id(run.source, draft.guid, draft.address),
        source=run.source,
        title=draft.title,
        summary=summary_of(draft.text),
        html=draft.html,
        text=draft.text,
        address=draft.address,
        lang=draft.lang,
        published_at=published,
        topics=topics_of(draft.title, draft.text, draft.categories),
        suitability=suitability_of(draft.title, draft.text),
        media=draft.media,
        warnings=[*draft.warnings, doubt] if doubt else draft.warnings,
    )


def compared(stored: Stored | None, content: Content, seen: str) -> Outcome:
    """Say what becomes of an article beside what is there; the same again for what was written for the same object."""
    if stored is None:
        return Outcome.NEW
    if stored.content.source != content.source:
        is_first = content.precedence < stored.content.precedence
        return Outcome.CHANGED if is_first else Outcome.DUPLICATE
    if seen == stored.seen:
        return stored.outcome
    if seen < stored.seen:
        return Outcome.OLDER
    return Outcome.SAME if stored.content == content else Outcome.CHANGED


def _write(
    content: Content, seen: str, outcome: Outcome, stored: Stored | None, dynamodb: DynamoDBClient
) -> None:
    """Write an article, if it still is what was read. Raises Throttled where it is not: the task reads again."""
    values: dict[str, Any] = {
        ":content": {"S": content.model_dump_json()},
        ":seen": {"S": seen},
        ":source": {"S": content.source},
        ":outcome": {"S": outcome},
        ":suitability": {"S": content.suitability},
    }
    condition = "attribute_not_exists(id)"
    if stored is not None:
        condition = "seen = :before AND #source = :whose"
        values |= {":before": {"S": stored.seen}, ":whose": {"S": stored.content.source}}
    try:
        with named_errors("an article"):
            dynamodb.update_item(
                TableName=ITEMS.name,
                Key={"id": {"S": content.id}},
                UpdateExpression="SET content = :content, seen = :seen, #source = :source, outcome = :outcome, "
                "suitability = :suitability",
                ConditionExpression=condition,
                ExpressionAttributeNames={"#source": "source"},
                ExpressionAttributeValues=values,
            )
    except Conflict as error:
        raise Throttled("another execution writes this article") from error


def _settle_likeness(content: Content, dynamodb: DynamoDBClient, *, was_alike: bool) -> list[str]:
    """Note of all articles that are nearly the same which one is shown, and return the others.

    Whoever comes last has noted its own bands before it looks at those of others, so that of two at once one sees both.
    """
    named = bands(content.text)
    for band in named:
        with named_errors("the bands"):
            dynamodb.update_item(
                TableName=LIKENESS.name,
                Key={"band": {"S": band}},
                UpdateExpression="ADD ids :id",
                ExpressionAttributeValues={":id": {"SS": [content.id]}},
            )
    if not named:
        if was_alike:
            _point(content.id, None, dynamodb)
        return []
    rows = _batch(LIKENESS.name, "band", named, dynamodb)
    ids = sorted({str(id) for row in rows for id in row["ids"]["SS"]} - {content.id})[:MOST_CANDIDATES]
    mine = sketch(content.text)
    family = [
        each.content
        for each in find_items(ids, dynamodb=dynamodb)
        if likeness(mine, sketch(each.content.text)) >= ALIKE
    ]
    first = min([content, *family], key=lambda each: each.precedence)
    for each in [content, *family]:
        _point(each.id, None if each.id == first.id else first.id, dynamodb)
    return [each.id for each in family]


def _point(id: str, first: str | None, dynamodb: DynamoDBClient) -> None:
    """Note that an article is nearly the same as another, or as none."""
    values: Any = {} if first is None else {"ExpressionAttributeValues": {":first": {"S": first}}}
    with named_errors("an article"):
        dynamodb.update_item(
            TableName=ITEMS.name,
            Key={"id": {"S": id}},
            UpdateExpression="REMOVE duplicate_of" if first is None else "SET duplicate_of = :first",
            **values,
        )


@task(
    retry=[TRANSIENT],
    timeout=timedelta(seconds=30),
    memory=512,
    packages=["pillow"],
    loads=pictures.LOADS,
    policies=rights.LOOK,
)
def look_at_picture(
    key: str, *, s3: S3Client = client("s3"), rekognition: RekognitionClient = client("rekognition")
) -> Look:
    """Name what is on a picture of an article: up to ten labels with their parents.

    Raises NotFound where it is gone, TooLarge, Unsupported or Corrupt for what is no picture that is processed.
    """
    with named_errors("the picture"):
        answer = s3.get_object(Bucket=BUCKET.name, Key=key)
        check_bytes(answer["ContentLength"])
        read_container(answer["Body"].read())
    with named_errors("Rekognition"):
        found = rekognition.detect_labels(
            Image={"S3Object": {"Bucket": BUCKET.name, "Name": key}},
            MaxLabels=MOST_LABELS,
            MinConfidence=MIN_CONFIDENCE,
        )
    names: list[str] = []
    for label in found.get("Labels", ()):
        names += [label.get("Name", ""), *(parent.get("Name", "") for parent in label.get("Parents", ()))]
    return Look(key=key, labels=[name for name in dict.fromkeys(names) if name])


@task(retry=[TRANSIENT], timeout=timedelta(seconds=15), policies=rights.LABEL)
def label_article(
    run: Run, id: str, looks: list[Look], *, dynamodb: DynamoDBClient = client("dynamodb")
) -> None:
    """Note what is on the pictures of an article, unless a later state of it has been kept meanwhile."""
    labels = list(dict.fromkeys(label for look in looks for label in look.labels))[:20]
    try:
        with named_errors("an article"):
            dynamodb.update_item(
                TableName=ITEMS.name,
                Key={"id": {"S": id}},
                UpdateExpression="SET labels = :labels, seen_topics = :topics",
                ConditionExpression="seen = :seen",
                ExpressionAttributeValues={
                    ":labels": {"L": [{"S": each} for each in labels]},
                    ":topics": {"L": [{"S": each} for each in topics_of("", "", labels=labels)]},
                    ":seen": {"S": run.seen},
                },
            )
    except Conflict:
        return


def find_item(id: str, *, dynamodb: DynamoDBClient) -> Stored | None:
    """Return an article as it is now, or None."""
    with named_errors("an article"):
        item = dynamodb.get_item(TableName=ITEMS.name, Key={"id": {"S": id}}, ConsistentRead=True).get("Item")
    return stored_of(item) if item else None


def find_items(ids: Iterable[str], *, dynamodb: DynamoDBClient) -> list[Stored]:
    """Return those of some articles that are there, as they are now."""
    return [stored_of(each) for each in _batch(ITEMS.name, "id", list(dict.fromkeys(ids)), dynamodb)]


def stored_of(item: dict[str, Any]) -> Stored:
    """Return the article in an item of the table."""
    return Stored(
        content=Content.model_validate_json(item["content"]["S"]),
        seen=item["seen"]["S"],
        outcome=Outcome(item["outcome"]["S"]),
        labels=[each["S"] for each in item.get("labels", {"L": []})["L"]],
        seen_topics=[each["S"] for each in item.get("seen_topics", {"L": []})["L"]],
        duplicate_of=item.get("duplicate_of", {}).get("S"),
        edits=Edits.model_validate_json(item["edits"]["S"]) if "edits" in item else Edits(),
    )


def shown_among(ids: Iterable[str], audience: Audience, *, dynamodb: DynamoDBClient) -> set[str]:
    """Return those of some articles that readers may see at this moment."""
    rows = _batch(
        ITEMS.name, "id", list(dict.fromkeys(ids)), dynamodb, "id, edits, duplicate_of, suitability"
    )
    found: set[str] = set()
    for row in rows:
        edits = Edits.model_validate_json(row["edits"]["S"]) if "edits" in row else Edits()
        suitability = edits.suitability or Suitability(row["suitability"]["S"])
        is_hidden = edits.published is False or "duplicate_of" in row
        if not is_hidden and not (audience is Audience.STUDENTS and suitability is Suitability.GROWN_UPS):
            found.add(str(row["id"]["S"]))
    return found


def _batch(
    table: str, key: str, values: list[str], dynamodb: DynamoDBClient, only: str | None = None
) -> list[dict[str, Any]]:
    """Read items by their keys, consistently. Raises Throttled where the service leaves some out again and again."""
    asked_for: Any = {} if only is None else {"ProjectionExpression": only}
    found: list[dict[str, Any]] = []
    for start in range(0, len(values), _BATCH):
        asked: Any = {
            table: {
                "Keys": [{key: {"S": each}} for each in values[start : start + _BATCH]],
                "ConsistentRead": True,
                **asked_for,
            }
        }
        for _ in range(5):
            with named_errors("the articles"):
                answer: Any = dynamodb.batch_get_item(RequestItems=asked)
            found += answer["Responses"].get(table, [])
            asked = answer.get("UnprocessedKeys")
            if not asked:
                break
        else:
            raise Throttled("not all articles could be read")
    return found
