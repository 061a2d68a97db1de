"""W130: using a value that may be None.

Refuses fields, items, order, arithmetic and text of a value that may be None.

## Why

Python raises an error for None; JSONata goes on with nothing, or with null.

## Example

```python
@workflow
def example(order: Order) -> str:
    return echo(f"{order.coupon}")
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    if order.coupon is None:
        return "none"
    return echo(f"{order.coupon}")
```
"""

CODE = "W130"
