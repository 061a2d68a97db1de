"""The intrinsic functions of JSONPath states: parsed by us, compiled to closures."""

from stepsmith.expressions.intrinsics.compile import Intrinsic, compile_call
from stepsmith.expressions.intrinsics.errors import ArgumentMiss, IntrinsicFailure, IntrinsicSyntaxError
from stepsmith.expressions.intrinsics.parse import Call, Literal, Text, is_call, parse_call

__all__ = [
    "ArgumentMiss",
    "Call",
    "Intrinsic",
    "IntrinsicFailure",
    "IntrinsicSyntaxError",
    "Literal",
    "Text",
    "compile_call",
    "is_call",
    "parse_call",
]
