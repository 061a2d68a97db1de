"""`stepsmith run power_tuning`, with and without a local function."""

import json
from pathlib import Path

import pytest

from stepsmith import local, running
from stepsmith.cli.app import call
from stepsmith.cli.arguments import charts
from tasks.power_tuning.chart.address import Point, chart_address
from tasks.power_tuning.local.performance_model import modelled_lambda
from workflows import power_tuning as module
from workflows.power_tuning import power_tuning

PROJECT = Path(__file__).resolve().parents[2]
FUNCTION = "lambdaARN=arn:aws:lambda:eu-west-1:123456789012:function:target"


@pytest.fixture(autouse=True)
def _in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)


def called(*arguments: str) -> int:
    """The exit code of the command."""
    return call(["run", "power_tuning", FUNCTION, "num=5", "powerValues=[128,512]", *arguments])


@pytest.mark.slow
def test_without_aws_a_performance_model_is_tuned_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    code = called()

    assert code == 0
    assert json.loads(capsys.readouterr().out)["measuredBy"] == "a performance model"


@pytest.mark.slow
def test_a_local_function_is_tuned_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    code = called("--local-function", "tests.tasks.power_tuning.local_handlers:echo")

    assert code == 0
    assert json.loads(capsys.readouterr().out)["measuredBy"].startswith(
        "the local handler tests.tasks.power_tuning"
    )


@pytest.mark.parametrize("reference", ["json", "json:no_such", "no_such_module:handler"])
def test_a_local_function_that_is_not_there_is_a_wrong_call(
    reference: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called("--local-function", reference) == 2
    assert "--local-function" in capsys.readouterr().err


def test_a_local_function_and_aws_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert called("--local-function", "json:dumps", "--aws") == 2
    assert "without AWS" in capsys.readouterr().err


@pytest.mark.slow
def test_a_chart_is_written_and_a_later_one_shows_the_earlier_result_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, both, result = tmp_path / "out" / "one.html", tmp_path / "both.html", tmp_path / "one.json"

    first = called("--chart", str(page))
    captured = capsys.readouterr()
    result.write_text(captured.out)
    second = called("strategy=speed", "--chart", str(both), "--compare", str(result))

    assert (first, second) == (0, 0)
    assert f"chart: {page}" in captured.err
    assert "<h1>Power tuning of target, x86_64, eu-west-1</h1>" in page.read_text("utf-8")
    assert "run 1 at its best" in both.read_text("utf-8")


@pytest.mark.slow
def test_a_result_on_another_architecture_is_compared_by_that_name(tmp_path: Path) -> None:
    page, other = tmp_path / "page.html", tmp_path / "arm.json"
    with running(local(clients={"lambda": modelled_lambda(architecture="arm64")})):
        on_arm = power_tuning.run(lambdaARN=FUNCTION.partition("=")[2], num=5, powerValues=[128, 512])
    other.write_text(json.dumps({"status": "SUCCEEDED", "output": on_arm.output}))

    assert called("--chart", str(page), "--compare", f"@{other}") == 0
    assert "<h1>Power tuning of target: x86_64 and arm64</h1>" in page.read_text("utf-8")


@pytest.mark.slow
def test_the_address_of_the_originals_chart_is_compared(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    address = chart_address([Point(128, 900, 2e-6), Point(512, 300, 3e-6)])

    assert called("--chart", str(page), "--compare", address) == 0
    assert "Every memory size of both" in page.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--compare", "{file}"], "--compare says what a chart also shows; name the page with --chart FILE"),
        (["--chart", "{folder}"], "this is a folder"),
        (["--chart", "-"], "the result goes to standard output; name a file"),
        (["--chart", "{page}", "--compare", "{folder}/no.json"], "cannot be read: No such file or directory"),
        (["--chart", "{page}", "--compare", "{folder}"], "cannot be read: Is a directory"),
        (["--chart", "{page}", "--compare", "{file}"], "it is not JSON, such as stepsmith run writes"),
        (["--chart", "{page}", "--compare", "{empty}"], "--compare: this is no result of power tuning"),
        (["--chart", "{page}", "--compare", "https://a.example/#x"], "is no chart address"),
        (["--chart", "{file}", "--compare", "{file}"], "--chart would write over what --compare reads"),
    ],
)
def test_a_chart_that_cannot_be_drawn_is_refused_before_anything_runs(
    arguments: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = {name: tmp_path / name for name in ("file", "page", "empty")} | {"folder": tmp_path}
    places["file"].write_text("no JSON")
    places["empty"].write_text("{}")

    code = called(*(each.format(**places) for each in arguments))

    captured = capsys.readouterr()
    assert (code, captured.out) == (2, "")
    assert told in captured.err
    assert "Plan tuning" not in captured.err
    assert not places["page"].exists()


def test_a_file_that_is_too_large_to_be_a_result_is_not_read_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(charts, "MOST_BYTES", 10)
    (tmp_path / "a").write_text("[" + " " * 9 + "]")

    assert called("--chart", str(tmp_path / "page"), "--compare", str(tmp_path / "a")) == 2
    assert "larger than 10 bytes" in capsys.readouterr().err


def test_a_dry_run_has_no_chart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = called("dryRun=true", "--chart", str(tmp_path / "page.html"))

    captured = capsys.readouterr()
    assert (code, captured.out) == (2, "null\n")
    assert "--chart: a dry run has no figures to draw" in captured.err


def test_a_run_that_fails_has_no_chart(tmp_path: Path) -> None:
    assert called("strategy=fast", "--chart", str(tmp_path / "page.html")) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_page_that_cannot_be_written_is_said_after_the_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")

    code = called("--chart", str(tmp_path / "file" / "page.html"))

    captured = capsys.readouterr()
    assert code == 2
    assert json.loads(captured.out)["power"] in (128, 512)
    assert "page.html cannot be written: " in captured.err


def test_workflows_and_definitions_without_a_chart_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["run", "delayed_vending", "--chart", "page.html"]) == 2
    assert "delayed_vending draws no chart: its module has no chart(output, other)" in capsys.readouterr().err
    assert call(["run", "definitions/power_tuning.asl.json", "--chart", "page.html"]) == 2
    assert "--chart is for workflows, not for files with a definition" in capsys.readouterr().err


def test_a_chart_that_breaks_is_said_to_be_the_charts_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(output: object, other: object = None) -> str:
        raise KeyError("power")

    monkeypatch.setattr(module, "chart", broken)

    assert called("--chart", str(tmp_path / "page.html")) == 2
    assert "--chart: the chart of power_tuning failed: KeyError('power')" in capsys.readouterr().err
