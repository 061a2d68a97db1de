"""One server for each module: to start one takes longer than most tests."""

from collections.abc import Generator

import pytest

from tests.stepsmith.server.servers import Server, serving


@pytest.fixture(scope="module")
def server() -> Generator[Server]:
    with serving() as found:
        found.cloud.means.define({"double": lambda n: n * 2})
        yield found
