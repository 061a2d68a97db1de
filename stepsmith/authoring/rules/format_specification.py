"""W140: a format specification.

Refuses `{value!r}`, floats without their places, more than six places, `:e`, `:g`, and what is computed behind the
colon. `:.2f`, `:,`, `:.1%`, `:>10`, `:08.2f`, `:x`, and `:%Y-%m-%d` of a datetime are understood.

## Why

Python writes as many digits of a float as it takes to read the same one again, JSONata at most fifteen.

## Example

```python
@workflow
def example(order: Order) -> str:
    return f"{order.price:g}"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    return f"{order.price:.2f} {order.count:05d}"
```
"""

CODE = "W140"
