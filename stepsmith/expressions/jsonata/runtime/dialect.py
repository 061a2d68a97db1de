"""The two ways in which JSONata is run. This is the one switch; it is read when an expression is compiled.

`SERVICE` is what AWS Step Functions does, whose evaluator is a Java program: the functions in `functions/__init__.py`,
the regular expressions of `java.util.regex`, objects in the order they were written in, numbers in text as Java writes
them, and comparisons that take NaN for the largest number. `REFERENCE` is what the reference implementation in
JavaScript does; its suite and the differential tests are run with it.
"""

from __future__ import annotations

from enum import Enum


class Dialect(Enum):
    """How expressions are run."""

    SERVICE = "service"
    REFERENCE = "reference"
