"""What the tasks of carts may do once they are deployed, and the tables and queues that are deployed with them."""

from typing import Final

from stepsmith.resources import Queue, Table, allow
from tasks.cart.tables import ATTENTION, CARTS, CHECKOUTS, NOTICES, PRODUCTS

CARTS_TABLE: Final = Table(CARTS, sort="sk", expires="expires_at")
PRODUCTS_TABLE: Final = Table(PRODUCTS)
CHECKOUTS_TABLE: Final = Table(CHECKOUTS, sort="sk")

READ_PRODUCTS: Final = [allow("dynamodb:GetItem", on=PRODUCTS_TABLE)]
READ_CART: Final = [allow("dynamodb:Query", on=CARTS_TABLE)]
ADD_LINE: Final = [
    allow("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem", on=CARTS_TABLE),
    *READ_PRODUCTS,
]
SET_LINE: Final = [allow("dynamodb:Query", "dynamodb:UpdateItem", on=CARTS_TABLE), *READ_PRODUCTS]
REMOVE_LINE: Final = [allow("dynamodb:DeleteItem", "dynamodb:UpdateItem", on=CARTS_TABLE)]
MIGRATE: Final = [
    allow("dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem", on=CARTS_TABLE)
]
READ_CHECKOUTS: Final = [allow("dynamodb:GetItem", on=CHECKOUTS_TABLE)]
DO_STEP: Final = [allow("dynamodb:GetItem", "dynamodb:PutItem", on=CHECKOUTS_TABLE)]
READ_AND_CHANGE_STEP: Final = [allow("dynamodb:GetItem", "dynamodb:UpdateItem", on=CHECKOUTS_TABLE)]
RECORD: Final = READ_AND_CHANGE_STEP
CHANGE_STEP: Final = [allow("dynamodb:UpdateItem", on=CHECKOUTS_TABLE)]
UNDO_STEP: Final = [allow("dynamodb:PutItem", "dynamodb:UpdateItem", on=CHECKOUTS_TABLE)]
FREEZE: Final = [
    allow("dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem", on=CARTS_TABLE),
    *READ_PRODUCTS,
    *DO_STEP,
]
CLEAR: Final = [
    allow("dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", on=CARTS_TABLE),
    *READ_AND_CHANGE_STEP,
]
UNFREEZE: Final = [
    allow("dynamodb:GetItem", "dynamodb:UpdateItem", on=CARTS_TABLE),
    *READ_AND_CHANGE_STEP,
    *UNDO_STEP,
]
_MOVE_STOCK: Final = allow("dynamodb:UpdateItem", on=PRODUCTS_TABLE)
RESERVE_STOCK: Final = [_MOVE_STOCK, *DO_STEP]
RELEASE_STOCK: Final = [_MOVE_STOCK, *READ_CHECKOUTS, *UNDO_STEP]
NOTIFY: Final = [allow("sqs:GetQueueUrl", "sqs:SendMessage", on=Queue(NOTICES))]
CALL_ATTENTION: Final = [allow("sqs:GetQueueUrl", "sqs:SendMessage", on=Queue(ATTENTION))]
