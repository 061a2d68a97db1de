"""What the tasks of onboarding may do once they are deployed, and the tables and queues that are deployed with them."""

from typing import Final

from stepsmith.resources import Queue, StateMachine, Table, allow
from tasks.onboarding.tables import (
    ACCOUNTS,
    APPLICATIONS,
    ATTENTION,
    CUSTOMERS,
    INTERESTS,
    LINK_BASE,
    SENDER,
    SENDER_DOMAIN,
)

APPLICATIONS_TABLE: Final = Table(APPLICATIONS)
ACCOUNTS_TABLE: Final = Table(ACCOUNTS)
CUSTOMERS_TABLE: Final = Table(CUSTOMERS)
_IDENTITIES: Final = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/"
_MAIL: Final = [
    # what is verified at SES may be the address or its whole domain
    allow("ses:SendEmail", on=_IDENTITIES + "${Sender}"),
    allow("ses:SendEmail", on=_IDENTITIES + "${SenderDomain}"),
]
SENDING: Final = {each.variable: each for each in (SENDER, SENDER_DOMAIN)}
SENDING_LINKS: Final = {**SENDING, LINK_BASE.variable: LINK_BASE}
_MARK: Final = allow("dynamodb:PutItem", "dynamodb:DeleteItem", on=CUSTOMERS_TABLE)

READ: Final = [allow("dynamodb:GetItem", on=APPLICATIONS_TABLE)]
WRITE: Final = [allow("dynamodb:GetItem", "dynamodb:UpdateItem", on=APPLICATIONS_TABLE)]
SET_STATUS: Final = [allow("dynamodb:UpdateItem", on=APPLICATIONS_TABLE)]
ASK_BY_MAIL: Final = [*WRITE, *_MAIL]
ASK_REVIEWERS: Final = [*SET_STATUS, *_MAIL]
FIND_ACCOUNT: Final = [*READ, allow("dynamodb:GetItem", on=ACCOUNTS_TABLE)]
_UNLESS_ERASED: Final = [*READ, allow("dynamodb:ConditionCheckItem", on=APPLICATIONS_TABLE)]
OPEN_ACCOUNT: Final = [*_UNLESS_ERASED, allow("dynamodb:PutItem", on=ACCOUNTS_TABLE)]
CLOSE_ACCOUNT: Final = [*_UNLESS_ERASED, allow("dynamodb:UpdateItem", on=ACCOUNTS_TABLE)]
MAIL: Final = [*READ, _MARK, *_MAIL]
FORWARD: Final = [*READ, _MARK, allow("sqs:GetQueueUrl", "sqs:SendMessage", on=Queue(INTERESTS))]
WRITE_CUSTOMER: Final = [*_UNLESS_ERASED, allow("dynamodb:PutItem", on=CUSTOMERS_TABLE)]
_MACHINE: Final = StateMachine("customer_onboarding")
SUBMIT: Final = [
    allow("dynamodb:GetItem", "dynamodb:PutItem", on=APPLICATIONS_TABLE),
    allow("states:StartExecution", on=_MACHINE),
]
ANSWER: Final = [*READ, allow("states:SendTaskSuccess", on=_MACHINE)]
CALL_ATTENTION: Final = [allow("sqs:GetQueueUrl", "sqs:SendMessage", on=Queue(ATTENTION))]
