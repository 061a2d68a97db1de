"""More workflow functions: constructs in each other, values of every type, and items read from S3."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any, NotRequired

from pydantic import AwareDatetime, BaseModel, Field
from typing_extensions import TypedDict

from stepsmith import (
    WorkflowError,
    client,
    csv_rows,
    integration,
    map_items,
    now,
    parallel,
    task,
    wait_until,
    workflow,
)


class Problem(WorkflowError): ...


class Other(WorkflowError): ...


class Part(BaseModel):
    n: int = 3
    note: str | None = None


class Deep(BaseModel):
    part: Part = Part()
    parts: list[Part] = []
    by: dict[str, Part] = {}
    maybe: Part | None = None


class Top(BaseModel):
    deep: Deep
    name: str = Field("x", alias="theName")
    when: AwareDatetime | None = None
    model_config = {"populate_by_name": True}


@dataclass
class Pair:
    a: int
    b: list[int] = field(default_factory=list)


class Keys(TypedDict):
    k: int
    o: NotRequired[int]


class Level(IntEnum):
    A = 1
    B = 2


class Color(Enum):
    RED = "red"
    BLUE = "blue"


@task
def f(n: int) -> int:
    return n + 1


@task
def fail(n: int) -> int:
    if n > 3:
        raise Problem(f"p{n}")
    if n < 0:
        raise Other(f"q{n}")
    return n


@task
def g(d: Pair) -> Pair:
    return d


@task
def price(n: int) -> Decimal:
    return Decimal(n) / 2


@task
def pay(amount: Decimal) -> str:
    return str(amount)


@task
def anyv(x: Any) -> Any:
    return x


@task
def td(x: Keys) -> Keys:
    return x


@workflow
def deep(top: Top, d: Pair, td1: Keys, lvl: Level = Level.A, color: Color = Color.RED) -> int:
    x = top.deep.part.n + len(top.deep.parts) + d.a
    if lvl == Level.B or color == Color.BLUE or color is Color.RED:
        x += 1
    if top.when is not None and top.when < datetime(2026, 1, 1, tzinfo=UTC):
        x += 2
    e = g(d)
    return x + e.a + td1["k"] + td1.get("o", 4) + lvl


@workflow
def opaque(n: int) -> str:
    p = price(n)
    return pay(p)


@workflow
def anyflow(x: Any, y: dict[str, Any]) -> list[Any]:
    a = anyv(x)
    if a is None:
        return [a, y]
    return [a, x, y, [a]]


@workflow
def nested_handlers(n: int) -> str:
    t = ""
    for i in range(3):
        try:
            try:
                fail(n + i)
                t = f"{t}{i}"
            except Problem as e:
                try:
                    fail(-1)
                except Other as e2:
                    t = f"{t}<{e}|{e2}>"
                    if i == 2:
                        raise e from e2
                finally:
                    t = f"{t}F"
                continue
            finally:
                t = f"{t}G"
        except (Problem, Other) as outer:
            t = f"{t}[{outer}]"
            break
    return t


@workflow
def err_in_loop(n: int) -> int:
    count = 0
    while True:
        try:
            fail(n + count)
        except Other:
            count += 1
            if count > 5:
                return -1
            continue
        except Problem:
            break
        count += 1
    return count


@workflow
def swap(a: int, b: int, xs: list[int]) -> list[int]:
    for x in xs:
        a, b = b, a + x
    i = 0
    while i < len(xs):
        i, a = i + 1, a + i
    return [a, b, i]


@workflow
def reuse(xs: list[int]) -> list[int]:
    x = 7
    out = [f(x) for x in xs]
    ys = [x + y for y in xs]
    zs = map_items(xs, lambda n: f(n))
    return [x, *out, *ys, *zs]


@workflow
def shadows(xs: list[int], n: int) -> list[list[int]]:
    err = n

    def one(n: int) -> list[int]:
        x = f(n)
        try:
            y = fail(x)
        except Problem as error:
            y = len(str(error))
        except Other:
            return [err]

        def inner() -> int:
            z = f(x)
            return z + y

        a, b = parallel(inner(), f(n))
        return [a, b, err, y]

    return [one(x) for x in xs]


@workflow
def condexpr(n: int, s: str | None) -> str:
    a = s or "none"
    b = s if s is not None else "N"
    c = s and "some"
    return f"{a}{b}{c or 'q'}{n if n > 3 else -n}"


@workflow
def times(n: int) -> datetime:
    start = now()
    later = start + timedelta(hours=1)
    wait_until(later)
    if now() >= later and now() - timedelta(minutes=5) > start:
        return later
    return start


@workflow
def pairs(d: dict[str, int]) -> list[str]:
    out: list[str] = []
    for i, (k, v) in enumerate(d.items()):
        out = [*out, f"{i}{k}{v}"]
    more = [f"{k}{v}" for k, v in d.items() if v > 1]
    best = max([*list(d.values()), 0])
    return out + more + [str(best)]


@workflow
def mapret(xs: list[int]) -> list[int]:
    return [f(x) for x in xs if x > 0]


@workflow
def loop_task_cond(n: int) -> int:
    while f(n) < 10:
        n = f(n)
    if fail(n) > 3 and n > 2:
        return n
    return -n


@workflow
def expr_in_try(n: int, d: dict[str, int]) -> int:
    v = d.get("a", 1)
    try:
        return fail(v) + n
    except Problem:
        pass
    finally:
        f(1)
    return n


@workflow
def early(xs: list[int]) -> int | None:
    for x in xs:
        if x > 3:
            return x
    return None


@workflow
def fin_ret(n: int) -> int:
    try:
        x = n + 1
        return x
    finally:
        x = 100
        f(x)


class Row(BaseModel):
    id: str
    n: str


@task
def one(row: Row, factor: int) -> int:
    return int(row.n) * factor


@task
def rows(rows: list[Row]) -> list[str]:
    return [r.id for r in rows]


@task
def bad(n: int) -> int:
    if n == 3:
        raise Problem("three")
    return n


@task
def dbl(n: int) -> int:
    return n * 2


@workflow
def from_bare_csv(bucket: str, key: str) -> list[int]:
    return map_items(
        csv_rows(bucket, key, Row, headers=["id", "n"]), lambda row: one(row, 2), distributed=True
    )


@workflow
def from_csv(bucket: str, key: str, factor: int) -> list[int]:
    return map_items(
        csv_rows(bucket, key, Row),
        lambda row: one(row, factor),
        distributed=True,
        execution_type="EXPRESS",
        max_concurrency=3,
        label="Rows",
    )


@workflow
def batched(bucket: str, key: str) -> list[list[str]]:
    return map_items(
        csv_rows(bucket, key, Row), rows, distributed=True, batch_size=2, tolerated_failure_percentage=10
    )


@workflow
def tolerant(xs: list[int], off: int) -> list[int]:
    def go(x: int) -> int:
        y = bad(x)
        return dbl(y) + off

    ok = map_items(xs, go, distributed=True, tolerated_failure_count=1)
    more = map_items(xs, dbl, distributed=True)
    return ok + more


@workflow
def batch_local(xs: list[int], off: int) -> list[int]:
    def go(group: list[int]) -> int:
        t = off
        for x in group:
            t += dbl(x)
        return t

    return map_items(xs, go, distributed=True, batch_size=2)


@workflow
def strict(xs: list[int]) -> list[int]:
    try:
        return map_items(xs, bad, distributed=True)
    except Exception as e:
        return [len(str(e))]


@integration("dynamodb:putItem")
def put_item(TableName: str, Item: dict[str, Any], *, dynamodb: Any = client("dynamodb")) -> dict[str, Any]:
    return dynamodb.put_item(TableName=TableName, Item=Item)


@integration("dynamodb:getItem")
def get_item(TableName: str, Key: dict[str, Any], *, dynamodb: Any = client("dynamodb")) -> dict[str, Any]:
    return dynamodb.get_item(TableName=TableName, Key=Key)


@workflow
def integrations(key: str, number: int) -> int:
    put_item("things", {"key": {"S": key}, "number": {"N": str(number)}})
    get_item("things", Key={"key": {"S": key}})
    return f(number)


@workflow
def printed(level: Level, text: str, numbers: list[int]) -> str:
    told = f"{level}{level:03d}" + str(level)
    try:
        first, second = numbers
        key, value = text.split(" ")
    except ValueError:
        return told
    rows = [{"n": number, "of": [level]} for number in numbers]
    wanted: list[dict[str, int | list[Level]]] = [{"n": number} for number in numbers]
    return f"{told} {first - second} {value}{key} {len(rows)} {len(wanted)}"
