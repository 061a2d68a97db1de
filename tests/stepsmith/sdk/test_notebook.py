"""The notebook on the way from the SDK runs from top to bottom, where the SDK is."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.stepsmith.sdk.environment import SDK

NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "from_the_stepfunctions_sdk.ipynb"


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning", "ignore::ResourceWarning")
def test_the_notebook_runs_and_shows_graphs_without_scripts() -> None:
    assert SDK is not None
    notebook: Any = nbformat.read(NOTEBOOK, as_version=4)
    stored = [(cell.outputs, cell.execution_count) for cell in code_cells(notebook)]
    client = NotebookClient(
        notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(NOTEBOOK.parent)}}
    )

    client.execute()

    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    shown = [output.get("data", {}) for output in outputs]
    drawn = [data[kind] for data in shown for kind in ("text/html", "image/svg+xml") if kind in data]
    assert all(kept == ([], None) for kept in stored)
    assert [output for output in outputs if output.get("name") == "stderr"] == []
    assert sum("<svg" in html for html in drawn) >= 3
    assert not any("<script" in html for html in drawn)
