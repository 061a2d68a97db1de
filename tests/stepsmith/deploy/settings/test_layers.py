from pathlib import Path

import pytest

from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.settings.layers import Layered, load_settings
from stepsmith.deploy.settings.places import line_of

TEXT = """
[project]
name = "shop"

[tool.stepsmith]
region = "eu-west-1"
tags = {team = "shop", cost = "1"}
canary = 10
environment = {LEVEL = "info"}

[tool.stepsmith.tasks.authorise_payment]
memory = 512

[tool.stepsmith.stages.prod]
region = "us-east-1"
linear = 20
tags.cost = "2"
environment.KEY = {secret = "shop/key", key = "token"}

[tool.stepsmith.stages.staging]
retention = 7
"""


def loaded(tmp_path: Path, text: str = TEXT, stage: str | None = None, **given: object) -> Layered:
    (tmp_path / "pyproject.toml").write_text(text, "utf-8")
    return load_settings(tmp_path, stage, given)


def refusal(tmp_path: Path, text: str, stage: str | None = None, **given: object) -> str:
    with pytest.raises(DeploymentError) as error:
        loaded(tmp_path, text, stage, **given)
    return str(error.value)


def test_a_stage_lies_over_the_project_and_the_call_over_both(tmp_path: Path) -> None:
    project, prod = loaded(tmp_path).settings, loaded(tmp_path, stage="prod", retention=90).settings

    assert (project.region, project.retention, project.canary) == ("eu-west-1", 30, 10)
    assert (prod.region, prod.retention) == ("us-east-1", 90)
    assert prod.tags == {"team": "shop", "cost": "2"}
    assert prod.tasks["authorise_payment"].memory == 512
    assert set(prod.environment) == {"LEVEL", "KEY"}


def test_each_setting_says_where_it_comes_from(tmp_path: Path) -> None:
    sources = loaded(tmp_path, stage="prod", retention=90).sources

    assert sources["region"] == "'us-east-1'  [tool.stepsmith.stages.prod]"
    assert sources["tags.team"] == "'shop'  [tool.stepsmith]"
    assert sources["tags.cost"] == "'2'  [tool.stepsmith.stages.prod]"
    assert sources["retention"] == "90  --retention"
    assert "runtime" not in sources


def test_one_way_to_move_takes_the_place_of_the_other(tmp_path: Path) -> None:
    prod = loaded(tmp_path, stage="prod")

    assert (prod.settings.linear, prod.settings.canary) == (20, None)
    assert "canary" not in prod.sources


def test_a_project_without_settings_has_the_usual_ones(tmp_path: Path) -> None:
    assert loaded(tmp_path, "[project]\nname = 'x'\n").settings.retention == 30
    (tmp_path / "pyproject.toml").unlink()
    assert load_settings(tmp_path, None, {}).sources == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[tool.stepsmith]\nretenton = 3\n",
            "pyproject.toml:2: there is no setting tool.stepsmith.retenton; did you mean 'retention'?",
        ),
        (
            "[tool.stepsmith]\nlog_level = 'ALL'\n",
            "pyproject.toml:2: there is no setting tool.stepsmith.log_level; did you mean 'log-level'?",
        ),
        (
            "[tool.stepsmith.stages.prod]\n\nretention = '30'\n",
            "pyproject.toml:3: tool.stepsmith.stages.prod.retention is '30', and that is wrong: "
            "input should be a valid integer",
        ),
        (
            "[tool.stepsmith.tasks.sell]\nmemroy = 5\n",
            "pyproject.toml:2: there is no setting tool.stepsmith.tasks.sell.memroy; did you mean 'memory'?",
        ),
        (
            "[tool.stepsmith.vpc]\nsubnets = ['subnet-12345678']\n",
            "pyproject.toml:1: tool.stepsmith.vpc.security-groups: field required",
        ),
        (
            "[tool.stepsmith]\nenvironment = {KEY = {ssm = '/a', secret = 'b'}}\n",
            'pyproject.toml:2: tool.stepsmith.environment.KEY: a reference has either ssm = "/NAME" or secret = "NAME"',
        ),
        (
            "[tool.stepsmith]\nenvironment = {KEY = 5}\n",
            "pyproject.toml:2: tool.stepsmith.environment.KEY is 5, and that is wrong: "
            "input should be a valid dictionary or instance of Reference",
        ),
        (
            "[tool.stepsmith]\nstages = 3\n",
            "pyproject.toml:2: tool.stepsmith.stages is 3, and must be a table",
        ),
        ("[tool]\nstepsmith = 3\n", "pyproject.toml: tool.stepsmith is no table"),
        ("[tool.stepsmith\n", "pyproject.toml is no TOML: "),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    assert refusal(tmp_path, text).startswith(message)


def test_a_stage_is_checked_when_another_is_deployed(tmp_path: Path) -> None:
    assert "'retention'?" in refusal(tmp_path, TEXT + "retentoin = 5\n", "prod")


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    assert len(refusal(tmp_path, "[tool.stepsmith]\nretenton = 3\nminutes = 'x'\n").splitlines()) == 2


def test_a_stage_that_is_not_there_is_refused_with_the_nearest(tmp_path: Path) -> None:
    assert refusal(tmp_path, TEXT, "prdo") == "pyproject.toml has no stage 'prdo'; did you mean 'prod'?"
    assert "write [tool.stepsmith.stages.prod]" in refusal(tmp_path, "", "prod")


def test_what_does_not_fit_together_is_found_across_layers(tmp_path: Path) -> None:
    both = "[tool.stepsmith]\nalarms = ['slow']\n[tool.stepsmith.stages.prod]\ncanary = 5\n"

    assert loaded(tmp_path, both, "prod").settings.alarms == ["slow"]
    assert "alarms need canary or linear" in refusal(tmp_path, both)
    assert "exclude each other" in refusal(tmp_path, "[tool.stepsmith]\ncanary = 1\nlinear = 2\n")


def test_the_line_of_a_key_is_found_however_it_is_written() -> None:
    text = '[tool."stepsmith"]\na.b = 1\n[ tool.stepsmith.c ] # here\nd = {e = 2}\n\n[other]\nf = 3\n'

    assert line_of(text, "tool.stepsmith", ("a", "b")) == ":2"
    assert line_of(text, "tool.stepsmith", ("c", "d", "e")) == ":4"
    assert line_of(text, "tool.stepsmith", ("f",)) == ":1"
    assert line_of(text, "other.g", ("f",)) == ":6"
    assert line_of("", "tool.stepsmith", ("f",)) == ""
