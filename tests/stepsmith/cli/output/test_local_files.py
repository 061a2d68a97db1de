from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.cli.output.local_files import export, objects, safe_name
from stepsmith.integrations import ClientRegistry


@pytest.fixture
def clients() -> ClientRegistry:
    registry = ClientRegistry.local()
    registry.client("s3").create_bucket(Bucket="data")
    return registry


def test_only_what_is_new_is_written(clients: ClientRegistry, tmp_path: Path) -> None:
    clients.client("s3").put_object(Bucket="data", Key="old", Body=b"1")
    known = objects(clients)
    clients.client("s3").put_object(Bucket="data", Key="a/new.txt", Body=b"2")

    written = export(clients, known, tmp_path).files

    assert written == {"s3://data/a/new.txt": tmp_path / "data" / "a" / "new.txt"}
    assert written["s3://data/a/new.txt"].read_bytes() == b"2"


@pytest.mark.parametrize("key", ["../../up", "a/../../b", "/etc/x", "..", "a\\..\\b", "nul\x01l"])
def test_no_key_leads_out_of_the_folder(clients: ClientRegistry, tmp_path: Path, key: str) -> None:
    clients.client("s3").put_object(Bucket="data", Key=key, Body=b"x")

    written = export(clients, set(), tmp_path / "out").files

    assert all(path.resolve().is_relative_to(tmp_path / "out") for path in written.values())
    assert all(path.is_file() for path in written.values())


@given(st.text(min_size=1))
def test_any_part_of_a_key_is_a_harmless_name(part: str) -> None:
    name = safe_name(part)

    assert name not in ("", ".", "..")
    assert "/" not in name
    assert "\0" not in name


def test_a_link_out_of_the_folder_is_not_followed(clients: ClientRegistry, tmp_path: Path) -> None:
    clients.client("s3").put_object(Bucket="data", Key="away/x", Body=b"x")
    (tmp_path / "out" / "data").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out" / "data" / "away").symlink_to(tmp_path / "elsewhere")

    exported = export(clients, set(), tmp_path / "out")

    assert exported.files == {}
    assert exported.failures == (f"{tmp_path}/out/data/away/x leads out of {tmp_path}/out",)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_no_folder_is_made_behind_a_link(clients: ClientRegistry, tmp_path: Path) -> None:
    clients.client("s3").put_object(Bucket="data", Key="away/deep/er/x", Body=b"x")
    (tmp_path / "out" / "data").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out" / "data" / "away").symlink_to(tmp_path / "elsewhere")

    export(clients, set(), tmp_path / "out")

    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_file_that_is_a_link_out_of_the_folder_is_not_written_to(
    clients: ClientRegistry, tmp_path: Path
) -> None:
    clients.client("s3").put_object(Bucket="data", Key="x", Body=b"new")
    (tmp_path / "out" / "data").mkdir(parents=True)
    (tmp_path / "precious").write_text("old")
    (tmp_path / "out" / "data" / "x").symlink_to(tmp_path / "precious")

    assert export(clients, set(), tmp_path / "out").files == {}
    assert (tmp_path / "precious").read_text() == "old"


def test_what_cannot_be_written_keeps_no_other_file_back(clients: ClientRegistry, tmp_path: Path) -> None:
    for key in ("a", "fifo", "loop/x", "z"):
        clients.client("s3").put_object(Bucket="data", Key=key, Body=b"x")
    (tmp_path / "data" / "a").mkdir(parents=True)
    (tmp_path / "data" / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "data" / "fifo")

    exported = export(clients, set(), tmp_path)

    assert exported.files == {"s3://data/z": tmp_path / "data" / "z"}
    assert [failure.removeprefix(f"{tmp_path}/data/")[:4] for failure in exported.failures] == [
        "a ca",
        "fifo",
        "loop",
    ]


def test_without_s3_there_is_nothing_to_write(tmp_path: Path) -> None:
    assert objects(ClientRegistry.local()) == set()
    assert export(ClientRegistry.local(), set(), tmp_path).files == {}
