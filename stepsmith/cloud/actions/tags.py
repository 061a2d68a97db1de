"""Tags of state machines and activities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from stepsmith.cloud.actions.arns import read_arn
from stepsmith.cloud.actions.refusals import invalid, no_resource
from stepsmith.cloud.actions.requests import Answer, Request
from stepsmith.cloud.actions.resources import Activity, StateMachine
from stepsmith.cloud.services import ServiceError

MOST: Final = 50
_MARKS: Final = frozenset("_.:/=+-@")


def read_tags(given: Iterable[Mapping[str, Any]], before: Mapping[str, str], arn: str = "") -> dict[str, str]:
    """Return tags with those of a request added; raises TooManyTags, and ValidationException for unusable ones."""
    tags = dict(before)
    for tag in given:
        key, value = str(tag.get("key") or ""), str(tag.get("value") or "")
        if key.lower().startswith("aws:"):
            raise invalid("System tags cannot be added or updated: keys that begin with aws: are reserved")
        for text in (key, value):
            if not all(each.isalnum() or each.isspace() or each in _MARKS for each in text):
                raise invalid(
                    f"Tag '{text}' holds characters other than letters, digits, blanks and _.:/=+-@"
                )
        tags[key] = value
    if len(tags) > MOST:
        raise ServiceError("TooManyTags", f"Too many tags: '{arn}'", more={"resourceName": arn})
    return tags


def _tagged(request: Request) -> StateMachine | Activity:
    text = request.get("resourceArn")
    arn = read_arn(text, "stateMachine", "activity", "execution", "express", "mapRun")
    account = request.account
    found = account.machines.get(text) if arn.kind == "stateMachine" else account.activities.get(text)
    if found is None:
        raise no_resource(text)
    return found


def tag_resource(request: Request) -> Answer:
    """TagResource."""
    with request.account.lock:
        found = _tagged(request)
        found.tags = read_tags(request.get("tags"), found.tags, found.arn)
    return {}


def untag_resource(request: Request) -> Answer:
    """UntagResource; keys that are not there are no matter."""
    with request.account.lock:
        found, keys = _tagged(request), set(request.get("tagKeys"))
        found.tags = {key: value for key, value in found.tags.items() if key not in keys}
    return {}


def list_tags_for_resource(request: Request) -> Answer:
    """ListTagsForResource."""
    return {"tags": [{"key": key, "value": value} for key, value in _tagged(request).tags.items()]}
