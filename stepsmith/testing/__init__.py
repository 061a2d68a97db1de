"""What tests of workflows need."""

from stepsmith.testing.equivalence import assert_equivalent

__all__ = ["assert_equivalent"]
