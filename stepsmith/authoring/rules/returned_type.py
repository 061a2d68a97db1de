"""W205: a result that does not fit the annotation.

Refuses `return` with a value of another type than declared, and functions that can end without one.

## Why

The caller, the test and the parent workflow rely on the annotation.

## Example

```python
@workflow
def example(order: Order) -> str:
    return order.count
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    return order.id
```
"""

CODE = "W205"
