"""The lock of a project: exact versions with hashes, and which of them a set of packages needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Final

from stepsmith.deploy.errors import PackageRefused

LOCK: Final = "requirements.lock"
HOW: Final = (
    "uv pip compile --universal --generate-hashes --no-emit-package stepsmith pyproject.toml "
    "-o requirements.lock"
)
"""Without stepsmith: functions get the one that deploys them, which may be of no index."""

_VALUE: Final = r"(?:'[A-Za-z0-9_. -]*'|\"[A-Za-z0-9_. -]*\")"
_TERM: Final = rf"\(*\s*[a-z_]+\s*(?:[<>=!~]=?=?|in|not in)\s*{_VALUE}\s*\)*"
_MARKER: Final = rf"{_TERM}(?:\s+(?:and|or)\s+{_TERM})*"
_REQUIREMENT: Final = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)"
    r"(?P<extras>\[[A-Za-z0-9._, -]*\])?\s*"
    r"(?P<version>(?:[<>=!~]=?=?\s*[A-Za-z0-9.*+!_-]+\s*,?\s*)*)"
    rf"(?:;\s*(?P<marker>{_MARKER}))?\s*"
    r"(?P<hashes>(?:\s*--hash=sha256:[0-9a-f]{64})*)",
    re.ASCII,
)
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
_LONGEST_LINE: Final = 20_000


@dataclass(frozen=True, slots=True)
class Pin:
    """One line of a lock."""

    name: str
    text: str
    """The requirement as it stands there, hashes included."""


def read_lock(root: Path) -> dict[str, Pin]:
    """Give the pins of a project by name. Raises PackageRefused where there is no lock, or one that pins nothing."""
    path = root / LOCK
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise PackageRefused(f"{LOCK} is missing or cannot be read; make it with: {HOW}") from None
    pins: dict[str, Pin] = {}
    for line, requirement in requirement_lines(text, LOCK):
        found = check_requirement(requirement, f"{LOCK}:{line}")
        if not found["hashes"] or not found["version"].startswith("=="):
            raise PackageRefused(
                f"{LOCK}:{line}: {found['name']} has no exact version with hashes; make it with: {HOW}"
            )
        pins[normalised(found["name"])] = Pin(normalised(found["name"]), requirement)
    return pins


def check_requirements(text: str, source: str) -> None:
    """Raise PackageRefused for a line that is no plain requirement: options, addresses, paths, anything for a shell."""
    for line, requirement in requirement_lines(text, source):
        check_requirement(requirement, f"{source}:{line}")


def requirement_lines(text: str, source: str) -> list[tuple[int, str]]:
    """Give requirements with the numbers of their lines; comments are taken out, and continued lines put together."""
    found: list[tuple[int, str]] = []
    whole, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        plain = line.strip() if not line.lstrip().startswith("#") else ""
        plain = plain.split(" #", 1)[0].rstrip()
        start = start if whole else number
        whole = f"{whole} {plain.removesuffix(chr(92)).strip()}".strip()
        if plain.endswith("\\") and len(whole) < _LONGEST_LINE:
            continue
        if len(whole) >= _LONGEST_LINE:
            raise PackageRefused(f"{source}:{start}: the line is too long")
        if whole:
            found.append((start, whole))
        whole = ""
    return [*found, (start, whole)] if whole else found


def check_requirement(text: str, place: str) -> Mapping[str, str]:
    """Give the parts of a requirement. Raises PackageRefused for anything else."""
    found = _REQUIREMENT.fullmatch(text)
    if found is None:
        raise PackageRefused(f"{place}: {text[:80]!r} is no plain requirement such as name==1.0")
    return {name: value or "" for name, value in found.groupdict().items()}


def needed(packages: Iterable[str], pins: Mapping[str, Pin]) -> list[Pin]:
    """Give the pins of packages and of all that they require, sorted.

    What they require is read from the installed packages. Raises PackageRefused for one that the lock does not have.
    """
    found: dict[str, Pin] = {}
    waiting = [normalised(name) for name in packages]
    for name in waiting:
        if name not in pins:
            raise PackageRefused(f"{LOCK} does not have {name}, which a task needs; make it with: {HOW}")
    while waiting:
        name = waiting.pop()
        if name in found or name not in pins:
            continue  # what the lock leaves out is needed on other systems only
        found[name] = pins[name]
        waiting += _requires(name)
    return [found[name] for name in sorted(found)]


def _requires(name: str) -> list[str]:
    try:
        lines = requires(name) or []
    except PackageNotFoundError:
        raise PackageRefused(f"{name} is not installed here; install what {LOCK} says first") from None
    names = [_NAME.match(line) for line in lines if "extra ==" not in line]
    return [normalised(each[0]) for each in names if each is not None]


def normalised(name: str) -> str:
    """Give the name of a distribution as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
