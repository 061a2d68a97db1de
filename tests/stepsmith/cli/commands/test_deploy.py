"""The commands that deploy, on moto; packages are made of what is installed, without fetching anything."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from stepsmith.deploy.stacks.deployer import Deployer
from stepsmith.integrations.clients.account import AwsAccount, AwsFailure
from tests.stepsmith.cli.conftest import Call
from tests.stepsmith.deploy.accounts import finish_as_aws_would, moto_account

pytestmark = pytest.mark.slow
HASH = "--hash=sha256:" + "0" * 64
LOCK = "".join(
    f"{name}==1.0 {HASH}\n"
    for name in ("pydantic", "pydantic-core", "annotated-types", "typing-extensions", "typing-inspection")
)
ORDER = 'order={"sku": "tea"}'


@pytest.fixture
def account(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsAccount]:
    (project / "requirements.lock").write_text(LOCK)
    (project / "pyproject.toml").write_text('[project]\nname = "tea_shop"\n')
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setattr("stepsmith.deploy.packaging.package.install", lambda package, folder: None)
    # moto has no versions of state machines
    monkeypatch.setattr("stepsmith.deploy.stacks.versions.prune_versions", lambda *_, **__: None)
    with moto_account(monkeypatch) as account:
        yield account


def test_a_plan_changes_nothing(account: AwsAccount, stepsmith: Call) -> None:
    outcome = stepsmith("deploy", "ordering", "--plan")

    assert outcome.code == 2
    assert outcome.out.startswith("stack tea-shop is created\n")
    assert "+ OrderingMachine  AWS::StepFunctions::StateMachine  added" in outcome.out
    assert account.client("cloudformation").list_stacks()["StackSummaries"] == []
    assert account.client("s3").list_buckets()["Buckets"] == []


def test_the_exit_code_of_a_plan_says_whether_something_would_change(
    account: AwsAccount, stepsmith: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    stepsmith("deploy", "ordering", "--yes")
    deployer = Deployer(account, "tea-shop", say=lambda text: None)
    finish_as_aws_would(deployer)
    nothing = stepsmith("deploy", "ordering", "--plan")
    machine = deployer.stack.resources()["OrderingMachine"]
    account.client("stepfunctions").update_state_machine(
        stateMachineArn=machine, loggingConfiguration={"level": "OFF"}
    )

    drifted = stepsmith("deploy", "ordering", "--plan")
    failed = stepsmith("deploy", "ordering", "--plan", "--profile", "nobody")

    assert nothing.code == 0
    assert nothing.out.startswith("stack tea-shop is up to date\n\nCosts of a thousand executions")
    assert drifted.code == 2
    assert "Changed by hand, and put back\n  OrderingMachine" in drifted.out
    assert (failed.code, failed.out) == (1, "")


def test_nobody_to_ask_is_a_wrong_call_and_changes_nothing(account: AwsAccount, stepsmith: Call) -> None:
    outcome = stepsmith("deploy", "ordering")

    assert outcome.code == 2
    assert "Nobody is there to answer; say --yes" in outcome.err
    assert account.client("cloudformation").list_stacks()["StackSummaries"] == []


def test_deploy_ends_with_the_arn_and_how_to_start_it(account: AwsAccount, stepsmith: Call) -> None:
    outcome = stepsmith("deploy", "ordering", "--yes")

    assert outcome.code == 0, outcome.err
    assert outcome.out.endswith(
        "ordering  arn:aws:states:eu-west-1:123456789012:stateMachine:tea-shop-ordering\n"
        "  start it with: stepsmith start ordering --stack tea-shop\n"
    )
    assert "CREATE_COMPLETE" in outcome.err


STAGES = """
[project]
name = "tea_shop"

[tool.stepsmith]
retention = 14
tags = {team = "tea"}

[tool.stepsmith.stages.prod]
region = "us-east-1"
retention = 90
"""


def test_a_stage_has_a_stack_and_settings_of_its_own_and_the_plan_says_whose(
    account: AwsAccount, stepsmith: Call, project: Path
) -> None:
    (project / "pyproject.toml").write_text(STAGES)

    plan = stepsmith("deploy", "ordering", "--plan", "--stage", "prod", "--tags", "cost=1")
    template = json.loads(stepsmith("template", "ordering", "--stage", "prod").out)

    assert plan.out.startswith(
        "Settings\n"
        "  region     'us-east-1'  [tool.stepsmith.stages.prod]\n"
        "  retention  90  [tool.stepsmith.stages.prod]\n"
        "  tags.cost  '1'  --tags\n"
        "  tags.team  'tea'  [tool.stepsmith]\n"
        "\n"
        "stack tea-shop-prod is created\n"
    )
    assert template["Resources"]["OrderingMachineLogs"]["Properties"]["RetentionInDays"] == 90


def test_what_is_deployed_for_a_stage_is_started_and_destroyed_by_it(
    account: AwsAccount, stepsmith: Call, project: Path
) -> None:
    (project / "pyproject.toml").write_text(STAGES)

    deployed = stepsmith("deploy", "ordering", "--yes", "--stage", "prod")
    started = stepsmith("start", "ordering", ORDER, "--stage", "prod")
    elsewhere = stepsmith("start", "ordering", ORDER)

    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:tea-shop-prod-ordering"
    assert f"{arn}\n  start it with: stepsmith start ordering --stage prod\n" in deployed.out
    assert started.out.startswith("arn:aws:states:us-east-1:123456789012:execution:tea-shop-prod-ordering:")
    assert (elsewhere.code, elsewhere.out) == (2, "")
    assert stepsmith("destroy", "--stage", "prod", "--yes").code == 0


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        (STAGES, ("--stage", "pord"), "pyproject.toml has no stage 'pord'; did you mean 'prod'?"),
        (
            STAGES + "retantion = 5\n",
            (),
            "pyproject.toml:12: there is no setting tool.stepsmith.stages.prod.retantion",
        ),
        (STAGES + "express = ['odering']\n", ("--stage", "prod"), "the settings name the workflow 'odering'"),
        (STAGES + "tasks.wiegh.memory = 256\n", ("--stage", "prod"), "the settings name the task 'wiegh'"),
        (
            STAGES + "account = '999999999999'\n",
            ("--stage", "prod"),
            "are of account 123456789012, and the settings",
        ),
    ],
)
def test_settings_that_mean_nothing_are_refused(
    account: AwsAccount, stepsmith: Call, project: Path, text: str, arguments: tuple[str, ...], message: str
) -> None:
    (project / "pyproject.toml").write_text(text)

    outcome = stepsmith("deploy", "ordering", "--yes", *arguments)

    assert outcome.code == 2
    assert message in outcome.err
    assert account.client("cloudformation").list_stacks()["StackSummaries"] == []


def test_what_cannot_be_pruned_stays_and_the_deployment_stands(
    account: AwsAccount, stepsmith: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **given: object) -> None:
        raise AwsFailure(f"listing versions, of which {given['keep']} stay: AccessDenied", "AccessDenied")

    monkeypatch.setattr("stepsmith.deploy.stacks.versions.prune_versions", refused)

    outcome = stepsmith("deploy", "ordering", "--yes")

    assert outcome.code == 0
    assert "old versions stay: listing versions, of which 10 stay: AccessDenied" in outcome.err


@pytest.mark.parametrize(
    ("begun", "message"),
    [
        (False, "stepsmith: interrupted; nothing was changed\n"),
        (True, "stepsmith: interrupted; What AWS has begun goes on: call again to watch stack tea-shop"),
    ],
)
def test_an_interrupted_deployment_says_whether_aws_goes_on(
    account: AwsAccount, stepsmith: Call, monkeypatch: pytest.MonkeyPatch, begun: bool, message: str
) -> None:
    def interrupted(deployer: Deployer, *_: object) -> None:
        deployer.begun = begun
        raise KeyboardInterrupt

    monkeypatch.setattr(Deployer, "deploy", interrupted)

    outcome = stepsmith("deploy", "ordering", "--yes")

    assert outcome.code == 130
    assert outcome.err.startswith(message)


def test_deploying_again_is_up_to_date_and_another_workflow_joins(
    account: AwsAccount, stepsmith: Call
) -> None:
    stepsmith("deploy", "ordering", "--yes")
    finish_as_aws_would(Deployer(account, "tea-shop", say=lambda text: None))

    assert stepsmith("deploy", "ordering", "--yes").out == "stack tea-shop is up to date\n"
    joined = stepsmith("deploy", "noting", "--plan")
    assert "+ NotingMachine" in joined.out
    assert "- Ordering" not in joined.out


def test_a_deployed_workflow_is_started_listed_and_stopped(account: AwsAccount, stepsmith: Call) -> None:
    stepsmith("deploy", "ordering", "--yes")

    started = stepsmith("start", "ordering", ORDER)
    listed = stepsmith("executions", "ordering", "--json")
    stopped = stepsmith("stop", started.out.strip())

    assert started.code == 0
    (execution,) = json.loads(listed.out)
    assert execution["executionArn"] == started.out.strip()
    assert stopped.code == 0
    assert "ABORTED" in stopped.err
    given = account.client("stepfunctions").describe_execution(executionArn=started.out.strip())["input"]
    assert json.loads(given) == {"order": {"sku": "tea", "quantity": 1}}


def test_an_input_that_does_not_fit_is_refused_before_aws_is_called(
    account: AwsAccount, stepsmith: Call
) -> None:
    outcome = stepsmith("start", "ordering", "order={}")

    assert (outcome.code, outcome.out) == (2, "")
    assert "order.sku" in outcome.err


def test_what_is_not_deployed_is_said(account: AwsAccount, stepsmith: Call) -> None:
    for command in (("start", "ordering", ORDER), ("executions", "ordering"), ("history", "ordering")):
        outcome = stepsmith(*command)

        assert outcome.code == 2
        assert "ordering is not deployed in stack tea-shop in eu-west-1; deploy it with" in outcome.err


def test_what_is_deployed_in_another_stack_is_not_started_by_mistake(
    account: AwsAccount, stepsmith: Call
) -> None:
    stepsmith("deploy", "ordering", "--stack", "staging", "--yes")

    outcome = stepsmith("start", "ordering", ORDER)

    assert outcome.code == 2
    assert "is not deployed in stack tea-shop, but in staging; name it with --stack" in outcome.err
    assert stepsmith("start", "ordering", ORDER, "--stack", "staging").code == 0


def test_two_stacks_are_planned_deployed_and_destroyed_apart(account: AwsAccount, stepsmith: Call) -> None:
    for stack in ("staging", "production"):
        assert stepsmith("deploy", "ordering", "--stack", stack, "--yes").code == 0

    stepsmith("destroy", "--stack", "staging", "--yes")

    machines = account.client("stepfunctions").list_state_machines()["stateMachines"]
    assert [machine["name"] for machine in machines] == ["production-ordering"]


def test_what_moto_cannot_do_is_one_message(account: AwsAccount, stepsmith: Call) -> None:
    outcome = stepsmith("history", "arn:aws:states:eu-west-1:123456789012:execution:m:gone")

    assert outcome.code == 2
    assert "there is no execution" in outcome.err


def test_destroy_says_what_goes_and_does_it(account: AwsAccount, stepsmith: Call) -> None:
    stepsmith("deploy", "ordering", "--yes")

    outcome = stepsmith("destroy", "--yes")

    assert outcome.code == 0
    assert outcome.out == (
        "stack tea-shop is deleted, with: ordering\n"
        "The packages in bucket stepsmith-123456789012-eu-west-1 stay too; other stacks may use them.\n"
    )
    assert account.client("stepfunctions").list_state_machines()["stateMachines"] == []
    assert stepsmith("destroy", "--yes").err == "there is no stack tea-shop\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--canary", "ten"), "--canary 'ten' is no whole number"),
        (("--canary", "10", "--linear", "10"), "exclude each other"),
        (("--canary", "100"), "not between 1 and 99"),
        (("--alarms", "x"), "alarms need canary or linear: a move at once is not watched"),
        (("--stack", "9 lives"), "is no name of a stack"),
        (("nothing",), "no workflow 'nothing'"),
        (("--tags", "aws:x=1"), "AWS keeps to itself"),
    ],
)
def test_a_wrong_call_is_one_message(
    account: AwsAccount, stepsmith: Call, arguments: tuple[str, ...], message: str
) -> None:
    outcome = stepsmith("deploy", *arguments)

    assert outcome.code == 2
    assert message in outcome.err
    assert "Traceback" not in outcome.err


def test_a_link_in_the_tasks_stops_the_deployment(
    account: AwsAccount, project: Path, stepsmith: Call
) -> None:
    (project / "tasks" / "data").symlink_to("/etc")

    outcome = stepsmith("deploy", "ordering", "--yes")

    assert outcome.code == 2
    assert "'tasks/data' is a link" in outcome.err


def test_a_project_without_a_lock_is_told_how_to_make_one(
    account: AwsAccount, project: Path, stepsmith: Call
) -> None:
    (project / "requirements.lock").unlink()

    outcome = stepsmith("deploy", "ordering", "--yes")

    assert outcome.code == 2
    assert "requirements.lock is missing" in outcome.err


def test_a_template_is_written_without_any_account(
    project: Path, stepsmith: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "requirements.lock").write_text(LOCK)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")

    outcome = stepsmith("template", "ordering", "-o", "template.json")

    assert outcome.code == 0, outcome.err
    template = json.loads((project / "template.json").read_text())
    assert "OrderingMachine" in template["Resources"]


def test_a_bare_definition_says_what_to_substitute(project: Path, stepsmith: Call) -> None:
    outcome = stepsmith("template", "ordering", "--bare")

    assert outcome.code == 0
    assert "${price}" in outcome.out
    assert outcome.err == "to substitute: price\n"


def test_a_region_is_asked_for(project: Path, stepsmith: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")

    outcome = stepsmith("executions", "ordering")

    assert outcome.code == 2
    assert "no region is configured" in outcome.err


def test_a_plan_is_given_to_machines_as_json(account: AwsAccount, stepsmith: Call, project: Path) -> None:
    (project / "pyproject.toml").write_text(STAGES)

    outcome = stepsmith("deploy", "ordering", "--plan", "--json")

    plan = json.loads(outcome.out)
    assert outcome.code == 2
    assert (plan["stack"], plan["exists"], plan["empty"]) == ("tea-shop", False, False)
    assert plan["settings"]["retention"] == "14  [tool.stepsmith]"
    machine = next(each for each in plan["changes"] if each["name"] == "OrderingMachine")
    assert machine == {
        "kind": "add",
        "name": "OrderingMachine",
        "type": "AWS::StepFunctions::StateMachine",
        "details": [],
        "kept": False,
    }
    assert any("lambda:InvokeFunction" in line for line in plan["rights"]["OrderingMachineRole"])
    assert "--json is for --plan" in stepsmith("deploy", "ordering", "--yes", "--json").err


@pytest.mark.parametrize(
    ("tool", "file"), [("sam", "template.json"), ("terraform", "main.tf.json"), ("cdk", "project_stack.py")]
)
def test_a_module_for_another_tool_is_written_with_its_packages(
    account: AwsAccount, stepsmith: Call, tmp_path: Path, tool: str, file: str
) -> None:
    folder = tmp_path / "module"

    outcome = stepsmith(
        "template", "ordering", "--format", tool, "--out", str(folder), "--packages", str(folder)
    )

    assert outcome.code == 0, outcome.err
    (package,) = (path.relative_to(folder) for path in folder.glob("packages/*.zip"))
    assert str(package) in (folder / file).read_text()
    assert "name it with --out DIR" in stepsmith("template", "ordering", "--format", tool).err


def test_a_plan_shows_what_becomes_of_recorded_executions(
    account: AwsAccount, stepsmith: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stepsmith.cli.arguments.project import Project

    history = list(Project.here().find("ordering").workflow.run(order={"sku": "tea", "quantity": 1}).history)
    history[-1]["executionSucceededEventDetails"] = {"output": "1"}
    monkeypatch.setattr(
        "stepsmith.cli.executions.replay.recorded_on_aws", lambda *_: [("monday", lambda: history)]
    )

    outcome = stepsmith("deploy", "ordering", "--plan", "--replay", "5")
    planned = json.loads(stepsmith("deploy", "ordering", "--plan", "--json", "--replay", "5").out)

    assert "\n  monday\n    ends otherwise: it gives another output\n      $ was 1, is 250\n" in outcome.out
    assert [each["other"] for each in planned["replays"]] == [1]


def test_a_plan_says_what_executions_cost_by_the_definition_and_then_by_the_last_runs(
    account: AwsAccount, stepsmith: Call, project: Path
) -> None:
    foreseen = stepsmith("deploy", "ordering", "--plan")
    stepsmith("run", "ordering", ORDER, "--durable")
    stepsmith("run", "ordering", ORDER, "--durable")
    known = json.loads(stepsmith("deploy", "ordering", "--plan", "--json").out)["costs"]
    (project / ".stepsmith" / "journal.db").write_bytes(b"no journal")
    unread = stepsmith("deploy", "ordering", "--plan")

    assert (
        "  ordering  $0.0757, by its definition: the cheapest and the dearest way through it" in foreseen.out
    )
    assert "Lambda's of April 2026" in known["prices"]
    (ordering,) = known["estimates"]
    assert (ordering["basis"], ordering["least"]["transitions"]["count"]) == ("the last 2 runs here", 3000)
    assert "costs are estimated without the runs here" in unread.err
    assert unread.out == foreseen.out
