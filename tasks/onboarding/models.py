"""What an application, a check, a decision and an outcome are.

What is `Personal` in an application never leaves the tables. Who decided about one travels, and is masked when shown.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from stepsmith import Personal, WorkflowError

_JOINERS = "\u200c\u200d"
"""Format characters that names in Persian and in scripts of India need."""
_SPECIAL = '()<>[]:;@\\,"'
"""What separates addresses, or hides a part of one in a comment, where it is not quoted (RFC 5322, 3.2.3)."""
_INVISIBLE = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")


def _printable(text: str) -> str:
    """Refuse what nobody sees: control characters, and those that turn the direction of what stands around them."""
    if any(unicodedata.category(c) in _INVISIBLE and c not in _JOINERS for c in text):
        raise ValueError("control characters are not allowed")
    return text


def _email(text: str) -> str:
    """Accept what a mail server can deliver to, in one form of all that Unicode has for it.

    Compatibility forms are composed, and the domain is in lower case and as the name servers know it.
    """
    text = unicodedata.normalize("NFKC", text)
    local, at, domain = text.rpartition("@")
    domain = _domain(domain)
    labels = domain.split(".")
    good = at and local and len(local) <= 64 and len(labels) > 1 and all(_label(label) for label in labels)
    if (
        not good
        or len(domain) > 253
        or any(c.isspace() or c in _SPECIAL or c in _JOINERS for c in local)
        or local.startswith(".")
        or local.endswith(".")
        or ".." in local
    ):
        raise ValueError("not an address that mail can be sent to")
    return f"{local}@{domain}"


def _domain(text: str) -> str:
    """Give a domain as the name servers know it, by RFC 3490."""
    try:
        return text.lower().encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""


def _label(label: str) -> bool:
    bare = label.replace("-", "")
    return 0 < len(label) <= 63 and bare.isalnum() and not label.startswith("-") and not label.endswith("-")


def _tax_id(text: str) -> str:
    """Accept nine digits, or their groups of 3, 2 and 4 with hyphens between; none of them is all zeros."""
    digits = text.replace("-", "")
    groups = (digits[:3], digits[3:5], digits[5:])
    if (
        len(digits) != 9
        or text not in (digits, "-".join(groups))
        or not digits.isascii()
        or not digits.isdigit()
        or any(set(g) == {"0"} for g in groups)
    ):
        raise ValueError("not a tax identifier")
    return digits


def _line(limit: int) -> object:
    return StringConstraints(min_length=1, max_length=limit, strip_whitespace=True)


Name = Personal[Annotated[str, _line(100), AfterValidator(_printable)]]
Text = Personal[Annotated[str, _line(200), AfterValidator(_printable)]]
Email = Personal[Annotated[str, _line(254), AfterValidator(_printable), AfterValidator(_email)]]
TaxId = Personal[Annotated[str, _line(11), AfterValidator(_tax_id)]]
Identifier = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Category = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9-]*$")]


class Model(BaseModel):
    """A model that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid")


class Address(Model):
    """Where somebody lives."""

    street: Text
    city: Text
    region: Text
    postcode: Personal[Annotated[str, _line(16), AfterValidator(_printable)]]
    country: Personal[Annotated[str, Field(pattern=r"^[A-Z]{2}$")]]


class Interest(Model):
    """Something the customer wants to hear about."""

    category: Category
    note: Text | None = None


class Application(Model):
    """What somebody fills in to become a customer."""

    id: Identifier
    first_name: Name
    last_name: Name
    email: Email
    tax_id: TaxId
    address: Address
    interests: list[Interest] = Field(default=[], max_length=20)
    consent: Annotated[bool, Field(strict=True)]

    @property
    def account_key(self) -> str:
        """The key of the account of the e-mail address, the same however the address is written."""
        return f"email#{unicodedata.normalize('NFKC', self.email.casefold())}"


class Erased(WorkflowError):
    """An application that was erased: nothing is left to do for it."""


class Verdict(StrEnum):
    """What a check thinks of an application."""

    APPROVE = "approve"
    REVIEW = "review"
    DENY = "deny"


class Check(Model):
    """The verdict of one check, and why; the reasons name no personal data."""

    verdict: Verdict
    reasons: list[str] = []


class Answer(Model):
    """What comes back when the link in the verification mail was followed."""

    verified: Annotated[bool, Field(strict=True)]


class Choice(StrEnum):
    """What a reviewer can decide."""

    APPROVE = "APPROVE"
    REJECT = "REJECT"


class Decision(Model):
    """What a reviewer decided."""

    choice: Choice
    reviewer: Personal[Identifier]


class Status(StrEnum):
    """Where an application stands; all but the first two are final."""

    RUNNING = "RUNNING"
    IN_REVIEW = "IN_REVIEW"
    COMPLETED = "COMPLETED"
    DENIED = "DENIED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    ESCALATED = "ESCALATED"
    FAILED = "FAILED"


class Outcome(Model):
    """How an application ended."""

    status: Status
    reason: str
    account_id: str | None = None
