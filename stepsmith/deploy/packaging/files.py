"""The files of a folder that may be packaged: plain files by harmless names, nothing that is secret or a link."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import BinaryIO, Final

from stepsmith.deploy.errors import PackageRefused
from stepsmith.deploy.packaging.tokens import LONGEST, find_secret

MOST_BYTES: Final = 250 * 1024 * 1024
"""What Lambda takes, unzipped."""
CHUNK: Final = 1 << 20

EXCLUDED_FOLDERS: Final = frozenset(("__pycache__", "node_modules", "venv", "tests"))
_EXCLUDED_FILES: Final = (
    "*.pyc *.pyo *.pem *.key *.p12 *.pfx *.jks *.keystore *.kdbx id_rsa* id_dsa* id_ecdsa* id_ed25519* *.tfstate "
    "*.tfstate.* *.tfvars *.sqlite *.sqlite3 *.sqlite-* *.sqlite3-* *.db *.db-* *.swp *.swo *~ *.log *.env *.zip "
    "*kubeconfig *kubeconfig.* kube_config* kube-config* *aws_credentials* *aws-credentials* *client_secret*.json "
    "*client-secret*.json *service_account*.json *service-account*.json htpasswd* *.htpasswd *htdigest pgpass "
    "*.pgpass pgpass.* netrc _netrc my.cnf *.ppk *.asc *.gpg *.pgp secring.* *.kdb *.keytab *.ovpn *.p8 *.pkcs12 "
    "*.jceks *.agekey terraform.rc rclone.conf credentials.json credentials.db accesstokens.json "
    "*.publishsettings *credentials*.csv *accesskeys.csv rootkey.csv"
)
EXCLUDED_FILES: Final = tuple(_EXCLUDED_FILES.split())
"""Names that are left out whatever is in them; so is every name that begins with a dot."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file and its name in a package, with `/` between the parts."""

    name: str
    path: Path
    size: int


def collect(
    root: Path, parts: Iterable[str] | None = None, *, may_hold: frozenset[str] = frozenset()
) -> list[Entry]:
    """Give the files below a folder that may be packaged, sorted by name; only below `parts` where they are given.

    `may_hold` names the files that may look as if they held a secret, by their names or by what is in them. Raises
    PackageRefused with the path of a link, a pipe, an unreadable file, a name that some systems cannot tell from
    another, or a secret in a file.
    """
    entries = sorted(
        _walk(root, "", None if parts is None else frozenset(parts), may_hold), key=lambda entry: entry.name
    )
    check_size(entries)
    _check_names(entries)
    for entry in entries:
        if entry.name not in may_hold:
            _check_contents(entry)
    return entries


def check_size(entries: Iterable[Entry]) -> None:
    """Raise PackageRefused naming the largest file where Lambda would not take so much."""
    found = list(entries)
    size = sum(entry.size for entry in found)
    if size > MOST_BYTES:
        largest = max(found, key=lambda entry: entry.size)
        raise PackageRefused(
            f"the package would have {size:,} bytes and Lambda takes {MOST_BYTES:,}; "
            f"the largest file is {largest.name} with {largest.size:,}"
        )


def opened(entry: Entry) -> BinaryIO:
    """Open a file, and not what a link that has come in its place points to. Raises PackageRefused."""
    try:
        descriptor = os.open(entry.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise PackageRefused(f"{entry.name} cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise PackageRefused(f"{entry.name} is no plain file")
    return os.fdopen(descriptor, "rb")


def chunks(file: BinaryIO) -> Iterator[bytes]:
    """Give the content of a file in pieces."""
    while piece := file.read(CHUNK):
        yield piece


def _walk(
    folder: Path, prefix: str, parts: frozenset[str] | None, may_hold: frozenset[str]
) -> Iterator[Entry]:
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda each: each.name)
    except OSError as error:
        raise PackageRefused(f"{prefix or folder} cannot be read: {error.strerror}") from None
    for each in entries:
        name = f"{prefix}{each.name}"
        left_out = _is_excluded(each.name) and name not in may_hold
        if left_out or (parts is not None and each.name not in parts):
            continue
        mode = each.stat(follow_symlinks=False).st_mode
        if stat.S_ISLNK(mode):
            raise PackageRefused(f"{name!r} is a link; a package has no links")
        if stat.S_ISDIR(mode):
            if each.name not in EXCLUDED_FOLDERS:
                yield from _walk(Path(each.path), f"{name}/", None, may_hold)
        elif stat.S_ISREG(mode):
            yield Entry(name, Path(each.path), each.stat(follow_symlinks=False).st_size)
        else:
            raise PackageRefused(f"{name!r} is neither a file nor a folder")


def _is_excluded(name: str) -> bool:
    lowered = name.lower()
    stem = lowered.partition(".")[0]
    is_named_so = stem in ("secret", "secrets", "credential", "credentials") or any(
        fnmatchcase(lowered, pattern) for pattern in EXCLUDED_FILES
    )
    # a module may be called like what it reads
    return name.startswith(".") or (is_named_so and not lowered.endswith(".py"))


def _check_names(entries: Iterable[Entry]) -> None:
    seen: dict[str, str] = {}
    for entry in entries:
        if (
            any(unicodedata.category(character) in ("Cc", "Cs") for character in entry.name)
            or "\\" in entry.name
        ):
            raise PackageRefused(f"{entry.name!r} has a character that names in a package cannot have")
        folded = unicodedata.normalize("NFC", entry.name).casefold()
        if folded in seen:
            raise PackageRefused(f"{entry.name!r} and {seen[folded]!r} are the same name on some systems")
        seen[folded] = entry.name


def _check_contents(entry: Entry) -> None:
    """Refuse a file with a secret in it, with its line."""
    before, line = b"", 1
    with opened(entry) as file:
        for piece in chunks(file):
            text = before + piece
            found = find_secret(text)
            if found is not None:
                what, start = found
                place = line + text.count(b"\n", 0, start)
                raise PackageRefused(
                    f"{entry.name}:{place} seems to hold {what}; take it out, or let it be there: "
                    f"--may-hold {entry.name}"
                )
            line += text.count(b"\n", 0, max(0, len(text) - LONGEST))
            before = text[-LONGEST:]
