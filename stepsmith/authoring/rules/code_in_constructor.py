"""W220: making a value whose class runs code.

Refuses to make models with validators, constraints, `__post_init__` or defaults that are made anew each time, and
errors with an `__init__` of their own.

## Why

A state machine makes the JSON and runs no code.

## Example

```python
@workflow
def example(order: Order) -> str:
    made = Checked(count=order.count)
    return "done"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    made = Line(sku="a", quantity=order.count)
    return made.sku
```
"""

CODE = "W220"
