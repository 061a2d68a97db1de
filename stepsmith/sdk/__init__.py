"""The way between stepsmith and the `stepfunctions` SDK, in both directions; extra `sdk`."""

from stepsmith.sdk.importing import import_sdk
from stepsmith.sdk.inputs import input_model
from stepsmith.sdk.machines import definition_of, execution_from_sdk, from_sdk, replace_widgets
from stepsmith.sdk.workflows import SdkExecution, SdkWorkflow, to_graph, to_sdk

__all__ = [
    "SdkExecution",
    "SdkWorkflow",
    "definition_of",
    "execution_from_sdk",
    "from_sdk",
    "import_sdk",
    "input_model",
    "replace_widgets",
    "to_graph",
    "to_sdk",
]
