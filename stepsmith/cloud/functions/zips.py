"""Functions that come as zips: unpacked within bounds, and called in a child process each time."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import weakref
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any, Final

from stepsmith.cloud.functions.function import Code, Context
from stepsmith.cloud.services import ServiceError

LARGEST: Final = 262_144_000
"""Bytes of all files of a zip, as Lambda has it."""
MOST_FILES: Final = 20_000
CHILD: Final = Path(__file__).with_name("zips_child.py")
_EXITED: Final = "Runtime.ExitError"


class FunctionFailed(Exception):
    """What a function in a child process has raised, by the name that it has there."""

    def __init__(self, error_type: str, message: str, trace: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.trace = list(trace)
        """Where it was raised, in the function's own files."""


class Zips:
    """Runs zips of one cloud; `endpoint_url` is where AWS is for them, where it is served."""

    def __init__(self, *, region: str, endpoint_url: str | None = None) -> None:
        self.endpoint_url = endpoint_url
        self._region = region
        self._folder: Path | None = None
        self._count = 0

    def __call__(self, content: bytes, settings: Mapping[str, Any]) -> Code:
        """Unpack a zip; gives what is run. Raises ServiceError for one that Lambda would not take."""
        runtime, handler = str(settings.get("Runtime") or ""), str(settings.get("Handler") or "")
        if not runtime.startswith("python"):
            text = f"The runtime {runtime or 'of an image'} is not run here: functions are Python"
            raise ServiceError("InvalidParameterValueException", text)
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="stepsmith-functions-"))
            self._end = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._count += 1
        folder = self._folder / str(self._count)
        _unpack(content, folder)

        def call(event: Any, context: Context) -> Any:
            return self._call(folder, handler, event, context)

        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        return Code(call, size=len(content), digest=digest)

    def close(self) -> None:
        """Delete what was unpacked."""
        if self._folder is not None:
            self._end()

    def _call(self, folder: Path, handler: str, event: Any, context: Context) -> Any:
        told = {**asdict(context), "environment": None}
        read, write = os.pipe()
        try:
            child = subprocess.Popen(  # noqa: S603 - a list; the function's own code is what is asked for
                [sys.executable, str(CHILD), str(folder), handler, str(write)],
                stdin=subprocess.PIPE,
                pass_fds=(write,),
                env=self._environment(handler, context),
            )
        finally:
            os.close(write)
        request = json.dumps({"event": event, "context": told}).encode()
        with os.fdopen(read, "rb") as answers:
            try:
                child.communicate(request, timeout=context.remaining_seconds)
            except subprocess.TimeoutExpired:
                child.kill()
                child.communicate()
                seconds = f"{context.remaining_seconds:.2f}"
                text = f"RequestId: {context.aws_request_id} Error: Task timed out after {seconds} seconds"
                raise FunctionFailed("Sandbox.Timedout", text) from None
            return _result(answers.read(), child.returncode, context, folder)

    def _environment(self, handler: str, context: Context) -> dict[str, str]:
        found = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": os.pathsep.join(each or os.getcwd() for each in sys.path),
            "AWS_REGION": self._region,
            "AWS_DEFAULT_REGION": self._region,
            "AWS_ACCESS_KEY_ID": context.invoked_function_arn.split(":")[4],
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_LAMBDA_FUNCTION_NAME": context.function_name,
            "AWS_LAMBDA_FUNCTION_VERSION": context.function_version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": context.memory_limit_in_mb,
            "_HANDLER": handler,
        }
        if self.endpoint_url is not None:
            found["AWS_ENDPOINT_URL"] = self.endpoint_url
        return {**found, **context.environment}


def _unpack(content: bytes, folder: Path) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_FILES or sum(each.file_size for each in entries) > LARGEST:
                raise _unusable(f"Unzipped size must be smaller than {LARGEST} bytes")
            for entry in entries:
                path = PurePosixPath(entry.filename)
                if path.is_absolute() or ".." in path.parts or "\\" in entry.filename:
                    raise _unusable(f"The zip holds the path {entry.filename!r}")
            folder.mkdir(parents=True)
            for entry in entries:
                archive.extract(entry, folder)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError):
        raise _unusable(
            "Could not unzip uploaded file. Please check your file, then try to upload again."
        ) from None


def _unusable(text: str) -> ServiceError:
    return ServiceError("InvalidParameterValueException", text)


def _result(text: bytes, code: int, context: Context, folder: Path) -> Any:
    if code != 0 or not text:
        how = f"signal: {-code}" if code < 0 else f"exit status {code}"
        raise FunctionFailed(
            _EXITED, f"RequestId: {context.aws_request_id} Error: Runtime exited with error: {how}"
        )
    found: dict[str, Any] = json.loads(text)
    if "error" in found:
        trace = [str(each).replace(str(folder), "/var/task") for each in found["trace"]]
        raise FunctionFailed(found["error"], found["message"], trace)
    return json.loads(found["text"])
