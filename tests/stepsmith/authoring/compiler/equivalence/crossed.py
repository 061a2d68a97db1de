"""Workflow functions in which constructs cross each other: errors in loops, loops in branches, names used again."""

from datetime import datetime, timedelta

from pydantic import BaseModel

from stepsmith import WorkflowError, map_items, now, parallel, task, wait, wait_until, workflow


class Problem(WorkflowError): ...


class Other(WorkflowError): ...


class Model(BaseModel):
    a: int
    b: list[int] = []
    c: str | None = None


@task
def f(n: int) -> int:
    return n + 1


@task
def b(n: int) -> bool:
    return n > 0


@task
def fail(n: int) -> int:
    if n > 3:
        raise Problem(f"p{n}")
    if n < 0:
        raise Other(f"q{n}")
    return n


@task
def mk(n: int) -> Model | None:
    return Model(a=n) if n > 0 else None


@workflow
def chain(n: int) -> bool:
    x = b(n) and n > 2
    y = 1 < f(n) < 5
    z = 0 if f(n) > 2 else 1
    return x or y or z == 1


@workflow
def walrusless(n: int) -> int:
    m = mk(n)
    if m is None or m.a > 5:
        return -1
    while m is not None:
        n = n - 1
        m = mk(n)
        if m is not None and m.c:
            break
    return n


@workflow
def narrowing(m: Model, k: int | None) -> int:
    total = 0
    for i in range(3):
        if k is None:
            k = i
        total += k
        if total > 3:
            k = None
    if m.c is not None:
        total += len(m.c)
        m = Model(a=1, b=m.b)
    return total + (k or 0) + (len(m.c) if m.c else 0)


@workflow
def reraise_named(n: int) -> str:
    try:
        try:
            fail(n)
        except (Problem, Other) as e:
            if n > 6:
                raise
            if n < -2:
                raise e from None
            return f"in {e}"
        return "ok"
    except Other as e:
        return f"q {e}"
    finally:
        f(0)


@workflow
def try_in_else(n: int) -> int:
    x = 0
    try:
        x = fail(n)
    except Problem:
        x = 10
    else:
        try:
            x = fail(x - 2)
        except Other:
            x = 20
        else:
            x += 100
    finally:
        x += 1000
    return x


@workflow
def loop_finally(xs: list[int]) -> int:
    t = 0
    for x in xs:
        try:
            while True:
                try:
                    if x > 5:
                        break
                    if x < 0:
                        return t
                    x = x + fail(x)
                    if x == 0:
                        break
                finally:
                    t += 1
        except Problem:
            t += 100
            continue
        finally:
            t += 10
    return t


@workflow
def par_raise(n: int) -> str:
    def left() -> int:
        if n > 3:
            raise Problem("left")
        return n

    def right() -> int:
        x = f(n)
        if x < 0:
            raise Other(f"right {x}")
        return x

    try:
        a, c = parallel(left(), right())
    except Problem as e:
        return f"P {e}"
    except Other as e:
        return f"Q {e}"
    return f"{a} {c}"


@workflow
def nested_par(xs: list[int]) -> list[int]:
    def one(x: int) -> int:
        def branch() -> int:
            def deeper() -> int:
                return f(x)

            p, q = parallel(deeper(), f(x))
            return p + q

        def rest() -> list[int]:
            return [f(y) for y in xs]

        a, c = parallel(branch(), rest())
        return a + sum(c)

    return map_items(xs, one)


@workflow
def m_in_m(rows: list[list[int]]) -> list[list[int]]:
    def row(r: list[int]) -> list[int]:
        return [f(x) for x in r if x > 0]

    return [row(r) for r in rows]


@workflow
def child_a(n: int) -> int:
    if n > 5:
        raise Problem(f"child {n}")
    return fail(n)


@workflow
def parent_a(n: int) -> str:
    out = ""
    for i in range(2):
        try:
            x = child_a(n + i)
            out = f"{out}{x}"
        except Other as e:
            out = f"{out}<{e}>"
        except Exception as e:
            out = f"{out}[{e}]"
    y = child_a(n)
    return f"{out}{y}"


@workflow
def tup(n: int) -> list[int]:
    x, (y, z) = n, (n + 1, n + 2)
    a = b2 = z
    a += 1
    return [x, y, z, a, b2]


@workflow
def shadow_loop(xs: list[int]) -> int:
    x = 5
    for x in xs:  # noqa: B007 - it is read after the loop
        pass
    return x


@workflow
def mutate_iter(m: Model) -> int:
    t = 0
    for x in m.b:
        m = Model(a=x, b=[x, x])
        t += x + len(m.b)
    return t


@workflow
def dynamic_wait(n: int) -> datetime:
    start = now()
    wait(n)
    wait_until(start + timedelta(seconds=30))
    return now()


@workflow
def big_sub(n: int) -> list[int]:
    a = n + 1
    b3 = a * a
    c = b3 * b3 + a
    d = c * c + b3
    e = d + d + d
    a = e
    return [a, b3, c, d, e]


@workflow
def clocks(n: int) -> bool:
    a = now()
    b4 = a
    wait(1)
    c = a
    return a == b4 and c == a and now() > a
