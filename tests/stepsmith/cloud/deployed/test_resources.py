"""What workflows and functions declare, in a local cloud."""

from __future__ import annotations

import os

from stepsmith import task, workflow
from stepsmith.authoring.tasks.provisions import Parameter
from stepsmith.cloud.local import LocalCloud


def test_a_parameter_is_a_variable_with_what_it_is_here() -> None:
    @task(environment={"SENDER": Parameter("sender", default="shop@example.com")})
    def tell(number: int) -> str:
        return f"{os.environ['SENDER']} {number}"

    @workflow
    def telling(number: int) -> str:
        """Tell."""
        return tell(number)

    with LocalCloud(workflows=[telling]):
        assert telling.run(number=1).result() == "shop@example.com 1"
