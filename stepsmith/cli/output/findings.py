"""What is wrong with files, for programs: as JSON, and as SARIF, which editors and code hosts show beside the lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from stepsmith.frozen import frozen

if TYPE_CHECKING:
    from stepsmith.expressions.types import Json

SARIF: Final = "https://json.schemastore.org/sarif-2.1.0.json"
LANGUAGE: Final = "https://states-language.net/spec.html"


@frozen(kw_only=True)
class Reported:
    """One thing that is wrong, with its place in a file."""

    path: str
    """The file, with slashes."""
    code: str
    rule: str = ""
    """The rule that is broken, where it has a name besides the code."""
    message: str
    whole: str
    """The message as a sentence that stands alone."""
    severity: str = "ERROR"
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    more: Mapping[str, Json]
    """What only this kind of finding has."""


def as_json(found: Iterable[Reported]) -> Json:
    """Return all findings as a list of objects."""
    return [
        {
            "path": each.path,
            "line": each.line,
            "column": each.column,
            "severity": each.severity,
            "code": each.code,
            "rule": each.rule,
            "message": each.message,
            **each.more,
        }
        for each in found
    ]


def as_sarif(found: Iterable[Reported], *, titles: Mapping[str, str] | None = None) -> Json:
    """Return all findings as a SARIF log; `titles` say what rules are for."""
    results: list[Json] = [_result(each) for each in found]
    rules: Sequence[Json] = [
        {"id": rule, "shortDescription": {"text": title}} for rule, title in (titles or {}).items()
    ]
    driver: Json = {"name": "stepsmith", "informationUri": LANGUAGE, "rules": list(rules)}
    return {"$schema": SARIF, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _result(found: Reported) -> Json:
    region: dict[str, Json] = {"startLine": found.line or 1, "startColumn": found.column or 1}
    if found.end_line is not None and found.end_column is not None:
        region |= {"endLine": found.end_line, "endColumn": found.end_column}
    return {
        "ruleId": found.rule or found.code,
        "level": "error" if found.severity == "ERROR" else "warning",
        "message": {"text": found.whole},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": found.path}, "region": region}}],
    }
