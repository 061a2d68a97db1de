"""API Gateway's mapping templates: a subset of Velocity, parsed by us and evaluated within bounds.

`compile_template` reads a text once (`parsing`, `expressions` make `nodes`); `Template.render` fills it in for a
`Request` (`rendering`, `calls`, `values`). A template reaches nothing but what it is given: no Java, no Python.
"""

from stepsmith.events.templates.rendering import (
    Rendered,
    Request,
    Template,
    TemplateFailure,
    compile_template,
)
from stepsmith.events.templates.scanner import TemplateError

__all__ = ["Rendered", "Request", "Template", "TemplateError", "TemplateFailure", "compile_template"]
