"""What is written as a chain of calls: hashes, Base64, and the seconds between two points in time."""

from __future__ import annotations

import ast
import base64
import hashlib
from typing import Final

from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler, library_call
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import DATETIME, FLOAT, STR
from stepsmith.expressions.typed.tree import Expression

_HASHES: Final = {
    hashlib.md5: "MD5",
    hashlib.sha1: "SHA-1",
    hashlib.sha256: "SHA-256",
    hashlib.sha384: "SHA-384",
    hashlib.sha512: "SHA-512",
}


def digest(x: ExpressionCompiler, node: ast.Call) -> Expression | None:
    """Give the tree of such a chain; None for any other call."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Call() as made, attr="hexdigest"), args=[], keywords=[]):
            return _hashed(x, node, made)
        case ast.Call(func=ast.Attribute(value=ast.Call() as made, attr="decode"), args=[], keywords=[]):
            text = _encoded(x, made) if x.static(made.func) is base64.b64encode else None
            return None if text is None else library_call(x, node, "base64", STR, text)
        case ast.Call(func=ast.Attribute(value=ast.BinOp(op=ast.Sub()) as between, attr="total_seconds")):
            left, right = x.compile(between.left), x.compile(between.right)
            if (left.type, right.type) != (DATETIME, DATETIME):
                return None
            span = x.source.span(node)
            return tree.Call(function="datetime.seconds", arguments=(left, right), type=FLOAT, span=span)
        case _:
            return None


def _hashed(x: ExpressionCompiler, node: ast.Call, made: ast.Call) -> Expression | None:
    function = x.static(made.func)
    name = next((name for known, name in _HASHES.items() if known is function), None)
    text = None if name is None else _encoded(x, made)
    return (
        None
        if text is None
        else library_call(x, node, "hash", STR, text, tree.Constant(value=name, type=STR))
    )


def _encoded(x: ExpressionCompiler, made: ast.Call) -> Expression | None:
    """Give the text in `function(text.encode())`."""
    match made:
        case ast.Call(
            args=[ast.Call(func=ast.Attribute(value=text, attr="encode"), args=[], keywords=[])], keywords=[]
        ):
            return x.typed(text, STR, "what is encoded")
        case _:
            return None
