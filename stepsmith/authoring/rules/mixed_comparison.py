"""W110: comparing values of different kinds.

Refuses `==` and `!=` of values that Python and JSONata compare by different rules: a bool with an int, a plain Enum
with a str, values that have no exact JSON form; and `is` for anything but None and members of an Enum.

## Why

In Python `True == 1` is true, in JSONata it is false.

## Example

```python
@workflow
def example(order: Order) -> str:
    if order.paid == order.count:
        return "same"
    return "other"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    if order.paid and order.count == 1:
        return "same"
    return "other"
```
"""

CODE = "W110"
