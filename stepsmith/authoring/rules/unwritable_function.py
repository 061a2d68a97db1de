"""W230: a helper function that cannot be written out where it is called.

Refuses calls of functions with decorators, with `*args` or `**kwargs`, of lambdas, of functions whose defaults are
more than constants, and arguments that can fail where the function is called inside a comprehension.

## Why

The statements of a helper function become states of the workflow that calls it. What a decorator makes of them, and
which arguments come, must be known before the run; each argument is evaluated once, before them.

## Example

```python
@workflow
def example(order: Order) -> str:
    def joined(*texts: str) -> str:
        return "-".join(texts)

    return joined(order.id, "x")
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    def joined(texts: list[str]) -> str:
        return "-".join(texts)

    return joined([order.id, "x"])
```
"""

CODE = "W230"
