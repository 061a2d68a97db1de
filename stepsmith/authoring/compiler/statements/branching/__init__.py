"""if and match: each becomes one Choice state, with a rule for each condition or case."""

from stepsmith.authoring.compiler.statements.branching.ifs import condition, if_
from stepsmith.authoring.compiler.statements.branching.matches import match_

__all__ = ["condition", "if_", "match_"]
