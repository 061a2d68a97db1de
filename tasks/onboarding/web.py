"""Onboarding over HTTP: applicants apply and confirm their address, reviewers decide. Only reviewers sign requests."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from pydantic import JsonValue

from stepsmith import client
from stepsmith.http import Refused, Response, route
from tasks.onboarding import rights
from tasks.onboarding.desk import confirm_email, decide, submit_application
from tasks.onboarding.models import Erased, Identifier
from tasks.refusals import answered

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_stepfunctions import SFNClient

WORKFLOW: Final = "customer_onboarding"
QUESTION: Final = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Confirm your address</title>
<h1>Confirm your address</h1>
<form method="post"><button>Yes, this is my address</button></form>
</html>
"""
"""A link is opened by whatever reads mails, too; only a person presses a button."""
THANKS: Final = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Thank you</title>
<h1>Thank you, your address is confirmed.</h1>
</html>
"""
_HTML: Final = {"content-type": "text/html; charset=utf-8", "referrer-policy": "no-referrer"}


@route("POST", "/applications", access="public", policies=rights.SUBMIT)
def apply(
    application: dict[str, JsonValue],
    *,
    dynamodb: DynamoDBClient = client("dynamodb"),
    stepfunctions: SFNClient = client("stepfunctions"),
) -> Response:
    """Take an application and start what becomes of it; the same one twice is one."""
    with answered():
        input = submit_application(application, dynamodb=dynamodb)
    name = input["application_id"]
    with suppress(stepfunctions.exceptions.ExecutionAlreadyExists):  # it was started before, and has ended
        stepfunctions.start_execution(stateMachineArn=WORKFLOW, name=name, input=json.dumps(input))
    return Response({"application_id": name}, status=202)


@route("GET", "/confirm/{application_id}/{code}", access="public")
def ask_to_confirm(application_id: Identifier, code: str) -> Response:
    """Show the button that confirms an address; nothing is done before it is pressed."""
    return Response(QUESTION, headers=_HTML)


@route("POST", "/confirm/{application_id}/{code}", access="public", policies=rights.ANSWER)
def confirm(
    application_id: Identifier,
    code: str,
    *,
    dynamodb: DynamoDBClient = client("dynamodb"),
    stepfunctions: SFNClient = client("stepfunctions"),
) -> Response:
    """Confirm the address of an applicant by the link that was mailed there."""
    try:
        with answered():
            confirm_email(application_id, code, dynamodb=dynamodb, stepfunctions=stepfunctions)
    except Erased as error:
        raise Refused(410, str(error)) from error
    return Response(THANKS, headers=_HTML)


@route("POST", "/applications/{application_id}/decision", policies=rights.ANSWER)
def decide_on(
    application_id: Identifier,
    decision: dict[str, JsonValue],
    *,
    dynamodb: DynamoDBClient = client("dynamodb"),
    stepfunctions: SFNClient = client("stepfunctions"),
) -> None:
    """Decide on an application that waits for a reviewer: APPROVE or REJECT, and who says so."""
    try:
        with answered():
            decide(application_id, decision, dynamodb=dynamodb, stepfunctions=stepfunctions)
    except Erased as error:
        raise Refused(410, str(error)) from error
