"""Kills `stepsmith work` at any moment, with the judge that lies beside the checkout, and with workloads of our own.

    python -m tests.durability.kill [KILLS] [PHASES]

The judge knows nothing of this package but its command line. To its workloads come nested executions, a distributed Map
and callbacks, and the journal is one of an earlier schema, so that the first commands migrate it. Exit code 0 says that
no promise was broken.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shlex
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
JUDGE = Path(os.environ.get("STEPSMITH_SHARED", ROOT.parent / "shared")) / "killtest.py"
PHASES = "random,targeted,submit,two,signal,stop,full,torn"
CHILD = "arn:aws:states:us-east-1:123456789012:stateMachine:child"
ASK_TASK = '''

def kt_ask(event, context=None):
    """Hands its token to somebody who answers at once."""
    _run(event)
    from stepsmith.service import Journal, TokenError
    try:
        Journal(os.environ["KT_JOURNAL"]).answer(event["answer"], {"n": event["n"] + 5})
    except TokenError:
        pass  # answered in an earlier life
'''


def judge() -> ModuleType:
    """Load the judge; raises FileNotFoundError where it does not lie beside the checkout."""
    spec = importlib.util.spec_from_file_location("killtest", JUDGE)
    if spec is None or spec.loader is None or not JUDGE.exists():
        raise FileNotFoundError(JUDGE)
    module = importlib.util.module_from_spec(spec)
    sys.modules["killtest"] = module
    spec.loader.exec_module(module)
    return module


def workloads(kill: Any) -> dict[str, Any]:
    """Return the workloads that the judge does not have: definition, input, result, and tokens in their order."""

    def step(n: int) -> int:
        return (n * 3 + 1) % 1000003

    def token(what: str) -> str:
        return f"States.Format('{{}}|{what}', $.name)"

    def child() -> Any:
        second = kill._task("kt_step", token("c|1"))
        first = kill._task("kt_step", token("c|0"), "Second", result="$.r")
        first["Next"] = "Rest"
        states = {
            "First": first,
            "Rest": {"Type": "Wait", "Seconds": 1, "Next": "Second"},
            "Second": {
                **second,
                "Parameters": {**second["Parameters"], "n.$": "$.r.n"},
                "ResultSelector": {"n.$": "$.n"},
            },
        }
        return (
            {"StartAt": "First", "States": states},
            lambda r: {"n": r.randrange(1000), "ms": 3, "name": f"x{r.randrange(10**12)}"},
            lambda given: {"n": step(step(given["n"]))},
            lambda name, given: [[f"{given['name']}|c|{i}" for i in range(2)]],
        )

    def nested() -> Any:
        call = {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {
                "StateMachineArn": CHILD,
                "Input": {"n.$": "$.n", "ms.$": "$.ms", "name.$": "$$.Execution.Name"},
            },
            "ResultSelector": {"n.$": "$.Output.n", "ms": 3},
            "Next": "Last",
        }
        last = kill._task("kt_step", "States.Format('{}|last', $$.Execution.Name)")
        return (
            {"StartAt": "Call", "States": {"Call": call, "Last": {**last, "ResultSelector": {"n.$": "$.n"}}}},
            lambda r: {"n": r.randrange(1000), "ms": 3},
            lambda given: {"n": step(step(step(given["n"])))},
            lambda name, given: [[f"{name}|c|0", f"{name}|c|1", f"{name}|last"]],
        )

    def spread() -> Any:
        one = kill._task("kt_step", "States.Format('{}|spread{}', $.name, $.i)")
        states = {
            "Each": {
                "Type": "Map",
                "ItemsPath": "$.items",
                "MaxConcurrency": 3,
                "ItemSelector": {
                    "i.$": "$$.Map.Item.Index",
                    "n.$": "$$.Map.Item.Value",
                    "ms.$": "$.ms",
                    "name.$": "$$.Execution.Name",
                },
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                    "StartAt": "One",
                    "States": {"One": {**one, "ResultSelector": {"n.$": "$.n"}}},
                },
                "End": True,
            }
        }
        return (
            {"StartAt": "Each", "States": states},
            lambda r: {"items": [r.randrange(1000) for _ in range(5)], "ms": 3},
            lambda given: [{"n": step(x)} for x in given["items"]],
            lambda name, given: [[f"{name}|spread{i}"] for i in range(len(given["items"]))],
        )

    def ask() -> Any:
        state = {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": {
                "FunctionName": "kt_ask",
                "Payload": {
                    "answer.$": "$$.Task.Token",
                    "token.$": "States.Format('{}|ask', $$.Execution.Name)",
                    "n.$": "$.n",
                    "ms.$": "$.ms",
                },
            },
            "End": True,
        }
        return (
            {"StartAt": "Ask", "States": {"Ask": state}},
            lambda r: {"n": r.randrange(1000), "ms": 3},
            lambda given: {"n": given["n"] + 5},
            lambda name, given: [[f"{name}|ask"]],
        )

    return {"child": child, "nested": nested, "spread": spread, "ask": ask}


def earlier_journal(path: Path) -> None:
    """Make an empty journal of the earliest schema."""
    shutil.copy(ROOT / "tests" / "journals" / "schema1.db", path)
    db = sqlite3.connect(path)
    with db:
        for table in ("executions", "records", "heads", "tokens", "requests", "definitions"):
            db.execute(f"DELETE FROM {table}")
    db.close()


def main() -> int:
    """Run the campaign and print its report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kills", nargs="?", type=int, default=40)
    parser.add_argument("phases", nargs="?", default=PHASES)
    parser.add_argument("--workloads", default="")
    parser.add_argument("--quick", action="store_true", help="look at all executions in one process")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    kill = judge()
    kill.WORK.update(workloads(kill))
    kill.TASKS += ASK_TASK
    folder = Path(tempfile.mkdtemp(prefix="kill-"))
    earlier_journal(folder / "journal.db")
    os.environ["KT_JOURNAL"] = str(folder / "journal.db")
    where = "--journal {journal} --tasks {tasks}"
    stepsmith = f"{shlex.quote(sys.executable)} -m stepsmith"
    # the judge's parts: about a third of the kills falls to each of the first phases, see its help
    report = kill.campaign(
        argparse.Namespace(
            submit=f"{stepsmith} start {{definition}} --name {{name}} --input @{{input}} {where}",
            work=f"{stepsmith} work {where}",
            show=f"{stepsmith} history {{name}} --journal {{journal}} --json",
            show_all=f"{shlex.quote(sys.executable)} -m tests.durability.show_all {{journal}}"
            if arguments.quick
            else None,
            dir=str(folder),
            out=None,
            kills=arguments.kills,
            execs=22,
            window=0.0,
            snap_every=4,
            phases=arguments.phases,
            workloads=arguments.workloads or ",".join(kill.WORK),
            seed=arguments.seed,
            keep=False,
            quiet=False,
            verbose=True,
        )
    )
    print(json.dumps(report, indent=1))
    shutil.rmtree(folder, ignore_errors=True)
    return 1 if report["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
