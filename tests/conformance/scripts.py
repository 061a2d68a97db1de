"""Recorded scripts of API calls, played on a Step Functions of their own in this process, in virtual time."""

from __future__ import annotations

import importlib.util
import sys
from datetime import datetime
from functools import cache
from typing import Any, Final

from stepsmith.cloud.actions.service import StepFunctions
from stepsmith.cloud.services import Caller, ServiceError
from stepsmith.integrations import ClientRegistry, Dispatcher
from stepsmith.service.clock import VirtualClock
from tests.shared_data import SHARED

CALLER: Final = Caller("us-east-1", "111111111111")
_LATER_MEMBERS: Final = {"encryptionConfiguration": "2024-08-01", "redriveCount": "2023-11-15"}
"""Members that the API got while recordings were made, and when: answers recorded before do not have them."""

_LONG_TEXTS: Final = {"invalid_token_1025_chars": "x" * 1025}
"""Words that stand in recordings for texts of a length that matters."""


@cache
def runner() -> Any:
    """Give the runner's module: the program that is running, or the file beside the cases."""
    main = sys.modules["__main__"]
    if hasattr(main, "ReplayExhausted"):
        return main
    spec = importlib.util.spec_from_file_location("conformance_runner", SHARED / "conformance" / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class ScriptClient:
    """What the runner takes for a boto3 client: each method calls the service."""

    def __init__(self, service: StepFunctions, without: frozenset[str]) -> None:
        self._service = service
        self._without = without

    def __getattr__(self, name: str) -> Any:
        from botocore.exceptions import ClientError

        operation = "".join(part.capitalize() for part in name.split("_"))

        def call(**parameters: Any) -> Any:
            given = {name: _LONG_TEXTS.get(str(value), value) for name, value in parameters.items()}
            try:
                answer = self._service.call(operation, given, CALLER)
            except ServiceError as error:
                message = error.message
                for word, text in _LONG_TEXTS.items():
                    message = message.replace(text, word)
                told: Any = {"Error": {"Code": error.code, "Message": message}}
                raise ClientError(told, operation) from None
            return _only(answer, self._without)

        return call


def _only(value: Any, without: frozenset[str]) -> Any:
    """Return an answer without the members that did not exist yet."""
    if isinstance(value, dict):
        return {name: _only(each, without) for name, each in value.items() if name not in without}
    return [_only(each, without) for each in value] if isinstance(value, list) else value


def _consistent(step: dict[str, Any]) -> dict[str, Any]:
    """Return a step without the names of its answer that the recording of the very answer contradicts."""
    recorded = (step.get("expect") or {}).get("response") or {}
    returns = {
        name: value
        for name, value in (step.get("returns") or {}).items()
        if not str(recorded.get(name, "")).startswith("arn:") or recorded[name] == value
    }
    return {**step, "returns": returns}


def play_script(case: dict[str, Any]) -> dict[str, Any]:
    """Play the calls of a case and give all answers; what waits for nothing has happened before the next call."""
    recorded = str(case["provenance"].get("validated_on_aws") or "9999")
    without = frozenset(name for name, since in _LATER_MEMBERS.items() if recorded < since)
    clients = ClientRegistry.local()
    service = StepFunctions(
        VirtualClock(datetime.fromisoformat("2024-06-01T00:00:00+00:00")),
        lambda caller: Dispatcher(clients),
        seed=1,
    )
    script = {**case, "steps": [_consistent(step) for step in case["steps"]]}
    return runner().run_script(ScriptClient(service, without), script, sleep=lambda seconds: service.turn())
