"""The folder of a server: what was there before is there again, and what changes is written down."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, cast

from stepsmith.cloud.journal.recalling import Recalling
from stepsmith.cloud.journal.recording import Journal
from stepsmith.cloud.services import Caller
from stepsmith.errors import InvalidInput, StepsmithError
from stepsmith.server.kept import contents, machines, requests

if TYPE_CHECKING:
    from stepsmith.cloud.actions.resources import Account
    from stepsmith.cloud.local import LocalCloud

NAME: Final = "calls.jsonl"
JOURNAL: Final = "executions.journal"
LEAST_LINES: Final = 1000
LOCK: Final = "lock"
FORMAT: Final = {"stepsmith": "calls", "format": 2}


class Kept:
    """The folder of one server, and what writes to it.

    A torn last line is left out, as after the end of a process; any other damage is refused and left as it is.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._lock_file = (folder / LOCK).open("ab")
        _lock(self._lock_file, folder)
        self._file: IO[bytes] = (folder / NAME).open("ab+")
        self._written: dict[str, str] = {}
        self._writing = threading.Lock()
        self._lines = 0
        self._least = LEAST_LINES
        """Lines that are looked through, and perhaps left out, once there are twice as many."""
        self._journal: Journal | None = None
        self._recalling: Recalling | None = None

    def play(self, cloud: LocalCloud) -> int:
        """Have again what was there; gives how many calls were refused this time. Raises InvalidInput for damage."""
        entries = self._entries()
        aws, refused = cloud.aws, 0
        sending = requests.Sending(aws)
        hearing, change = aws.on_request, aws.on_change
        aws.on_request = aws.on_change = None  # what was told once is not told again
        try:
            for entry in entries:
                if "method" in entry:
                    refused += not sending.send(entry)
                elif contents.is_content(entry):
                    refused += not aws.look(partial(self._put_content, entry))
                else:
                    self._put(cloud, entry)
        finally:
            aws.on_request, aws.on_change = hearing, change
        if len(entries) >= 2 * self._least:
            self._compact(cloud)
        return refused

    def record(self, cloud: LocalCloud) -> None:
        """Write down, from now on, what changes something."""
        hearing = cloud.aws.on_request

        def hear(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Any:
            theirs = None if hearing is None else hearing(method, url, headers, body)
            if not requests.changes(method, url, headers):
                return theirs

            def heard(status: int, answered: Mapping[str, str], answer: bytes) -> None:
                if theirs is not None:
                    theirs(status, answered, answer)
                if status < 300:
                    self._write(requests.entry_of(method, url, headers, body, answer))
                    if self._lines >= 2 * self._least:
                        self._compact(cloud)

            return heard

        cloud.aws.on_request = hear

        def called(operation: str, parameters: Mapping[str, Any], caller: Caller) -> None:
            if operation in machines.CHANGES:
                prefix = caller.arn("states", "").removesuffix(":")
                arn = machines.changed_by(operation, parameters, prefix)
                self._write_resource(cloud, arn, caller)

        cloud.step_functions.called = called

    def go_on(self, cloud: LocalCloud) -> list[StepsmithError]:
        """Let executions go on where they were, once all that they need is there; gives why some cannot."""
        self._journal = journal = Journal(self.folder / JOURNAL)
        self._recalling = Recalling(journal, cloud.step_functions)
        if cloud.clock.is_virtual:
            cloud.clock.move_to(max(cloud.clock.now(), self._recalling.latest))
        problems = self._recalling.recall()
        for arn in self._written:
            machines.sweep(_account(cloud, arn))
        return problems

    def _compact(self, cloud: LocalCloud) -> None:
        """Write what there is in place of all that has led to it; nobody else is answered meanwhile."""

        def found() -> list[Mapping[str, Any]]:
            self._file.seek(0)
            entries: list[dict[str, Any]] = [json.loads(line) for line in self._file.read().splitlines()]
            calls = [entry for entry in entries if "method" in entry]
            return [FORMAT, *requests.without_past(calls, contents.open_uploads()), *contents.all_contents()]

        with self._writing:
            lines = [contents.written(entry) for entry in cloud.aws.look(found)]
            lines += [line for line in self._written.values() if not line.endswith('"state":null}')]
            draft = self.folder / f"{NAME}.new"
            with draft.open("wb") as file:
                file.write("\n".join([*lines, ""]).encode())
                file.flush()
                os.fsync(file.fileno())
            self._file.close()
            draft.replace(self.folder / NAME)
            self._file = (self.folder / NAME).open("ab+")
            self._lines, self._least = len(lines), max(len(lines), LEAST_LINES)

    def _put_content(self, entry: Mapping[str, Any]) -> bool:
        try:
            return contents.put(entry)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            raise InvalidInput(
                f"{self.folder / NAME}: an object or item is not what was written here"
            ) from None

    def close(self) -> None:
        """Let go of the files."""
        if self._recalling is not None:
            self._recalling.close()
        if self._journal is not None:
            self._journal.close()
        self._file.close()
        self._lock_file.close()

    def _write_resource(self, cloud: LocalCloud, arn: str, caller: Caller) -> None:
        account = cloud.step_functions.account(caller)
        with account.lock:
            line = json.dumps(machines.entry_of(account, arn), separators=(",", ":"))
            if self._written.get(arn) != line:
                self._written[arn] = line
                self._write_line(line)

    def _put(self, cloud: LocalCloud, entry: Mapping[str, Any]) -> None:
        arn = str(entry.get("machine", entry.get("activity")))
        try:
            machines.put(_account(cloud, arn), entry)
        except (AttributeError, IndexError, KeyError, TypeError):
            raise InvalidInput(f"{self.folder / NAME}: {arn} is not what was written here") from None
        self._written[arn] = json.dumps(entry, separators=(",", ":"))

    def _write(self, entry: Mapping[str, Any]) -> None:
        self._write_line(json.dumps(entry, separators=(",", ":")))

    def _write_line(self, line: str) -> None:
        with self._writing:
            self._lines += 1
            self._file.write(line.encode() + b"\n")
            self._file.flush()

    def _entries(self) -> list[dict[str, Any]]:
        self._file.seek(0)
        content = self._file.read()
        whole = content.rfind(b"\n") + 1
        lines = content[:whole].splitlines()
        found: list[dict[str, Any]] = []
        for number, line in enumerate(lines, 1):
            try:
                entry: Any = json.loads(line)
                known = entry == FORMAT if number == 1 else _is_entry(entry)
            except (ValueError, RecursionError):
                known, entry = False, None
            if not known:
                raise InvalidInput(f"{self.folder / NAME}:{number}: this is no call that was written here")
            found.append(cast("dict[str, Any]", entry))
        self._lines = len(lines)
        if whole < len(content):
            self._file.truncate(whole)
        if not lines:
            self._file.truncate(0)
            self._write(FORMAT)
        return found[1:]


def _account(cloud: LocalCloud, arn: str) -> Account:
    _, _, _, region, account, *_ = arn.split(":")
    return cloud.step_functions.account(Caller(region, account))


def _is_entry(entry: Any) -> bool:
    if not isinstance(entry, dict):
        return False
    found = cast("dict[str, Any]", entry)
    if "method" in found:
        return requests.is_request(found)
    return contents.is_content(found) or machines.is_resource(found)


def _lock(file: IO[bytes], folder: Path) -> None:
    """Keep a second server out; where the system has no such locks, nobody is kept out."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise InvalidInput(f"{folder} is in use by another server") from None
