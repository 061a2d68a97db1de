"""What makes the states of a scope fewer, once its statements are compiled: one pass a file, `save` runs them all.

A pass reads and changes drafts and their edges. It knows neither the source nor the statements above it.
"""

from stepsmith.authoring.compiler.passes.save import save

__all__ = ["save"]
