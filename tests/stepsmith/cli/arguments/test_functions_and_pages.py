"""What a project has beside its workflows: functions that no workflow calls, and pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepsmith.cli.arguments.deploy_options import application
from stepsmith.cli.arguments.project import BrokenModule, Project
from stepsmith.deploy.errors import PackageRefused
from stepsmith.deploy.stacks.page_files import upload_pages
from tests.stepsmith.deploy.accounts import moto_account

WEB = """from stepsmith.http import route


@route("GET", "/prices")
def prices() -> list[int]:
    return [250]
"""


@pytest.fixture
def shop(project: Path) -> Project:
    for system in ("selling_online", "lending"):
        folder = project / "tasks" / system
        (folder / "page").mkdir(parents=True)
        (folder / "page" / "index.html").write_text(f"<h1>{system}</h1>")
        (folder / "page" / "style.css").write_text("h1 {}")
        (folder / "__init__.py").write_text("")
        (folder / "web.py").write_text(WEB.replace("prices", f"{system}_prices"))
    (project / "tasks" / "lending" / "loans.py").write_text(
        "from stepsmith import task\n\n\n@task\ndef lend(n: int) -> int:\n    return n\n"
    )
    (project / "workflows" / "lending.py").write_text(
        "from stepsmith import workflow\nfrom tasks.lending.loans import lend\n\n\n"
        "@workflow\ndef lending(n: int) -> int:\n    return lend(n)\n"
    )
    return Project(project)


def test_functions_and_pages_of_all_systems_are_found(shop: Project) -> None:
    assert [each.route for each in shop.functions()] == ["GET /lending_prices", "GET /selling_online_prices"]
    assert [page.name for page in shop.pages()] == ["lending", "selling_online"]


def test_with_a_workflow_come_the_functions_and_pages_of_its_system(shop: Project) -> None:
    everything, one = application(shop, ()), application(shop, ["lending"])

    assert len(everything.functions) == len(everything.pages) == 2
    assert [each.path for each in one.functions] == ["/lending_prices"]
    assert [page.name for page in one.pages] == ["lending"]


def test_a_module_that_cannot_be_imported_is_named(shop: Project) -> None:
    (shop.root / "tasks" / "lending" / "web.py").write_text("import stepsmith.http\n1 / 0\n")

    with pytest.raises(BrokenModule, match=r"tasks\.lending\.web cannot be imported: .*ZeroDivisionError"):
        shop.functions()


@pytest.mark.slow
def test_what_differs_is_uploaded_and_what_has_gone_is_removed(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with moto_account(monkeypatch) as account:
        s3, said = account.client("s3"), list[str]()
        s3.create_bucket(Bucket="pages", CreateBucketConfiguration={"LocationConstraint": account.region})
        upload_pages(account, "pages", shop.pages(), said.append)
        upload_pages(account, "pages", shop.pages(), said.append)
        (shop.root / "tasks" / "lending" / "page" / "style.css").unlink()
        (shop.root / "tasks" / "lending" / "page" / "index.html").write_text("new")
        upload_pages(account, "pages", shop.pages(), said.append)
        keys = [each["Key"] for each in s3.list_objects_v2(Bucket="pages")["Contents"]]
        found = s3.get_object(Bucket="pages", Key="lending/index.html")

        assert said == ["pages: uploaded 4 files, removed 0", "pages: uploaded 1 files, removed 1"]
        assert keys == ["lending/index.html", "selling_online/index.html", "selling_online/style.css"]
        assert (found["Body"].read(), found["ContentType"], found["CacheControl"]) == (
            b"new", "text/html; charset=utf-8", "no-cache",
        )  # fmt: skip

        (shop.root / "tasks" / "lending" / "page" / "key.js").write_text(f"'AKIA{'A' * 16}'")
        with pytest.raises(PackageRefused, match="an AWS access key"):
            upload_pages(account, "pages", shop.pages(), said.append)
