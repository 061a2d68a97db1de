"""A visitor of the page without a browser: a cloud with the system in it, and the cookie of one album."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from stepsmith.cloud.local import LocalCloud
from stepsmith.cloud.web.requests import Response
from stepsmith.http import HttpFunction
from tasks.image_recognition.album import web
from workflows.image_recognition import image_recognition
from workflows.picture_likeness import picture_likeness

FUNCTIONS: Final = tuple(each for each in vars(web).values() if isinstance(each, HttpFunction))
WORKFLOWS: Final = (image_recognition, picture_likeness)


@dataclass
class Visitor:
    """Whoever has an album's cookie."""

    cloud: LocalCloud
    cookie: str = field(default="")

    def __post_init__(self) -> None:
        if not self.cookie:
            (given,) = self.ask("GET", "/photographs").cookies
            self.cookie = given.partition(";")[0]

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Response:
        sent = {"cookie": self.cookie, "host": "album.example", "content-type": "application/octet-stream"}
        return self.cloud.http(method, path, body, headers={**sent, **headers})

    def put(self, name: str, body: bytes) -> str:
        """Upload a file and give its id."""
        answer = self.ask("POST", f"/photographs?{urlencode({'name': name})}", body)
        assert answer.status == 202, answer.body
        return str(answer.json()["id"])

    def upload(self, name: str, body: bytes) -> str:
        """Upload a file, let it be recognised, and give its id."""
        id = self.put(name, body)
        self.cloud.settle()
        return id

    def show(self, id: str) -> Any:
        return self.ask("GET", f"/photographs/{id}").json()

    def names(self, **wanted: str) -> list[str]:
        """Give the names of what a search finds, sorted."""
        answer = self.ask("GET", f"/photographs?{urlencode(wanted)}")
        assert answer.status == 200, answer.body
        return sorted(each["name"] for each in answer.json()["photographs"])
