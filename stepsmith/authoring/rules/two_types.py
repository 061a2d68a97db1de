"""W115: an expression of one type or another.

Refuses a conditional expression, `or`, or `and` whose sides have different types.

## Why

What is done with the value next depends on its type.

## Example

```python
@workflow
def example(order: Order) -> str:
    value = order.id if order.lines else 0
    return "done"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    value = len(order.id) if order.lines else 0
    return "done"
```
"""

CODE = "W115"
