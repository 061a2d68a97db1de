"""What the tasks of the vending pass may do once they are deployed, and the table that is deployed with them."""

from typing import Final

from stepsmith.resources import Table, allow
from tasks.vending_pass.tables import PASS

PASS_TABLE: Final = Table(PASS)

PUT: Final = [allow("dynamodb:PutItem", on=PASS_TABLE)]
UPDATE: Final = [allow("dynamodb:UpdateItem", on=PASS_TABLE)]
READ: Final = [allow("dynamodb:GetItem", on=PASS_TABLE)]
READ_AND_PUT: Final = [*READ, *PUT]
READ_AND_UPDATE: Final = [*READ, *UPDATE]
WITHDRAW: Final = [*READ_AND_PUT, allow("dynamodb:DeleteItem", on=PASS_TABLE)]
READ_PUT_AND_UPDATE: Final = [*READ, *PUT, *UPDATE]
