"""JSONPath as Step Functions has it: Jayway's dialect, parsed by us and compiled to closures."""

from stepsmith.expressions.jsonpath.errors import PathFailure, PathMiss, PathSyntaxError
from stepsmith.expressions.jsonpath.path import Path, compile_path
from stepsmith.expressions.jsonpath.reference import ReferencePath, compile_reference_path, is_reference

__all__ = [
    "Path",
    "PathFailure",
    "PathMiss",
    "PathSyntaxError",
    "ReferencePath",
    "compile_path",
    "compile_reference_path",
    "is_reference",
]
