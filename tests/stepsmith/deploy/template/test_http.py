"""HTTP functions and pages in templates."""

import json
from pathlib import Path
from typing import Any

import pytest

from stepsmith.deploy.application import Application
from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.options import Options
from stepsmith.deploy.template.assembly import render_template, template_text
from stepsmith.deploy.template.preflight import check_template
from stepsmith.http import route
from stepsmith.resources import StateMachine, Table, allow
from stepsmith.service.pages import Page
from tests.stepsmith.deploy.applications import PACKAGE, WORKFLOWS
from tests.stepsmith.deploy.template.test_assembly import EVERYTHING, answering, cfn_lint, packing
from tests.stepsmith.deploy.template_requests import requests, validation_errors

ARN = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}"
RIGHTS = [
    allow("states:StartExecution", "states:DescribeExecution", on=StateMachine("packing")),
    allow("dynamodb:GetItem", on=Table("parcels")),
]


@route("GET", "/parcels/{id}", access="public", policies=RIGHTS)
def find_parcel(id: int) -> int:
    """Find a parcel."""
    return id


@route("DELETE", "/parcels/{id}")
def forget_parcel(id: int) -> None:
    """Forget a parcel."""


@route("GET", "/parcels")
def list_parcels() -> list[int]:
    """List the parcels, which POST /parcels makes."""
    return []


FUNCTIONS = (find_parcel, forget_parcel, list_parcels)


@pytest.fixture
def page(tmp_path: Path) -> Page:
    (tmp_path / "shop" / "page").mkdir(parents=True)
    (tmp_path / "shop" / "page" / "index.html").write_text("<h1>tea</h1>")
    return Page.of(tmp_path / "shop")


def rendered(*functions: Any, pages: tuple[Page, ...] = (), options: Options | None = None) -> dict[str, Any]:
    application = Application((packing, answering), functions, pages)
    return json.loads(template_text(render_template(application, lambda task: PACKAGE, options)))


def find(resources: dict[str, Any], end: str) -> Any:
    (found,) = (value["Properties"] for name, value in resources.items() if name.endswith(end))
    return found


def test_a_function_has_a_route_that_calls_its_version_and_may() -> None:
    found = rendered(*FUNCTIONS)["Resources"]

    route, integration = find(found, "FindParcelRoute"), find(found, "FindParcelIntegration")
    permission = find(found, "FindParcelPermission")
    assert (route["RouteKey"], route["AuthorizationType"]) == ("GET /parcels/{id}", "NONE")
    assert find(found, "ForgetParcelRoute")["AuthorizationType"] == "AWS_IAM"
    assert integration["PayloadFormatVersion"] == "2.0"
    assert found[integration["IntegrationUri"]["Ref"]]["Type"] == "AWS::Lambda::Version"
    assert permission["FunctionName"] == integration["IntegrationUri"]
    assert permission["SourceArn"]["Fn::Sub"].endswith(":${Api}/*/*/parcels/*")


def test_the_first_function_of_a_path_answers_its_other_methods() -> None:
    found = rendered(*FUNCTIONS)["Resources"]

    others = {value["Properties"]["RouteKey"] for name, value in found.items() if "OtherMethodsRoute" in name}
    told = find(found, "FindParcelOtherMethodsIntegration")["RequestParameters"]
    assert others == {"ANY /parcels/{id}", "ANY /parcels"}
    assert told == {"overwrite:header.x-stepsmith-allow": "DELETE, GET"}
    assert find(found, "ListParcelsOtherMethodsIntegration")["RequestParameters"] == {
        "overwrite:header.x-stepsmith-allow": "GET, POST"
    }


def test_a_function_may_start_the_workflow_it_names_and_knows_its_alias() -> None:
    found = rendered(*FUNCTIONS)["Resources"]

    (statements,) = (
        each["PolicyDocument"]["Statement"] for each in find(found, "FindParcelRole")["Policies"]
    )
    (states,) = (each for each in statements if "states:StartExecution" in each["Action"])
    names = find(found, "FindParcelFunction")["Environment"]["Variables"]["STEPSMITH_NAMES"]["Fn::Sub"]
    assert states["Resource"] == [
        {"Fn::Sub": f"{ARN}:execution:${{AWS::StackName}}-packing:*"},
        {"Fn::Sub": f"{ARN}:stateMachine:${{AWS::StackName}}-packing"},
        {"Fn::Sub": f"{ARN}:stateMachine:${{AWS::StackName}}-packing:*"},
    ]
    assert json.loads(names) == {
        "TableName": {"parcels": "${ParcelsTable}"},
        "stateMachineArn": {"packing": f"{ARN}:stateMachine:${{AWS::StackName}}-packing:live"},
    }


def test_what_cannot_be_deployed_is_refused(page: Page) -> None:
    @route("POST", "/weights/quick")
    def quick() -> None: ...

    @route("GET", "/other", policies=[allow("states:StartExecution", on=StateMachine("lost"))])
    def other() -> None: ...

    @route("GET", "/shop/{id}")
    def below(id: str) -> None: ...

    with pytest.raises(DeploymentError, match="two triggers or functions answer POST /weights/quick"):
        rendered(quick)
    with pytest.raises(DeploymentError, match="other names the workflow 'lost', which is not deployed"):
        rendered(other)
    with pytest.raises(DeploymentError, match=r"/shop/\* lies below the page /shop/"):
        rendered(below, pages=(page,))


def test_pages_lie_in_a_closed_bucket_behind_cloudfront_which_leads_to_the_api_too(page: Page) -> None:
    template = rendered(*FUNCTIONS, pages=(page,))
    found = template["Resources"]

    config = found["PagesDistribution"]["Properties"]["DistributionConfig"]
    statements = found["PagesBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert [each["PathPattern"] for each in config["CacheBehaviors"]] == ["/parcels", "/parcels/*"]
    assert [each["Id"] for each in config["Origins"]] == ["pages", "api"]
    assert [each["Effect"] for each in statements] == ["Allow", "Deny"]
    assert found["PagesBucket"]["Properties"]["PublicAccessBlockConfiguration"]["RestrictPublicBuckets"]
    assert template["Outputs"]["PagesUrl"]["Value"] == {"Fn::Sub": "https://${PagesDistribution.DomainName}/"}


def test_one_path_leads_to_the_api_for_all_that_lie_below_it(page: Page) -> None:
    @route("GET", "/parcels/{id}/label")
    def label(id: str) -> None: ...

    @route("GET", "/carts/{owner}/{id}")
    def cart(owner: str, id: str) -> None: ...

    @route("GET", "/carts/customer/{id}/lines")
    def lines(id: str) -> None: ...

    @route("GET", "/carts/{id}")
    def short(id: str) -> None: ...

    @route("GET", "/labels/{id}/parcels")
    def other(id: str) -> None: ...

    found = rendered(*FUNCTIONS, label, cart, lines, other, pages=(page,))["Resources"]
    shorter = rendered(cart, short, pages=(page,))["Resources"]

    def paths(resources: Any) -> list[str]:
        config = resources["PagesDistribution"]["Properties"]["DistributionConfig"]
        return [each["PathPattern"] for each in config["CacheBehaviors"]]

    assert paths(found) == ["/carts/*/*", "/labels/*/parcels", "/parcels", "/parcels/*"]
    assert paths(shorter) == ["/carts/*"]


def test_a_changed_file_changes_the_template(page: Page) -> None:
    before = rendered(pages=(page,))
    (page.folder / "index.html").write_text("<h1>coffee</h1>")
    after = rendered(pages=(page,))

    changed = [name for name in before["Resources"] if before["Resources"][name] != after["Resources"][name]]
    assert changed == ["PagesBucket"]


def test_the_service_models_accept_every_route(page: Page) -> None:
    template = rendered(*FUNCTIONS, pages=(page,), options=EVERYTHING)
    check_template(template)

    for name, service, operation, arguments in requests(template):
        assert validation_errors(service, operation, arguments) == "", (name, operation)


@pytest.mark.slow
def test_cfn_lint_finds_nothing_in_routes_and_pages(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "template.json"
    path.write_text(json.dumps(rendered(*FUNCTIONS, pages=(page,), options=EVERYTHING)))

    assert cfn_lint(["eu-west-1"], path) == (0, "")


def test_nothing_is_added_where_there_are_no_functions_and_pages() -> None:
    template = render_template(Application((WORKFLOWS["delayed_vending"],)), lambda task: PACKAGE)

    resources: Any = template["Resources"]
    assert not [name for name in resources if name.startswith(("Api", "Pages"))]
