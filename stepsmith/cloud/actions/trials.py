"""What is tried without a state machine: TestState and ValidateStateMachineDefinition."""

from __future__ import annotations

import json
from typing import Any, cast

from stepsmith.asl.requests import validate
from stepsmith.cloud.actions.executions import read_input
from stepsmith.cloud.actions.refusals import invalid
from stepsmith.cloud.actions.requests import Answer, Request
from stepsmith.cloud.services import ServiceError
from stepsmith.diagnostics import InvalidDefinition
from stepsmith.engine import Settings
from stepsmith.engine.ports import Answer as TaskAnswer
from stepsmith.engine.ports import StartTask
from stepsmith.engine.trial.bench import try_state
from stepsmith.engine.trial.request import TrialRefused
from stepsmith.expressions.types import Json
from stepsmith.integrations.dispatch import refusal
from stepsmith.integrations.services.mock_results import check_mock_result
from stepsmith.integrations.services.models import service_model


def test_state(request: Request) -> Answer:
    """TestState: one state alone; what is not mocked is done."""
    dispatcher = request.dispatcher(request.caller)

    def perform(command: StartTask) -> TaskAnswer:
        answers: list[TaskAnswer] = []
        dispatcher.start(command, answers.append)
        return answers[-1]

    settings = Settings(
        state_machine_name="TestState",
        account=request.caller.account,
        region=request.caller.region,
        role_arn=request.get("roleArn", ""),
        locates_causes=False,
        refuse=refusal,
    )
    try:
        return cast(
            "Answer",
            try_state(
                request.get("definition"),
                read_input(request.get("input", "{}")),
                state_name=request.get("stateName"),
                role_arn=request.get("roleArn"),
                inspection_level=request.get("inspectionLevel", "INFO"),
                mock=request.get("mock"),
                context=request.get("context"),
                variables=_variables(request.get("variables")),
                state_configuration=request.get("stateConfiguration"),
                reveal_secrets=request.get("revealSecrets", False),
                perform=perform,
                check_result=check_mock_result,
                settings=settings,
                now=request.now,
            ),
        )
    except TrialRefused as error:
        raise ServiceError(error.code, error.message) from None
    except InvalidDefinition as error:
        raise ServiceError("InvalidDefinition", str(error)) from None


test_state.__test__ = False  # pyright: ignore[reportFunctionMemberAccess] - pytest would collect it by its name


def _variables(text: str | None) -> dict[str, Json] | None:
    if text is None:
        return None
    try:
        found: Any = json.loads(text)
    except ValueError:
        raise invalid("Variables must be valid JSON") from None
    if not isinstance(found, dict):
        raise invalid("Variables must be a JSON object")
    return cast("dict[str, Json]", found)


def validate_state_machine_definition(request: Request) -> Answer:
    """ValidateStateMachineDefinition."""
    return cast(
        "Answer",
        validate(
            request.get("definition"),
            type=request.get("type", "STANDARD"),
            severity=request.get("severity", "ERROR"),
            max_results=request.get("maxResults", 0),
            services=service_model,
        ),
    )
