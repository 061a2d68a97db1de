"""Mistakes that type checkers find.

Each line that is wrong is marked. pyright complains about a mark that is not needed, and the test compares the lines that
mypy complains about with the marked ones: so a mistake that is no longer found fails as an error that is not planted.
"""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true
# ruff: noqa: E501

from stepsmith import compensation, load, local, map_items, parallel
from stepsmith.references import build, not_, optional_variable, text, variable
from stepsmith.states import Choice, Map, Parallel, Pass
from tests.typing.promises import Cart, Line, checkout, forget, price, reserve, review


def calls(cart: Cart) -> None:
    price(cart.id)  # pyright: ignore[reportArgumentType] - a Cart, not a str
    price()  # pyright: ignore[reportCallIssue] - an argument is missing
    price(cart, "EUR", 3)  # pyright: ignore[reportCallIssue] - an argument too many
    price(cart, curency="USD")  # pyright: ignore[reportCallIssue] - a misspelt argument
    print(cart.coupn)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType] - a misspelt field
    review("token", cart)  # pyright: ignore[reportCallIssue] - the token is not the caller's to give
    total: str = price(cart)  # pyright: ignore[reportAssignmentType] - an int
    approved: bool = review(cart)  # pyright: ignore[reportAssignmentType] - a Decision
    first: str
    first, second = parallel(price(cart), reserve(cart.lines[0]))  # pyright: ignore[reportAssignmentType] - an int
    prices: list[int] = map_items(cart.lines, lambda line: reserve(line))  # pyright: ignore[reportAssignmentType] - a list of str
    print(total, approved, first, second, prices)


def runs(cart: Cart) -> None:
    checkout()  # pyright: ignore[reportCallIssue] - an argument is missing
    checkout.run(cart.id)  # pyright: ignore[reportArgumentType] - a Cart, not a str
    result: str = checkout.run(cart).result()  # pyright: ignore[reportAssignmentType] - an int
    print(result)


def options() -> None:
    load({}).run({}, seed="1")  # pyright: ignore[reportArgumentType] - an int
    load({}).start({}, sed=1)  # pyright: ignore[reportCallIssue] - a misspelt option
    local(tasks=price)  # pyright: ignore[reportArgumentType] - a table of tasks


def states() -> None:
    cart = variable("cart", Cart)
    total = variable("total", int)
    name = variable("name", str)
    coupon = optional_variable("coupon", str)

    price.state("Price", cart.id)  # pyright: ignore[reportArgumentType] - a Cart, not a str
    price.state("Price")  # pyright: ignore[reportCallIssue] - an argument is missing
    price.state("Price", cart).assign(name)  # pyright: ignore[reportArgumentType] - an int
    forget.state("Forget", coupon)  # pyright: ignore[reportArgumentType] - may be None
    Parallel("Both", price.state("Price", cart), forget.state("Forget", name)).assign((name, total))  # pyright: ignore[reportArgumentType] - in the wrong order
    Map("Each", cart.lines, lambda line: price.state("Price", line))  # pyright: ignore[reportArgumentType] - a Line, not a Cart
    Map("Each", total, lambda line: Pass("Nothing"))  # pyright: ignore[reportArgumentType] - not a list
    Choice("Big?").when(total, Pass("Big"))  # pyright: ignore[reportArgumentType] - not a condition
    Choice("Big?").when(cart.totl > 3, Pass("Big"))  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType] - a misspelt field
    not_(name)  # pyright: ignore[reportArgumentType] - not a condition
    build(Line, sku="a")  # pyright: ignore[reportCallIssue] - a field is missing
    build(Line, sku="a", quantity="b")  # pyright: ignore[reportArgumentType] - an int
    text(total)  # pyright: ignore[reportArgumentType] - the template is a str


def undoing(cart: Cart) -> None:
    with compensation() as undo:
        undo(price)  # pyright: ignore[reportCallIssue] - an argument is missing
        undo(price, cart.id)  # pyright: ignore[reportArgumentType] - a Cart, not a str
