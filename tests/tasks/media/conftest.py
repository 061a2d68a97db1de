from collections.abc import Iterator
from typing import Any

import pytest

from stepsmith import using_clients
from stepsmith.integrations import ClientRegistry
from tasks.media.rights import ORIGINALS, PICTURES


@pytest.fixture
def s3() -> Iterator[Any]:
    """A client of S3 with the buckets of the system, which tasks that are called without one take."""
    clients = ClientRegistry.local()
    s3 = clients.client("s3")
    for name in (ORIGINALS, PICTURES):
        s3.create_bucket(Bucket=name)
    with using_clients(clients):
        yield s3
