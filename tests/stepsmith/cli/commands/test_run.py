from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.stepsmith.cli.conftest import Call

ECHO: dict[str, Any] = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
CALLING: dict[str, Any] = {
    "StartAt": "Settle",
    "States": {
        "Settle": {"Type": "Wait", "Seconds": 90, "Next": "Call"},
        "Call": {
            "Type": "Task",
            "Resource": "arn:aws:lambda:us-east-1:123456789012:function:work",
            "End": True,
        },
    },
}


@pytest.fixture
def echo(tmp_path: Path) -> str:
    path = tmp_path / "echo.asl.json"
    path.write_text(json.dumps(ECHO))
    return str(path)


@pytest.fixture
def calling(tmp_path: Path) -> str:
    path = tmp_path / "calling.asl.json"
    path.write_text(json.dumps(CALLING))
    return str(path)


@pytest.mark.usefixtures("project")
def test_the_output_is_json_and_the_progress_is_apart(stepsmith: Call) -> None:
    outcome = stepsmith("run", "ordering", 'order={"sku": "a", "quantity": 2}')

    assert outcome.code == 0
    assert json.loads(outcome.out) == 500
    assert "60.000 s  ✓ Price" in outcome.err
    assert outcome.err.endswith("SUCCEEDED after 60 s\n")


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    "arguments",
    [
        ["--input", '{"order": {"sku": "a", "quantity": 2}}'],
        ["order.sku=a", "order.quantity=2"],
        ["--input", '{"order": {"sku": "a"}}', "order.quantity=2"],
        ["order.sku=a", "--seed", "5", "order.quantity=2"],
    ],
)
def test_an_input_is_given_as_json_or_in_parts(stepsmith: Call, arguments: list[str]) -> None:
    assert json.loads(stepsmith("run", "ordering", *arguments).out) == 500


def test_an_input_is_read_from_a_file_or_standard_input(stepsmith: Call, project: Path) -> None:
    (project / "in.json").write_text('{"order": {"sku": "a"}}')

    from_file = stepsmith("run", "ordering", "--input", "@in.json")
    from_stdin = stepsmith("run", "ordering", "--input", "-", stdin=b'{"order": {"sku": "a"}}')

    assert from_file.out == from_stdin.out == "250\n"


@pytest.mark.usefixtures("project")
def test_a_failed_execution_says_error_cause_and_state(stepsmith: Call) -> None:
    outcome = stepsmith("run", "ordering", "order.sku=none")

    assert (outcome.code, outcome.out) == (1, "")
    assert "60.000 s  ✗ Price failed: SoldOut\n" in outcome.err
    assert (
        "stepsmith: FAILED: SoldOut: no none left\n  in state 'Price' (workflows/ordering.py:13)\n"
        in outcome.err
    )
    assert "Traceback" not in outcome.err
    assert 'tasks/selling.py", line ' in outcome.err
    assert '      raise SoldOut("no none left")\n' in outcome.err
    assert "stepsmith/authoring" not in outcome.err


def test_a_failure_in_a_child_is_shown_with_the_way_to_it(stepsmith: Call, project: Path) -> None:
    (project / "workflows" / "shopping.py").write_text(
        "from stepsmith import workflow\n"
        "from tasks.selling import Order, note\n"
        "from workflows.ordering import ordering\n\n\n"
        "@workflow\n"
        "def shopping(order: Order) -> int:\n"
        '    """Order."""\n'
        "    return ordering(order)\n"
    )

    outcome = stepsmith("run", "shopping", "order.sku=none")

    assert (
        "stepsmith: FAILED: SoldOut: no none left\n"
        "  in state 'Ordering' (workflows/shopping.py:9)\n"
        "  in state 'Price' of ordering (workflows/ordering.py:13)\n"
    ) in outcome.err


def test_what_a_task_prints_is_no_part_of_the_json(stepsmith: Call, echo: str, project: Path) -> None:
    (project / "tasks" / "chatty.py").write_text(
        "from stepsmith import task\n\n\n"
        "@task\n"
        "def chat(number: int) -> int:\n"
        '    """Print."""\n'
        '    print("chatting")\n'
        "    return number\n"
    )
    (project / "workflows" / "chatting.py").write_text(
        "from stepsmith import workflow\n"
        "from tasks.chatty import chat\n\n\n"
        "@workflow\n"
        "def chatting(number: int) -> int:\n"
        '    """Chat."""\n'
        "    return chat(number)\n"
    )

    whole, output = (
        stepsmith("run", "chatting", "number=3", "--json"),
        stepsmith("run", "chatting", "number=3"),
    )

    assert json.loads(whole.out)["output"] == 3
    assert "chatting\n" in whole.err
    assert output.out == "chatting\n3\n"


def test_a_folder_is_answered_with_its_definitions(stepsmith: Call, echo: str) -> None:
    outcome = stepsmith("run", str(Path(echo).parent))

    assert outcome.code == 2
    assert outcome.err.endswith(f"is a folder; it holds the definitions {echo}\n")


@pytest.mark.parametrize(
    "ending", ["raise SystemExit(3)", "import pytest; pytest.skip('no', allow_module_level=True)"]
)
def test_a_module_that_ends_the_process_is_named(stepsmith: Call, project: Path, ending: str) -> None:
    (project / "workflows" / "ending.py").write_text(ending)

    outcome = stepsmith("run", "ending")
    listed = stepsmith("list")

    assert outcome.code == listed.code == 2
    assert all("workflows.ending cannot be imported: " in each.err for each in (outcome, listed))


def test_a_misspelt_file_is_answered_with_its_neighbour(stepsmith: Call, echo: str) -> None:
    outcome = stepsmith("run", echo.replace("echo", "ecko"))

    assert outcome.code == 2
    assert outcome.err.endswith("No such file or directory; did you mean 'echo.asl.json'?\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b'{"a": "\xff"}', ":1:8: AWS would refuse this definition: INVALID_JSON_DESCRIPTION: Invalid UTF-8"),
        (
            b'{"StartAt": "A",\n"States": {}}',
            ":2:1: AWS would refuse this definition: SCHEMA_VALIDATION_FAILED: ",
        ),
        (b"[1]", ":1:1: AWS would refuse this definition: SCHEMA_VALIDATION_FAILED: "),
    ],
)
def test_a_definition_that_aws_would_refuse_is_named_with_the_place(
    stepsmith: Call, tmp_path: Path, text: bytes, message: str
) -> None:
    path = tmp_path / "bad.asl.json"
    path.write_bytes(text)

    outcome = stepsmith("run", str(path))

    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert outcome.err.startswith(f"stepsmith: {path}{message}")


@pytest.mark.usefixtures("project")
def test_json_is_the_whole_execution_as_one_object(stepsmith: Call) -> None:
    good = json.loads(stepsmith("run", "ordering", "order.sku=a", "--json").out)
    bad = json.loads(stepsmith("run", "ordering", "order.sku=none", "--json").out)

    assert (good["status"], good["output"], good["elapsed"]) == ("SUCCEEDED", 250, 60.0)
    assert {"name": "Wait 1 minute", "entered": 0.0, "exited": 60.0} in good["states"]
    assert (bad["status"], bad["error"], bad["state"]) == ("FAILED", "SoldOut", "Price")


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ordring"], "no workflow 'ordring'; did you mean 'ordering'?"),
        (["zzz"], "no workflow 'zzz'; the workflows are noting, ordering"),
        (
            ["ordering"],
            "ordering needs order: give order=... or --input JSON; stepsmith list shows the types",
        ),
        (["ordering", "--input", "{}"], "order is missing"),
        (["ordering", "ordr=1"], "there is no input 'ordr'; did you mean 'order'?"),
        (["ordering", "order.quantity=two", "order.sku=a"], "order.quantity: "),
        (["ordering", "order=5"], "order: "),
        (["ordering", "order"], "'order' is not of the form key=value"),
        (["ordering", "order=5", "order.sku=a"], "'order.sku=a' goes into 'order', which is no object"),
        (["ordering", "--input", "[1]", "a=1"], "key=value can only be added to an input that is an object"),
        (["ordering", "--input", "{"], "--input: the input is not JSON: line 1, column 2: "),
        (["ordering", "--input", "@no.json"], "'no.json' cannot be read: No such file or directory"),
        (["ordering", "--input", "@"], "--input @ names no file; write @input.json"),
        (["ordering", "--input", "@."], "'.' cannot be read: Is a directory"),
        (
            ["ordering", "--tasks", "no_such_module", "order.sku=a"],
            "no module 'no_such_module' to take tasks from",
        ),
        (["ordering", "--tasks", "no.py", "order.sku=a"], "tasks file 'no.py' is not there"),
        (["ordering", "--mock", "no.json", "order.sku=a"], "mock file 'no.json' cannot be read"),
        (["ordering", "--upload", "no.jpg"], "--upload 'no.jpg': no such file"),
        (["ordering", "--upload", "."], "--upload '.': this is a folder"),
        (
            ["ordering", "--upload", "workflows/noting.py"],
            "ordering takes no file: its module has no prepare_local",
        ),
        (["no/such.asl.json"], "definition 'no/such.asl.json' cannot be read: No such file or directory"),
        (["workflows"], "'workflows' is a folder, and holds no definition"),
        (["./"], "'./' is a folder, and holds no definition"),
        (
            ["workflows/noting.py"],
            "'workflows/noting.py' is Python; a workflow is called by its name, without",
        ),
        (["ordering", "order.sku=a", "order.sku=b"], "'order.sku=b' says again what 'order.sku=a' has said"),
        (["ordering", "order.sku=a", "order={}"], "'order={}' says again what 'order.sku=a' has said"),
        (["ordering", "order.=5"], "'order.=5' is not of the form key=value"),
        (
            ["ordering", 'order={"sku": "a"'],
            """'order={"sku": "a"' begins like JSON and is not: column 12 of the value: """,
        ),
        (["ordering", "order=[1"], "'order=[1' begins like JSON and is not: column 3 of the value: "),
        (
            ["ordering", "order.sku=a", "--case", "Good"],
            "--case chooses from a mock configuration; name it with",
        ),
        (
            ["ordering", "order.sku=a", "--tasks", ".."],
            "'..' is neither a module, such as tasks.orders, nor a ",
        ),
        (
            ["ordering", "order.sku=a", "--tasks", "workflows"],
            "workflows has neither TASKS nor a public function",
        ),
        (
            ["ordering", "order.sku=a", "--answer", "A=1", "--answer", "A=2"],
            "--answer 'A=2' answers 'A' a second ",
        ),
        (
            ["ordering", "order.sku=a", "--answer", "A={"],
            "'--answer A={' begins like JSON and is not: column 2 ",
        ),
        (["ordering", "order.sku=a", "--out", ""], "--out is empty"),
        ([""], "NAME|FILE is empty"),
        (["ordering.py"], "no workflow 'ordering.py'; did you mean 'ordering'?"),
        (["x" * 5000], "no workflow 'xxx"),
        (["x" * 5000 + ".json"], "definition 'xxx"),
    ],
)
def test_a_wrong_call_names_the_thing(stepsmith: Call, arguments: list[str], message: str) -> None:
    outcome = stepsmith("run", *arguments)

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"stepsmith: {message}")
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize(
    ("stdin", "message"),
    [
        (b'{"a":', "standard input: the input is not JSON: line 1, column 6: "),
        (b"\xff\xfe{}", "standard input: the input is not JSON: line 1, column 1: Invalid UTF-8 byte 0xff"),
        (b"", "standard input: the input is not JSON: line 1, column 1: "),
        (b'{"a": NaN}', "standard input: the input is not JSON: line 1, column 7: "),
        (b"[" * 5000, "standard input: the input is not JSON: line 1, column 251: "),
        (b'"' + b"x" * 300_000 + b'"', "standard input: the input has 300002 bytes; 262144 are allowed"),
        (b"1" * 1_100_000, "standard input: the input is larger than 1048576 bytes"),
    ],
)
def test_standard_input_that_is_no_input_says_where(
    stepsmith: Call, echo: str, stdin: bytes, message: str
) -> None:
    outcome = stepsmith("run", echo, "--input", "-", stdin=stdin)

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"stepsmith: {message}")


def test_undecodable_bytes_in_the_call_are_refused(stepsmith: Call, echo: str) -> None:
    outcome = stepsmith("run", echo, os.fsdecode(b"a=\xff"))

    assert outcome.code == 2
    assert "is not UTF-8 text" in outcome.err


def test_a_definition_that_aws_would_refuse_is_refused(stepsmith: Call, tmp_path: Path) -> None:
    path = tmp_path / "bad.asl.json"
    path.write_text('{"StartAt": "B", "States": {"A": {"Type": "Pass", "End": true}}}')

    outcome = stepsmith("run", str(path))

    assert outcome.code == 2
    assert "AWS would refuse this definition: MISSING_TRANSITION_TARGET" in outcome.err


def test_a_task_that_nobody_answers_points_to_the_option(stepsmith: Call, calling: str) -> None:
    outcome = stepsmith("run", calling)

    assert outcome.code == 1
    assert "Lambda.ResourceNotFoundException" in outcome.err
    assert "name a module that has one with --tasks" in outcome.err


@pytest.mark.parametrize(
    "text",
    [
        "def work(payload):\n    return {'hi': payload}\n",
        "TASKS = {'Call': lambda payload: {'hi': payload}}\n",
        "TASKS = {'arn:aws:lambda:us-east-1:123456789012:function:work': lambda payload: {'hi': payload}}\n",
    ],
)
def test_the_tasks_of_a_definition_come_from_a_module(
    stepsmith: Call, calling: str, tmp_path: Path, text: str
) -> None:
    module = tmp_path / "answers.py"
    module.write_text(text)

    outcome = stepsmith("run", calling, "a=1", "--tasks", str(module))

    assert json.loads(outcome.out) == {"hi": {"a": 1}}


def test_a_module_of_tasks_that_breaks_is_named(stepsmith: Call, calling: str, tmp_path: Path) -> None:
    module = tmp_path / "answers.py"
    module.write_text("1 / 0\n")

    outcome = stepsmith("run", calling, "--tasks", str(module))

    assert outcome.code == 2
    assert "answers.py cannot be imported: ZeroDivisionError: division by zero" in outcome.err


def test_a_mock_file_answers_the_tasks(stepsmith: Call, calling: str, tmp_path: Path) -> None:
    mock = tmp_path / "mock.json"
    cases = {"Good": {"Call": "Fine"}, "Bad": {"Call": "Broken"}}
    responses = {
        "Fine": {"0": {"Return": {"a": 1}}},
        "Broken": {"0": {"Throw": {"Error": "E", "Cause": "c"}}},
    }
    content = {"StateMachines": {"m": {"TestCases": cases}}, "MockedResponses": responses}
    mock.write_text(json.dumps(content))

    good = stepsmith("run", calling, "--mock", str(mock), "--case", "Good")
    bad = stepsmith("run", calling, "--mock", str(mock), "--machine", "m", "--case", "Bad")
    unclear = stepsmith("run", calling, "--mock", str(mock))

    assert json.loads(good.out) == {"a": 1}
    assert "FAILED: E: c" in bad.err
    assert (unclear.code, "name one of Good, Bad" in unclear.err) == (2, True)


def test_a_mocked_state_that_is_not_there_is_refused(stepsmith: Call, calling: str, tmp_path: Path) -> None:
    mock = tmp_path / "mock.json"
    machines = {"m": {"TestCases": {"Good": {"Cal": "Fine"}}}}
    responses = {"Fine": {"0": {"Return": {"a": 1}}}}
    mock.write_text(json.dumps({"StateMachines": machines, "MockedResponses": responses}))

    outcome = stepsmith("run", calling, "--mock", str(mock))

    assert (outcome.code, outcome.out) == (2, "")
    assert "--mock: there is no state 'Cal'; did you mean 'Call'?" in outcome.err


def test_a_table_of_tasks_that_names_what_no_state_calls_is_refused(
    stepsmith: Call, calling: str, tmp_path: Path
) -> None:
    module = tmp_path / "misspelt.py"
    module.write_text("TASKS = {'work': lambda payload: payload, 'wrok': lambda payload: payload}\n")

    outcome = stepsmith("run", calling, "--tasks", str(module))

    assert (outcome.code, outcome.out) == (2, "")
    assert "misspelt.py: no state calls 'wrok'; did you mean 'work'?" in outcome.err


def test_a_table_may_hold_tasks_of_the_machines_that_are_started(
    stepsmith: Call, calling: str, tmp_path: Path
) -> None:
    resource = "arn:aws:lambda:us-east-1:123456789012:function:other"
    state = {"Type": "Task", "Resource": resource, "End": True}
    neighbour = {"StartAt": "Other", "States": {"Other": state}}
    (Path(calling).parent / "neighbour.asl.json").write_text(json.dumps(neighbour))
    (Path(calling).parent / "broken.asl.json").write_text("{")
    module = tmp_path / "both.py"
    module.write_text("TASKS = {'work': lambda payload: 1, 'other': lambda payload: 2}\n")

    assert stepsmith("run", calling, "--tasks", str(module)).out == "1\n"


def test_a_callback_is_answered_in_the_call(stepsmith: Call, tmp_path: Path) -> None:
    path = tmp_path / "asking.asl.json"
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}},
        "TimeoutSeconds": 60,
        "End": True,
    }
    path.write_text(json.dumps({"StartAt": "Ask", "States": {"Ask": state}}))
    module = tmp_path / "answers.py"
    module.write_text("def ask(payload):\n    return None\n")

    by_state = stepsmith("run", str(path), "--tasks", str(module), "--answer", 'Ask={"yes": true}')
    by_function = stepsmith("run", str(path), "--tasks", str(module), "--answer", "ask=yes")
    by_nobody = stepsmith("run", str(path), "--tasks", str(module))
    wrong = stepsmith("run", str(path), "--answer", "yes")
    (tmp_path / "broken.asl.json").write_text("{")
    misspelt = stepsmith("run", str(path), "--answer", "Aks=yes")

    assert json.loads(by_state.out) == {"yes": True}
    assert json.loads(by_function.out) == "yes"
    assert "States.Timeout" in by_nobody.err
    assert wrong.err == "stepsmith: --answer 'yes' is not of the form STATE=JSON\n"
    assert misspelt.err == (
        "stepsmith: --answer 'Aks': there is no such state or function; did you mean 'Ask'?\n"
    )


def test_a_definition_may_start_the_one_next_to_it(stepsmith: Call, echo: str, tmp_path: Path) -> None:
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {
            "StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:echo",
            "Input.$": "$",
        },
        "OutputPath": "$.Output",
        "End": True,
    }
    parent = tmp_path / "parent.asl.json"
    parent.write_text(json.dumps({"StartAt": "Start", "States": {"Start": state}}))

    assert json.loads(stepsmith("run", str(parent), "a=1").out) == {"a": 1}, echo


def test_a_committed_definition_runs_with_the_tasks_of_its_workflow(stepsmith: Call, project: Path) -> None:
    assert stepsmith("compile").code == 0

    outcome = stepsmith("run", "definitions/ordering.asl.json", "order.sku=a")

    assert outcome.out == "250\n", outcome.err


@pytest.mark.usefixtures("project")
def test_text_stays_text_for_an_input_that_is_text(stepsmith: Call) -> None:
    outcome = stepsmith("run", "noting", "text=5", "--json")

    assert json.loads(outcome.out)["error"] == "NoSuchBucket"


def test_an_uploaded_file_becomes_the_input_and_what_was_made_is_written(
    stepsmith: Call, project: Path
) -> None:
    (project / "hello.txt").write_text("hello")

    outcome = stepsmith("run", "noting", "--upload", "hello.txt", "--out", "made")

    written = project / "made" / "notes" / "made" / "note.txt"
    record, _, sections = outcome.out.partition("\n")
    assert json.loads(record) == "HELLO"
    assert written.read_text() == "hello"
    assert "s3://notes/made/note.txt is made/notes/made/note.txt" in sections
    assert "States\n" in sections
    assert not (project / "made" / "notes" / "given").exists()


def test_the_output_is_written_where_a_file_cannot_be(stepsmith: Call, project: Path) -> None:
    (project / "hello.txt").write_text("hello")
    (project / "made").write_text("no folder")

    outcome = stepsmith("run", "noting", "--upload", "hello.txt", "--out", "made")

    assert outcome.code == 2
    assert outcome.out.startswith('"HELLO"\n')
    assert outcome.err.endswith("stepsmith: made/notes/made/note.txt cannot be written: Not a directory\n")


@pytest.mark.parametrize("link", [".stepsmith", ".stepsmith/noting"])
def test_files_do_not_follow_a_link_that_nobody_has_named(stepsmith: Call, project: Path, link: str) -> None:
    (project / "hello.txt").write_text("hello")
    (project / "elsewhere").mkdir()
    (project / link).parent.mkdir(exist_ok=True)
    (project / link).symlink_to(project / "elsewhere")

    outcome = stepsmith("run", "noting", "--upload", "hello.txt")

    assert (outcome.code, outcome.err) == (
        2,
        f"stepsmith: {link} is a link; say with --out where files go\n",
    )
    assert list((project / "elsewhere").iterdir()) == []


def test_files_go_to_a_folder_of_the_workflow_by_default(stepsmith: Call, project: Path) -> None:
    (project / "hello.txt").write_text("hello")

    stepsmith("run", "noting", "--upload", "hello.txt")

    assert (project / ".stepsmith" / "noting" / "notes" / "made" / "note.txt").is_file()


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_run_and_says_what_was_running(
    calling: str, tmp_path: Path, sent: int, code: int
) -> None:
    module = tmp_path / "answers.py"
    module.write_text(
        "import threading\ndef work(payload):\n    print('working', flush=True)\n    threading.Event().wait(60)\n"
    )
    command = [
        sys.executable,
        "-c",
        "from stepsmith.cli import main; main()",
        "run",
        calling,
        "--tasks",
        str(module),
    ]
    heard = partial(signal.signal, signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heard
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()

        process.send_signal(sent)
        _, err = process.communicate(timeout=10)

    assert process.returncode == code
    assert "stepsmith: interrupted; running: Call" in err
    assert "Traceback" not in err


def test_a_machine_in_a_template_runs_with_its_functions(
    stepsmith: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text("def handle(event, context):\n    return {**event, 'seen': True}\n")
    (tmp_path / "template.yaml").write_text(
        "Resources:\n"
        "  F:\n"
        "    Type: AWS::Serverless::Function\n"
        "    Properties: {Runtime: python3.12, CodeUri: ., Handler: app.handle}\n"
        "  M:\n"
        "    Type: AWS::Serverless::StateMachine\n"
        "    Properties:\n"
        "      Definition: {StartAt: A, States: {A: {Type: Task, Resource: !GetAtt F.Arn, End: true}}}\n"
    )

    outcome = stepsmith("run", "template.yaml#M", "n=1")
    lost = stepsmith("run", "template.yaml#N", "n=1")

    assert json.loads(outcome.out) == {"n": 1, "seen": True}
    assert (lost.code, lost.err) == (
        2,
        "stepsmith: template.yaml has no state machine 'N'; they are M\n",
    )


def test_a_definition_in_yaml_runs(stepsmith: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.asl.yaml").write_text("StartAt: A\nStates:\n  A: {Type: Pass, Nxt: B, End: true}\n")

    outcome = stepsmith("run", "a.asl.yaml")

    assert outcome.code == 2
    assert "a.asl.yaml:3:3: AWS would refuse this definition" in outcome.err
