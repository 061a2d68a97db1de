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
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.durability import forks
from tests.durability.workloads import ASK_TASK, workloads

ROOT = Path(__file__).resolve().parents[2]
JUDGE = Path(os.environ.get("STEPSMITH_SHARED", ROOT.parent / "shared")) / "killtest.py"
PHASES = "random,targeted,submit,two,signal,stop,full,torn"


def judge() -> ModuleType:
    """Load the judge; raises FileNotFoundError where it does not lie beside the checkout."""
    spec = importlib.util.spec_from_file_location("killtest", JUDGE)
    if spec is None or spec.loader is None or not JUDGE.exists():
        raise FileNotFoundError(JUDGE)
    module = importlib.util.module_from_spec(spec)
    sys.modules["killtest"] = module
    spec.loader.exec_module(module)
    return module


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
    parser.add_argument("--lanes", type=int, default=1, help="share the phases among so many, side by side")
    parser.add_argument(
        "--anew", action="store_true", help="begin each command in a new interpreter, not by forking"
    )
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if not JUDGE.exists():
        print(f"{JUDGE} is not here; nobody is killed")
        return 0
    if arguments.lanes > 1:
        return side_by_side(arguments)
    report = campaign(arguments)
    print(json.dumps(report, indent=1))
    return 1 if report["violations"] else 0


def side_by_side(arguments: argparse.Namespace) -> int:
    """Run the phases in several processes, each with a journal of its own; exit code 0 says that all did well."""
    phases = arguments.phases.split(",")
    lanes = [phases[lane :: arguments.lanes] for lane in range(arguments.lanes)]
    more = [f"--workloads={arguments.workloads}", *(["--anew"] if arguments.anew else [])]
    begun = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.durability.kill",
                str(arguments.kills),
                ",".join(lane),
                f"--seed={arguments.seed + number}",
                *more,
            ]
        )
        for number, lane in enumerate(lanes)
        if lane
    ]
    return max([each.wait() for each in begun])


def campaign(arguments: argparse.Namespace) -> dict[str, Any]:
    """Let the judge kill, and return what it says."""
    kill: Any = judge()
    kill.WORK.update(workloads(kill))
    kill.TASKS += ASK_TASK
    if not arguments.anew:
        forks.warm()
        kill.subprocess = forks
    folder = Path(tempfile.mkdtemp(prefix="kill-"))
    earlier_journal(folder / "journal.db")
    os.environ["KT_JOURNAL"] = str(folder / "journal.db")
    where = "--journal {journal} --tasks {tasks}"
    python = shlex.quote(sys.executable)
    try:
        return kill.campaign(
            argparse.Namespace(
                submit=f"{python} -m stepsmith start {{definition}} --name {{name}} --input @{{input}} {where}",
                work=f"{python} -m stepsmith work {where}",
                show=f"{python} -m stepsmith history {{name}} --journal {{journal}} --json",
                show_all=f"{python} -m tests.durability.show_all {{journal}}",
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
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
