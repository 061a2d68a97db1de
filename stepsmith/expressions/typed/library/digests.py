"""Hashes and Base64 of texts, as UTF-8."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.jsonata_text import CONDITION, SUM, Operand, Rendered, Renderer


def _url_safe(node: tree.Call, operand: Operand) -> Rendered:
    encoded = f"$base64encode({operand(node.arguments[0]).text})"
    return Rendered(f"$replace($replace({encoded}, '+', '-'), '/', '_')")


_BASE64: Final = "/^([A-Za-z0-9+\\/]{4})*([A-Za-z0-9+\\/]{2}==|[A-Za-z0-9+\\/]{3}=)?\\|$/"


def _decoded(node: tree.Call, operand: Operand) -> Rendered:
    """Bytes that are no UTF-8 become replacement characters, which are other bytes when they are encoded again."""
    steps = f"$__s := {operand(node.arguments[0]).text}; $__d := $base64decode($__s)"
    wrong = "$contains($__d, '\\ufffd') and $base64encode($__d) != $__s"
    found = f"{steps}; {wrong} ? $error('ValueError') : $__d"
    text = operand(node.arguments[0]).at(SUM)
    return Rendered(f"$contains({text} & '|', {_BASE64}) ? ({found}) : $error('ValueError')", CONDITION)


def _hash(text: str, name: str) -> str:
    return hashlib.new(name.replace("SHA-", "SHA"), text.encode()).hexdigest()


def _to_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _to_url_safe(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def _from_base64(text: str) -> str:
    return base64.b64decode(text, validate=True).decode()


PYTHON: Final[Mapping[str, Callable[..., Any]]] = {
    "hash": _hash,
    "base64": _to_base64,
    "base64.urlsafe": _to_url_safe,
    "base64.decode": _from_base64,
}

JSONATA: Final[Mapping[str, Renderer]] = {
    "base64.urlsafe": _url_safe,
    "base64.decode": _decoded,
}
