"""W203: an expression without effect.

Refuses an expression whose value is not used.

## Why

It is usually a forgotten assignment or call.

## Example

```python
@workflow
def example(order: Order) -> str:
    order.id
    return "done"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    name = order.id
    return name
```
"""

CODE = "W203"
