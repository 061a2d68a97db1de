"""Which resource a path leads to."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from stepsmith.cloud.gateways.routes import find_route


@dataclass
class Resource:
    path: str

    def get_path(self) -> str:
        return self.path


RESOURCES = [Resource(path) for path in ("/", "/a", "/{x}", "/a/{id}", "/a/b", "/files/{rest+}")]


@pytest.mark.parametrize(
    ("path", "resource", "parameters"),
    [
        ("", "/", {}),
        ("a", "/a", {}),
        ("other", "/{x}", {"x": "other"}),
        ("a/b", "/a/b", {}),
        ("a/c%2Fd", "/a/{id}", {"id": "c/d"}),
        ("files/x/y/z", "/files/{rest+}", {"rest": "x/y/z"}),
    ],
)
def test_plain_parts_win_over_parameters(path: str, resource: str, parameters: dict[str, str]) -> None:
    found = find_route(RESOURCES, path)

    assert found is not None
    assert (found[0].path, found[1]) == (resource, parameters)


@pytest.mark.parametrize("path", ["a/b/c", "files", "files/", "x/y"])
def test_a_path_that_no_resource_has_leads_nowhere(path: str) -> None:
    found = find_route([one for one in RESOURCES if one.path != "/{x}"], path)

    assert found is None
