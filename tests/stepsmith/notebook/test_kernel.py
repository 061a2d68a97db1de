"""In a real kernel: what a cell puts out while an execution runs or is interrupted, and what stays in the file."""

import re
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel
from nbclient import NotebookClient

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings(
        "ignore::DeprecationWarning", "ignore::RuntimeWarning", "ignore::ResourceWarning"
    ),
]
ROOT = Path(__file__).resolve().parents[3]
SETUP = """
import threading
from stepsmith import load

def machine(*names):
    states = {name: {"Type": "Task", "Resource": f"arn:aws:lambda:eu-west-1:1:function:{name}", "Next": after}
              for name, after in zip(names, names[1:])}
    states[names[-1]] = {"Type": "Task", "Resource": f"arn:aws:lambda:eu-west-1:1:function:{names[-1]}", "End": True}
    return load({"StartAt": names[0], "States": states}, name="shown")

tasks = {"quick": lambda payload: payload, "endless": lambda payload: threading.Event().wait(60)}
"""


@pytest.fixture(scope="module")
def kernel() -> Iterator[tuple[KernelManager, BlockingKernelClient]]:
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(ROOT))
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def messages(client: BlockingKernelClient, code: str) -> Iterator[dict[str, Any]]:
    """What the kernel says about a cell, up to its end."""
    sent = client.execute(code)
    while True:
        message = client.get_iopub_msg(timeout=30)
        if message["parent_header"].get("msg_id") != sent:
            continue
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return
        yield message


def figures(found: list[dict[str, Any]]) -> list[str]:
    return [
        message["content"]["data"]["text/plain"]
        for message in found
        if message["msg_type"] in ("display_data", "update_display_data")
    ]


def test_one_display_is_updated_and_ends_with_the_last_frame(
    kernel: tuple[KernelManager, BlockingKernelClient],
) -> None:
    _, client = kernel
    list(messages(client, SETUP))

    found = list(messages(client, 'execution = machine("quick").run({}, tasks=tasks)'))

    displays = {
        message["content"]["transient"]["display_id"]
        for message in found
        if "transient" in message["content"] and message["content"]["transient"]
    }
    assert len(displays) == 1
    assert [message["msg_type"] for message in found].count("display_data") == 1
    assert figures(found)[-1].startswith("✓ shown SUCCEEDED")


def test_interrupting_the_kernel_stops_the_run_and_leaves_a_true_picture(
    kernel: tuple[KernelManager, BlockingKernelClient],
) -> None:
    manager, client = kernel
    list(messages(client, SETUP))

    found: list[dict[str, Any]] = []
    interrupted = False
    for message in messages(client, 'machine("quick", "endless").run({}, tasks=tasks)'):
        found.append(message)
        if not interrupted and "running: endless" in "".join(figures(found)):
            interrupted = True
            manager.interrupt_kernel()

    last = figures(found)[-1]
    assert last.startswith("■ shown ABORTED")
    assert "endless [Task endless] aborted" in last
    assert any(message["content"].get("ename") == "KeyboardInterrupt" for message in found)


@pytest.mark.parametrize("how", ["live.wait()", "live.result()", "await live"])
def test_interrupting_the_wait_for_a_started_execution_stops_it(
    kernel: tuple[KernelManager, BlockingKernelClient], how: str
) -> None:
    manager, client = kernel
    list(messages(client, SETUP))

    found: list[dict[str, Any]] = []
    interrupted = False
    for message in messages(client, f'live = machine("quick", "endless").start({{}}, tasks=tasks)\n{how}'):
        found.append(message)
        if not interrupted and "running: endless" in "".join(figures(found)):
            interrupted = True
            manager.interrupt_kernel()

    assert figures(found)[-1].startswith("■ shown ABORTED")
    assert "endless [Task endless] aborted" in figures(found)[-1]
    assert any(
        message["content"].get("ename") in ("KeyboardInterrupt", "CancelledError") for message in found
    )


def test_a_loop_draws_no_hundred_figures(kernel: tuple[KernelManager, BlockingKernelClient]) -> None:
    _, client = kernel
    list(messages(client, SETUP))

    found = list(messages(client, 'for _ in range(20): machine("quick").run({}, tasks=tasks)'))

    assert [message["msg_type"] for message in found].count("display_data") == 4


def test_nothing_is_drawn_where_quiet_is_asked_for(
    kernel: tuple[KernelManager, BlockingKernelClient],
) -> None:
    _, client = kernel
    list(messages(client, SETUP))

    found = list(
        messages(
            client,
            'from stepsmith.notebook import quiet\nwith quiet(): machine("quick").run({}, tasks=tasks)',
        )
    )

    assert figures(found) == []


def test_the_last_frame_of_a_started_execution_stays_in_the_saved_notebook() -> None:
    cells = [SETUP, 'live = machine("quick").start({}, tasks=tasks)', "live.wait();"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in cells])

    NotebookClient(
        notebook, timeout=30, kernel_name="python3", resources={"metadata": {"path": ROOT}}
    ).execute()

    (output,) = notebook.cells[1].outputs
    assert output.data["text/plain"].startswith("✓ shown SUCCEEDED")
    assert "shown SUCCEEDED" in output.data["image/svg+xml"]


def test_the_last_frame_is_in_the_exported_page() -> None:
    nbconvert = pytest.importorskip("nbconvert")
    cells = [SETUP, 'machine("quick").run({}, tasks=tasks);']
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in cells])
    NotebookClient(
        notebook, timeout=30, kernel_name="python3", resources={"metadata": {"path": ROOT}}
    ).execute()

    page, _ = nbconvert.HTMLExporter().from_notebook_node(notebook)

    (figure,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
    assert "shown SUCCEEDED" in b64decode(figure).decode()


def test_an_execution_of_a_journal_is_shown_as_one_in_memory_is(
    kernel: tuple[KernelManager, BlockingKernelClient], tmp_path: Path
) -> None:
    _, client = kernel
    payload = "{'text': '<script>alert(1)</script>'}"
    list(messages(client, SETUP))
    list(
        messages(
            client,
            f"from stepsmith import Journal\njournal = Journal({str(tmp_path / 'j.db')!r})\n"
            f"in_memory = machine('quick').run({payload}, tasks=tasks)\n"
            f"recorded = journal.start(machine('quick'), {payload}, tasks=tasks, name='one').wait(30)",
        )
    )

    memory, journal = (
        [each["content"]["data"] for each in messages(client, code) if each["msg_type"] == "execute_result"]
        for code in ("in_memory", "journal.execution('one')")
    )

    ((memory,), (journal,)) = memory, journal
    assert journal["text/plain"] == memory["text/plain"]
    assert journal["text/plain"].startswith("✓ shown SUCCEEDED")
    assert plain(journal["text/html"]) == plain(memory["text/html"])
    assert "&lt;script&gt;alert(1)" in journal["text/html"]
    assert "<script>alert" not in journal["text/html"]


def plain(html: str) -> str:
    """Give what a page shows, without instants and what is drawn by them."""
    return " ".join(
        re.sub(r"<style.*?</style>|<[^>]+>|\d{4}-\d\d-\d\d[^<]*", " ", html, flags=re.DOTALL).split()
    )


def test_an_execution_that_ends_between_two_cells_is_drawn_with_the_next(
    kernel: tuple[KernelManager, BlockingKernelClient],
) -> None:
    _, client = kernel
    list(messages(client, SETUP))
    start = 'go = threading.Event(); live = machine("held").start({}, tasks={"held": lambda payload: go.wait(10)})'
    release = "threading.Timer(0.02, go.set).start()"
    list(messages(client, f"{start}\n{release}"))

    found = list(messages(client, "live.wait();"))

    assert figures(found)[-1].startswith("✓ shown SUCCEEDED")


def test_a_workflow_of_a_cell_is_told_of_by_the_name_of_its_cell(
    kernel: tuple[KernelManager, BlockingKernelClient],
) -> None:
    code = """
from stepsmith import task, workflow

@task
def fail(text: str) -> str:
    raise ValueError(text)

@workflow
def failing(text: str) -> str:
    return fail(text)

print(failing.run(text="no")._repr_mimebundle_()["text/plain"])

@workflow
def refused(text: str) -> str:
    return undefined(text)
"""

    found = list(messages(kernel[1], code))

    printed = [each["content"]["text"] for each in found if each["msg_type"] == "stream"]
    errors = [each["content"]["evalue"] for each in found if each["msg_type"] == "error"]
    assert re.search(r"^Cell In\[[0-9]+\]:9: return fail\(text\)$", "".join(printed), re.MULTILINE)
    assert re.match(r"Cell In\[[0-9]+\]:15:12: ", errors[0])
