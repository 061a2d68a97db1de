"""The SDK for the tests that need it: whole modules of them are skipped where it is not installed."""

from importlib.util import find_spec

import pytest

from stepsmith.sdk import import_sdk

if find_spec("stepfunctions") is None:
    pytest.skip(
        "the stepfunctions SDK is not installed here: make test-sdk runs this", allow_module_level=True
    )

SDK = import_sdk()
ROLE = "arn:aws:iam::123456789012:role/runs-machines"
WIDGETS = [
    (SDK.workflow.Workflow, "render_graph"),
    (SDK.workflow.Execution, "render_progress"),
    (SDK.workflow.Execution, "list_events"),
]
"""What `replace_widgets` replaces."""
