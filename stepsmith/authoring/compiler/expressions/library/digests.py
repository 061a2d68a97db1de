"""What is written as a chain of calls, whose inner part has no JSON form: hashes, Base64, time spans, days."""

from __future__ import annotations

import ast
import base64
import hashlib
from typing import Final

from stepsmith.authoring.compiler.expressions import spans
from stepsmith.authoring.compiler.expressions.library import formats, moments
from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler, library_call, once
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import STR
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
            return _base64(x, node, made)
        case ast.Call(func=ast.Attribute(value=of, attr="total_seconds"), args=[], keywords=[]):
            return spans.seconds(x, node, of)
        case ast.Call(func=ast.Attribute(attr="format")):
            return formats.called(x, node)
        case _:
            return moments.day(x, node)


def _hashed(x: ExpressionCompiler, node: ast.Call, made: ast.Call) -> Expression | None:
    function = x.static(made.func)
    name = next((name for known, name in _HASHES.items() if known is function), None)
    text = None if name is None else _encoded(x, made)
    return (
        None
        if text is None
        else library_call(x, node, "hash", STR, text, tree.Constant(value=name, type=STR))
    )


_ENCODERS: Final = {base64.b64encode: "base64", base64.urlsafe_b64encode: "base64.urlsafe"}


def _base64(x: ExpressionCompiler, node: ast.Call, made: ast.Call) -> Expression | None:
    """Give `base64.b64encode(text.encode()).decode()` and its kin."""
    function = x.static(made.func)
    encoder = next((name for known, name in _ENCODERS.items() if known is function), None)
    if encoder is not None:
        text = _encoded(x, made)
        return None if text is None else library_call(x, node, encoder, STR, text)
    if function is not base64.b64decode and function is not base64.urlsafe_b64decode:
        return None
    strict = any(each.arg == "validate" and x.static(each.value) is True for each in made.keywords)
    if len(made.args) != 1 or len(made.keywords) != 1 or not strict or function is base64.urlsafe_b64decode:
        message = f"`{ast.unparse(made)}` passes over what is no Base64, which JSONata does not"
        raise x.refusal(node, "W161", message, "write `base64.b64decode(text, validate=True).decode()`")
    made = ast.copy_location(ast.Call(made.func, made.args, []), made)
    text = _encoded(x, made) or x.typed(made.args[0], STR, "what is decoded")
    return once(x, text, lambda text: library_call(x, node, "base64.decode", STR, text))


def _encoded(x: ExpressionCompiler, made: ast.Call) -> Expression | None:
    """Give the text in `function(text.encode())`."""
    match made:
        case ast.Call(
            args=[ast.Call(func=ast.Attribute(value=text, attr="encode"), args=[], keywords=[])], keywords=[]
        ):
            return x.typed(text, STR, "what is encoded")
        case _:
            return None
