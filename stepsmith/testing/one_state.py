"""TestState: one state alone, as AWS tries it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stepsmith.engine.trial.bench import Perform, try_state
from stepsmith.engine.trial.request import InspectionLevel
from stepsmith.expressions.types import Json
from stepsmith.integrations.services.mock_results import check_mock_result


def test_state(
    definition: str | Mapping[str, Any],
    input: Json = None,
    *,
    state_name: str | None = None,
    role_arn: str | None = None,
    inspection_level: InspectionLevel = "INFO",
    mock: Mapping[str, Any] | None = None,
    context: str | Mapping[str, Any] | None = None,
    variables: Mapping[str, Json] | None = None,
    state_configuration: Mapping[str, Any] | None = None,
    perform: Perform | None = None,
) -> dict[str, Json]:
    """Try one state alone and give what AWS's TestState answers; parameters are those of the API, in snake case.

    `definition` is a state, or a machine of which `state_name` names one. A mocked result is checked against the model
    of its service, as `fieldValidationMode` says. `perform` does the work of a Task that is not mocked. Raises
    InvalidDefinition, and TrialRefused where AWS answers with an exception.
    """
    return try_state(
        definition,
        input,
        state_name=state_name,
        role_arn=role_arn,
        inspection_level=inspection_level,
        mock=mock,
        context=context,
        variables=variables,
        state_configuration=state_configuration,
        perform=perform,
        check_result=check_mock_result,
    )
