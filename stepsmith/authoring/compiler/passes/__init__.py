"""What makes the states of a scope fewer, once its statements are compiled: one pass a file, `build_scope` runs them.

A pass changes drafts and their edges, or finished states. It knows neither the source nor the statements above it.
"""

from stepsmith.authoring.compiler.passes.scope import build_scope

__all__ = ["build_scope"]
