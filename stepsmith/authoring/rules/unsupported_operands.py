"""W112: operands without an exact JSONata form.

Refuses arithmetic on types for which JSONata gives something else: text times int, Decimal, bools, and operators such
as `**` and `&`.

## Why

A definition must compute what the Python function computes.

## Example

```python
@workflow
def example(order: Order) -> str:
    line = "-" * order.count
    return line
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    line = "-" + order.id
    return line
```
"""

CODE = "W112"
