"""Packages of Lambda functions: reproducible zips of the project's code and of what it needs."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from stepsmith.authoring.tasks.provisions import Architecture
from stepsmith.deploy.application import AnyTask
from stepsmith.deploy.errors import PackageRefused
from stepsmith.deploy.packaging.files import Entry, check_size, chunks, collect, opened
from stepsmith.deploy.packaging.lock import Pin, check_requirements, needed, read_lock
from stepsmith.deploy.packaging.modules import Modules

ALWAYS: Final = ("pydantic",)
"""What every function needs; boto3 comes with Lambda."""
EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_LONGEST_INSTALL: Final = 600
_NOT_OURS: Final = frozenset(("RECORD", "INSTALLER", "REQUESTED", "direct_url.json"))
_PLATFORMS: Final = {"arm64": "aarch64", "x86_64": "x86_64"}


@dataclass(frozen=True)
class Package:
    """What goes into one zip: code, and pinned packages for one platform. Building it needs the network once."""

    code: tuple[Entry, ...]
    pins: tuple[Pin, ...]
    architecture: Architecture
    runtime: str

    @cached_property
    def key(self) -> str:
        """The S3 key: another one whenever any content is another."""
        manifest = {
            "code": [[entry.name, digest(entry)] for entry in self.code],
            "pins": [pin.text for pin in self.pins],
            "platform": [self.architecture, self.runtime],
        }
        return f"packages/{hashlib.sha256(json.dumps(manifest).encode()).hexdigest()}.zip"


class Packages:
    """The packages of a project: one for each module of tasks and set of dependencies."""

    def __init__(self, root: Path, runtime: str, *, may_hold: frozenset[str] = frozenset()) -> None:
        self.root = root
        self.runtime = runtime
        self._modules = Modules(root, may_hold=may_hold)
        self._found: dict[tuple[tuple[str, ...], Architecture, str, tuple[str, ...]], Package] = {}

    @cached_property
    def _pins(self) -> dict[str, Pin]:
        return read_lock(self.root)

    @cached_property
    def _framework(self) -> list[Entry]:
        home = Path(__file__).resolve().parents[2]
        return collect(home.parent, ["stepsmith"])

    def of(self, task: AnyTask) -> Package:
        """Give the package of a task. Raises PackageRefused naming the path or line that must not be packaged."""
        options = task.deployment
        names = tuple(sorted({*ALWAYS, *options.packages}))
        key = (names, options.architecture, task.function.__module__, options.loads)
        if key not in self._found:
            code = (*self._framework, *self._code(task))
            pins = tuple(needed(names, self._pins))
            self._found[key] = Package(code, pins, options.architecture, self.runtime)
        return self._found[key]

    def all(self) -> list[Package]:
        """Give every package that was asked for, once."""
        return list({package.key: package for package in self._found.values()}.values())

    def _code(self, task: AnyTask) -> list[Entry]:
        module = task.function.__module__
        found = self._modules.reached([module, *task.deployment.loads])
        own = (f"{module.replace('.', '/')}.py", f"{module.replace('.', '/')}/__init__.py")
        if not any(entry.name in own for entry in found):
            raise PackageRefused(f"the module {module} does not lie in {self.root}")
        return found


def build(package: Package, path: Path) -> str:
    """Write the zip of a package and give its SHA-256: the same bytes whenever and wherever it is built.

    Raises PackageRefused where packages cannot be fetched, or Lambda would not take the result.
    """
    with tempfile.TemporaryDirectory(prefix="stepsmith-") as folder:
        install(package, Path(folder))
        installed = [
            entry
            for entry in _installed(Path(folder))
            if entry.name.rpartition("/")[2] not in _NOT_OURS and not entry.name.startswith("bin/")
        ]
        entries = {entry.name: entry for entry in [*installed, *package.code]}
        key = package.key
        found = write_zip([entries[name] for name in sorted(entries)], path)
        if replace(package).key != key:
            raise PackageRefused("the code has changed while it was packaged; call again")
        return found


def write_zip(entries: Sequence[Entry], path: Path) -> str:
    """Write files to a zip with fixed order, times and modes, and give its SHA-256. Raises PackageRefused."""
    check_size(entries)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for entry in entries:
            info = zipfile.ZipInfo(entry.name, EPOCH)
            info.compress_type, info.create_system, info.external_attr = (
                zipfile.ZIP_DEFLATED,
                3,
                0o100644 << 16,
            )
            with opened(entry) as file, archive.open(info, "w") as target:
                shutil.copyfileobj(file, target)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def package_folder(root: Path, path: Path, *, may_hold: frozenset[str] = frozenset()) -> str:
    """Write the files of a whole folder to a zip and give its SHA-256.

    Raises PackageRefused for what must not be packaged, a `requirements.txt` with more than requirements included.
    """
    requirements = root / "requirements.txt"
    if requirements.is_file() and not requirements.is_symlink():
        check_requirements(requirements.read_text("utf-8", "replace"), requirements.name)
    return write_zip(collect(root, may_hold=may_hold), path)


def digest(entry: Entry) -> str:
    """Give the SHA-256 of a file."""
    found = hashlib.sha256()
    with opened(entry) as file:
        for piece in chunks(file):
            found.update(piece)
    return found.hexdigest()


def install(package: Package, folder: Path) -> None:
    """Fetch the pinned packages for the target platform, with uv or, where there is none, with pip.

    Only wheels whose hashes the lock has are taken, and nothing of them is run. Raises PackageRefused.
    """
    requirements = folder / ".requirements"
    requirements.write_text("".join(f"{pin.text}\n" for pin in package.pins), "utf-8")
    target, version = _PLATFORMS[package.architecture], package.runtime.removeprefix("python")
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is not None:
        command = [
            uv,
            "pip",
            "install",
            "--python-platform",
            f"{target}-manylinux_2_28",
            "--link-mode",
            "copy",
        ]
    else:
        command = [sys.executable, "-m", "pip", "install", "--no-compile", "--disable-pip-version-check"]
        command += [
            f"--platform=manylinux_2_28_{target}",
            f"--platform=manylinux2014_{target}",
            "--implementation=cp",
        ]
    command += ["--target", str(folder), "--python-version", version, "--only-binary", ":all:", "--no-deps"]
    command += ["--require-hashes", "-r", str(requirements)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST_INSTALL, check=False)  # noqa: S603 - a list of arguments, no shell
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PackageRefused(f"the packages cannot be fetched: {error}") from None
    requirements.unlink()
    if done.returncode != 0:
        raise PackageRefused(f"the packages cannot be fetched: {done.stderr.strip()[-2000:]}")


def _installed(folder: Path) -> list[Entry]:
    return [
        Entry(path.relative_to(folder).as_posix(), path, path.stat().st_size)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not path.is_symlink()
        and path.suffix != ".pyc"
        and not path.name.startswith(".")
    ]
