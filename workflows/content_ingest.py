"""Take the articles of a feed, or an uploaded one, into what readers are served from.

Started by an object that arrives under `feeds/<source>/` or `articles/<source>/` of the bucket; takes its place. Gives
the record of the run, and stores it in the table `content-runs`: COMPLETE, or PARTIAL where some articles could not be
taken in, which the others do not suffer from. Stores the articles in `content-items`, and brings them into the
catalogue. What was taken in before gives its record again. Fails with NotFound, TooLarge, Unsupported or Corrupt for
what is no feed or article (REFUSED in the record), with Conflict where the object was replaced meanwhile, and with
whatever broke (FAILED in the record). Where an execution cannot end its record, since it was aborted,
`content_ingest_ended` does. Has no time limit of its own: nothing waits, a source has at most 200 articles, and every
task has a limit.
"""

from stepsmith import context, map_items, now, workflow
from stepsmith.triggers import S3Upload
from tasks.content.indexing import index_articles
from tasks.content.items import keep_article, label_article, look_at_picture, read_articles
from tasks.content.models import BucketName, Kept, Look, Mark, ObjectKey, Outcome, RunRecord
from tasks.content.runs import close_run, fail_run, open_run, refuse_run
from tasks.content.tables import BUCKET
from tasks.errors import Conflict, Corrupt, InvalidInput, NotFound, TooLarge, Unsupported
from workflows.content_ingest_ended import content_ingest_ended

refuse_as_gone = refuse_run.with_options(name="Refuse as gone")
refuse_as_too_large = refuse_run.with_options(name="Refuse as too large")
refuse_as_unsupported = refuse_run.with_options(name="Refuse as unsupported")
refuse_as_corrupt = refuse_run.with_options(name="Refuse as corrupt")
UPLOADED = {
    "bucket": "$.detail.bucket.name",
    "key": "$.detail.object.key",
    "etag": "$.detail.object.etag",
    "execution": "$.id",
}


@workflow(
    triggers=[S3Upload(bucket=BUCKET, keys=("feeds/*", "articles/*"), input=UPLOADED)],
    checked=True,
    ended=content_ingest_ended,
    refusals=(InvalidInput, NotFound, TooLarge, Unsupported, Corrupt, Conflict),
)
def content_ingest(
    bucket: BucketName, key: ObjectKey, etag: Mark | None = None, execution: Mark | None = None
) -> RunRecord:
    """Take the articles of a source in."""
    opened = open_run(bucket, key, etag, execution, holder=context.execution.id, now=now())
    if opened.done is not None:
        return opened.done
    run = opened.run

    def look(picture: str) -> Look:
        try:
            return look_at_picture(picture)
        except Exception as error:
            return Look(key=picture, labels=[], reason=str(error))

    def take_in(number: int) -> Kept:
        try:
            kept = keep_article(run, number)
        except Exception as error:
            return Kept(
                number=number, outcome=Outcome.FAILED, id="", pictures=[], touched=[], reason=str(error)[:200]
            )
        if len(kept.pictures) > 0:
            try:
                label_article(run, kept.id, [look(picture) for picture in kept.pictures])
            except Exception:
                return kept
        return kept

    try:
        reading = read_articles(run)
    except NotFound as error:
        refuse_as_gone(run, str(error))
        raise
    except TooLarge as error:
        refuse_as_too_large(run, str(error))
        raise
    except Unsupported as error:
        refuse_as_unsupported(run, str(error))
        raise
    except Corrupt as error:
        refuse_as_corrupt(run, str(error))
        raise
    except Exception as error:
        fail_run(run, str(error))
        raise

    try:
        kept = map_items(reading.items, take_in, max_concurrency=4)
        index_articles(kept)
        return close_run(run, reading, kept)
    except Exception as error:
        fail_run(run, str(error))
        raise
