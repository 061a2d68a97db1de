import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stepsmith.deploy.application import Application, entry_point
from stepsmith.deploy.errors import PackageRefused
from stepsmith.deploy.packaging.files import MOST_BYTES, collect
from stepsmith.deploy.packaging.lock import Pin, check_requirements, needed, read_lock
from stepsmith.deploy.packaging.package import Package, Packages, build, package_folder
from tasks.image_recognition.thumbnail import make_thumbnail
from tasks.vending import authorise_payment, void_payment
from tests.shared_data import SHARED, needs_shared
from tests.stepsmith.deploy.applications import WORKFLOWS

ROOT = Path(__file__).resolve().parents[4]
HASH = "--hash=sha256:" + "0" * 64


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def names(path: Path) -> list[str]:
    return zipfile.ZipFile(path).namelist()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write(tmp_path / "source", {"app.py": "X = 1\n", "pkg/__init__.py": "", "pkg/data.json": "{}\n"})


def test_times_modes_and_order_of_files_do_not_matter(source: Path, tmp_path: Path) -> None:
    first = package_folder(source, tmp_path / "1.zip")
    for path in source.rglob("*.*"):
        os.utime(path, (1, 1_000_000_000))
        path.chmod(0o600)

    second = package_folder(source, tmp_path / "2.zip")

    assert first == second
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()


@pytest.mark.parametrize(
    "name",
    [".env", ".git/config", ".aws/credentials", "server.pem", "id_rsa", "secrets.yaml", "prod.env", "a.tfstate",
     "tests/test_app.py", "__pycache__/app.pyc", "node_modules/x.js", "journal.db-wal", "pkg/credentials.json",
     "kubeconfig", "pkg/kubeconfig.yaml", "prod-kubeconfig", "kube_config.yml", "rootkey.csv", "my_client_secret.json",
     "anna_accessKeys.csv", "anna_credentials.csv", "htpasswd.txt", "db.pgpass", "pgpass.txt",
     "prod-aws-credentials.ini", "aws_credentials", "aws_credentials.csv",
     "client_secret_123.apps.json", "secrets.PY.bak", "client-secret.json", "my-service-account.json", ".htpasswd",
     "htpasswd", "pgpass", "pgpass.conf", "_netrc", "key.asc", "secring.gpg", "putty.ppk", "Kubeconfig"],
)  # fmt: skip
def test_what_is_nobodys_business_stays_out(source: Path, tmp_path: Path, name: str) -> None:
    write(source, {name: "SECRET"})

    package_folder(source, tmp_path / "p.zip")

    assert names(tmp_path / "p.zip") == ["app.py", "pkg/__init__.py", "pkg/data.json"]


@pytest.mark.parametrize(
    "name", ["kubeconfig.py", "pkg/aws_credentials.py", "htpasswd.py", "secrets.py", "netrc.py"]
)
def test_a_module_is_packaged_whatever_it_is_called(source: Path, tmp_path: Path, name: str) -> None:
    write(source, {name: "SECRET = None"})

    package_folder(source, tmp_path / "p.zip")

    assert name in names(tmp_path / "p.zip")


def test_what_looks_like_a_secret_by_its_name_can_be_let_in(source: Path, tmp_path: Path) -> None:
    write(source, {"pkg/client_secret_form.json": "{}"})

    package_folder(source, tmp_path / "p.zip", may_hold=frozenset(["pkg/client_secret_form.json"]))

    assert "pkg/client_secret_form.json" in names(tmp_path / "p.zip")


def test_a_module_called_secrets_is_code(source: Path, tmp_path: Path) -> None:
    write(source, {"pkg/secrets.py": "X = 1"})

    package_folder(source, tmp_path / "p.zip")

    assert "pkg/secrets.py" in names(tmp_path / "p.zip")


@pytest.mark.parametrize("target", ["/etc/passwd", "/", ".", "nowhere", "app.py"])
def test_links_are_refused(source: Path, tmp_path: Path, target: str) -> None:
    (source / "link").symlink_to(target)

    with pytest.raises(PackageRefused, match="'link' is a link"):
        package_folder(source, tmp_path / "p.zip")


def test_a_pipe_is_refused_and_not_read(source: Path, tmp_path: Path) -> None:
    os.mkfifo(source / "pipe")

    with pytest.raises(PackageRefused, match="'pipe' is neither a file nor a folder"):
        package_folder(source, tmp_path / "p.zip")


@pytest.mark.parametrize("pair", [("App.py", "app.py"), ("caf\u00e9.py", "cafe\u0301.py")])
def test_names_that_some_systems_take_for_one_are_refused(
    source: Path, tmp_path: Path, pair: tuple[str, str]
) -> None:
    write(source, dict.fromkeys(pair, ""))

    with pytest.raises(PackageRefused, match="the same name on some systems"):
        package_folder(source, tmp_path / "p.zip")


def test_a_key_in_the_code_is_refused_with_its_line_unless_it_is_said_to_be_there(
    source: Path, tmp_path: Path
) -> None:
    write(source, {"app.py": "\n" * 40_000 + "KEY = 'AKIA" + "IOSFODNN7EXAMPLE'\n"})

    with pytest.raises(PackageRefused, match=r"app\.py:40001 seems to hold an AWS access key"):
        package_folder(source, tmp_path / "p.zip")
    package_folder(source, tmp_path / "p.zip", may_hold=frozenset(("app.py",)))


def test_too_much_for_lambda_is_refused_before_it_is_read(source: Path) -> None:
    with (source / "model.bin").open("wb") as file:
        file.truncate(MOST_BYTES + 1)

    with pytest.raises(PackageRefused, match=r"the largest file is model\.bin"):
        collect(source)


@pytest.mark.parametrize(
    "line",
    ["requests; touch PWNED", "$(touch PWNED)", "--extra-index-url http://x/simple", "-e .", "git+https://x/y",
     "a @ file:///etc/passwd", "a==1 --config-settings=x", "a==1; os_name == 'x' and __import__('os')"],
)  # fmt: skip
def test_a_line_that_is_no_requirement_is_refused(line: str) -> None:
    with pytest.raises(PackageRefused, match=r"requirements\.txt:2: .* is no plain requirement"):
        check_requirements(f"pydantic==2.0\n{line}\n", "requirements.txt")


@pytest.mark.parametrize(
    "line",
    ["requests", "requests==2.32.0", "a[b,c]>=1,<2", f"a==1 ; python_version < '3.12' {HASH}", "a==1  # why"],
)
def test_a_plain_requirement_is_taken(line: str) -> None:
    check_requirements(line, "requirements.txt")


@pytest.mark.parametrize("text", ["pydantic==2.0\n", f"pydantic>=2 {HASH}\n"])
def test_a_lock_that_pins_nothing_is_refused(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"requirements.lock": text})

    with pytest.raises(
        PackageRefused, match=r"requirements\.lock:1: pydantic has no exact version with hashes"
    ):
        read_lock(tmp_path)


def test_a_project_without_a_lock_is_told_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(PackageRefused, match="uv pip compile --universal --generate-hashes"):
        read_lock(tmp_path)


def test_what_a_package_requires_comes_with_it_and_nothing_else() -> None:
    found = [pin.name for pin in needed(["pydantic"], read_lock(ROOT))]

    assert found == ["annotated-types", "pydantic", "pydantic-core", "typing-extensions", "typing-inspection"]


def test_tasks_with_the_same_packages_share_one() -> None:
    packages = Packages(ROOT, "python3.13")

    assert packages.of(authorise_payment) is packages.of(void_payment)
    assert packages.of(make_thumbnail).key != packages.of(void_payment).key
    assert len(packages.all()) == 2


def test_a_package_has_the_code_that_its_tasks_import_and_no_workflows() -> None:
    code = [entry.name for entry in Packages(ROOT, "python3.13").of(authorise_payment).code]

    assert "tasks/vending.py" in code
    assert "stepsmith/deploy/handler.py" in code
    assert not [name for name in code if name.startswith(("workflows/", "tests/"))]


def test_another_platform_is_another_package() -> None:
    package = Packages(ROOT, "python3.13").of(authorise_payment)

    assert replace(package, architecture="x86_64").key != package.key


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("STEPSMITH_OFFLINE") == "true", reason="fetches packages")
def test_a_built_package_is_the_same_bytes_and_runs_by_itself(tmp_path: Path) -> None:
    runtime = f"python{sys.version_info.major}.{sys.version_info.minor}"
    package = replace(Packages(ROOT, runtime).of(authorise_payment), architecture="x86_64")

    assert build(package, tmp_path / "1.zip") == build(package, tmp_path / "2.zip")
    zipfile.ZipFile(tmp_path / "1.zip").extractall(tmp_path / "function")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'function')!r})\n"
        "from stepsmith.deploy.handler import handle\n"
        "print(handle({'purchase': {'machine_id': 'm', 'product': 'p', 'price_cents': 5}}))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", program],
        env={"STEPSMITH_TASK": "tasks.vending:authorise_payment"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("auth-m-itself\n", "")


LOADING = """
import json, os, sys
base, groups = json.loads(sys.argv[1])
sys.path.insert(0, base)
from stepsmith.deploy.handler import load
for folder, names in groups:
    child = os.fork()
    if child == 0:
        sys.path.insert(0, folder)
        for name in names: load(name)
        unwanted = [name for name in ('boto3', 'moto', 'IPython') if name in sys.modules]
        os._exit(len(unwanted))
    assert os.waitpid(child, 0)[1] == 0, names
print(len(groups))
"""


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("STEPSMITH_OFFLINE") == "true", reason="fetches packages")
def test_every_task_loads_from_its_package_alone(tmp_path: Path) -> None:
    found = Packages(ROOT, f"python{sys.version_info.major}.{sys.version_info.minor}")
    tasks = Application(tuple(WORKFLOWS.values())).tasks.values()
    of_package: dict[Package, list[str]] = {}
    for task in tasks:
        of_package.setdefault(found.of(task), []).append(entry_point(task))
    with_pins: dict[tuple[Pin, ...], list[Package]] = {}
    for package in of_package:
        with_pins.setdefault(package.pins, []).append(package)

    for number, packages in enumerate(with_pins.values()):
        # what they share is built once; a process for the project's own code of each is forked off it
        shared = tuple(entry for entry in packages[0].code if entry.name.startswith("stepsmith/"))
        build(replace(packages[0], architecture="x86_64", code=shared), tmp_path / f"{number}.zip")
        zipfile.ZipFile(tmp_path / f"{number}.zip").extractall(tmp_path / f"shared{number}")
        groups: list[tuple[str, list[str]]] = []
        for package in packages:
            folder = tmp_path / f"own{number}-{len(groups)}"
            for entry in package.code:
                if entry not in shared:
                    (folder / entry.name).parent.mkdir(parents=True, exist_ok=True)
                    (folder / entry.name).symlink_to(entry.path)
            groups.append((str(folder), of_package[package]))
        given = json.dumps([str(tmp_path / f"shared{number}"), groups])
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", LOADING, given],
            env={},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.stdout, done.stderr) == (f"{len(groups)}\n", "")
    assert sum(map(len, of_package.values())) == len(tasks) > 50


def hostile_entries() -> list[Any]:
    if not SHARED.is_dir():
        return []
    index = json.loads((SHARED / "badinput" / "index.json").read_text("utf-8"))
    return [entry for entry in index["entries"] if entry["surface"] == "package"]


@needs_shared
@pytest.mark.parametrize("entry", hostile_entries(), ids=lambda entry: entry["id"])
def test_a_hostile_folder_ends_as_it_must(entry: dict[str, Any], tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("gen", SHARED / "badinput" / "gen.py")
    assert spec is not None
    assert spec.loader is not None
    gen = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(gen)
    gen.make_tree(entry["payload"]["recipe"], str(tmp_path / "tree"), **entry["payload"]["args"])
    expected = entry["expect"]

    if expected["outcome"] == "refuse-package":
        with pytest.raises(PackageRefused):
            package_folder(tmp_path / "tree", tmp_path / "p.zip")
        return
    found = package_folder(tmp_path / "tree", tmp_path / "p.zip")

    archive = zipfile.ZipFile(tmp_path / "p.zip")
    content = "\n".join([*archive.namelist(), *(archive.read(name).decode() for name in archive.namelist())])
    assert not [text for text in expected.get("absent", []) if text in content]
    if expected["outcome"] == "package-same":
        reference = entry["params"]["reference"]
        gen.make_tree(reference["recipe"], str(tmp_path / "reference"), **reference["args"])
        assert package_folder(tmp_path / "reference", tmp_path / "r.zip") == found
