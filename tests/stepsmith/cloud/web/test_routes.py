"""Which resource a path leads to."""

from __future__ import annotations

import pytest

from stepsmith.cloud.web.routes import find_route

RESOURCES = ("/", "/a", "/{x}", "/a/{id}", "/a/b", "/files/{rest+}")


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
    found = find_route(RESOURCES, path, str)

    assert found == (resource, parameters)


@pytest.mark.parametrize("path", ["a/b/c", "files", "files/", "x/y"])
def test_a_path_that_no_resource_has_leads_nowhere(path: str) -> None:
    found = find_route([each for each in RESOURCES if each != "/{x}"], path, str)

    assert found is None
