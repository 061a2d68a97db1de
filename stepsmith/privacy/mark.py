"""The one mark of a personal field."""

from typing import Annotated, Final, TypeVar

from pydantic import Field

T = TypeVar("T")

KEYWORD: Final = "personal"
"""The member of a JSON schema that says so."""

Personal = Annotated[T, Field(json_schema_extra={KEYWORD: True})]
"""Marks what says something about a person: `email: Personal[str]`, `place: Personal[Geo | None] = None`.

It changes nothing but what is shown: reports, notebooks and the command line mask what such a field holds. In the JSON
schema of a model it is `"personal": true`. On a whole model it marks every field of it.
"""
