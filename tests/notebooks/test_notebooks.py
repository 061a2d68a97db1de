"""Every notebook runs from top to bottom, and is stored without what it puts out."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# What needs the stepfunctions SDK is run by tests/stepsmith/sdk, in an environment that has it.
RUN_HERE = [path for path in NOTEBOOKS if path.stem != "from_the_stepfunctions_sdk"]
MOST_SECONDS = 60


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_each_workflow_has_a_notebook() -> None:
    told = {path.stem for path in NOTEBOOKS}

    assert {
        "image_recognition",
        "customer_onboarding",
        "shopping_cart",
        "vending_pass",
        "power_tuning",
        "media_transform",
        "content_ingest",
    } <= told


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_without_output(path: Path) -> None:
    notebook = read(path)

    assert all(cell.outputs == [] and cell.execution_count is None for cell in code_cells(notebook))
    assert "widgets" not in notebook.metadata


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_tells_its_story_in_prose_first(path: Path) -> None:
    notebook = read(path)

    first, second = notebook.cells[:2]
    assert (first.cell_type, second.cell_type) == ("markdown", "code")
    assert first.source.startswith("# ")


def run(path: Path, folder: Path) -> Any:
    """Give a notebook as it is after its cells were run in a folder."""
    notebook = read(path)
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=MOST_SECONDS, kernel_name="python3", resources=resources).execute()
    return notebook


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning", "ignore::ResourceWarning")
def test_a_notebook_that_reads_files_runs_from_the_root_of_the_project_too() -> None:
    notebook = run(ROOT / "notebooks" / "image_recognition.ipynb", ROOT)

    shown = [output.get("data", {}) for cell in code_cells(notebook) for output in cell.outputs]
    assert any("image/jpeg" in data for data in shown)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("path", RUN_HERE, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(path: Path) -> None:
    notebook = run(path, path.parent)

    figures = [output for cell in code_cells(notebook) for output in cell.outputs if "data" in output]
    assert figures
    assert all("text/plain" in output.data for output in figures)
    assert not any("<script" in output.data.get("text/html", "") for output in figures)
