"""The local client of Step Functions: answers of tasks go to the executions of this process."""

from __future__ import annotations

from typing import Any

from stepsmith.service.answers.activities import ACTIVITIES
from stepsmith.service.answers.tokens import TOKENS, TokenError


class LocalStepFunctions:
    """boto3's client of Step Functions, with the calls that answer tasks and fetch activities played here."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def send_task_success(self, *, taskToken: str, output: str) -> dict[str, object]:  # noqa: N803 - as in boto3
        """Answer a task; raises boto3's exceptions InvalidToken, InvalidOutput and TaskTimedOut."""
        self._check("SendTaskSuccess", taskToken=taskToken, output=output)
        try:
            TOKENS.send_success(taskToken, output)
        except TokenError as error:
            raise self._client_error(error, "SendTaskSuccess") from None
        return {}

    def send_task_failure(
        self,
        *,
        taskToken: str,  # noqa: N803 - as in boto3
        error: str | None = None,
        cause: str | None = None,
    ) -> dict[str, object]:
        """Answer a task with a failure; raises boto3's exceptions InvalidToken and TaskTimedOut."""
        given = {"error": error, "cause": cause}
        told = {name: value for name, value in given.items() if value is not None}
        self._check("SendTaskFailure", taskToken=taskToken, **told)
        try:
            TOKENS.send_failure(taskToken, error, cause)
        except TokenError as problem:
            raise self._client_error(problem, "SendTaskFailure") from None
        return {}

    def send_task_heartbeat(self, *, taskToken: str) -> dict[str, object]:  # noqa: N803 - as in boto3
        """Say that a task goes on; raises boto3's exceptions InvalidToken and TaskTimedOut."""
        self._check("SendTaskHeartbeat", taskToken=taskToken)
        try:
            TOKENS.send_heartbeat(taskToken)
        except TokenError as error:
            raise self._client_error(error, "SendTaskHeartbeat") from None
        return {}

    def get_activity_task(
        self,
        *,
        activityArn: str,  # noqa: N803 - as in boto3
        workerName: str | None = None,  # noqa: N803 - as in boto3
    ) -> dict[str, object]:
        """Return the next task of an activity; empty when none came within a minute."""
        task = ACTIVITIES.fetch(activityArn, worker_name=workerName)
        return {} if task is None else {"taskToken": task.token, "input": task.input}

    def _check(self, operation: str, **parameters: object) -> None:
        """Check types and least lengths as boto3 does before it sends a request; raises ParamValidationError."""
        from botocore.exceptions import ParamValidationError
        from botocore.validate import ParamValidator

        shape = self._inner.meta.service_model.operation_model(operation).input_shape
        report = ParamValidator().validate(parameters, shape)
        if report.has_errors():
            raise ParamValidationError(report=report.generate_report())

    def _client_error(self, error: TokenError, operation: str) -> Exception:
        answer = {
            "Error": {"Code": error.code, "Message": str(error)},
            "ResponseMetadata": {"HTTPStatusCode": 400, "RequestId": "local"},
        }
        kind = self._inner.exceptions.from_code(error.code)
        return kind(answer, operation)
