"""HTTP functions of a project: `from stepsmith.http import route, Response, pause`."""

from stepsmith.authoring.calls.pausing import pause
from stepsmith.authoring.functions.http_function import HttpFunction, route
from stepsmith.authoring.functions.messages import Refused, Request, Response

__all__ = ["HttpFunction", "Refused", "Request", "Response", "pause", "route"]
