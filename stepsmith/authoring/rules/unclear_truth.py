"""W120: the truth of a value that has none in JSON.

Refuses models, datetimes and values of type Any as conditions.

## Why

An object is true in Python, and an empty one is false in JSONata.

## Example

```python
@workflow
def example(order: Order) -> str:
    if order:
        return "yes"
    return "no"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    if order.lines:
        return "yes"
    return "no"
```
"""

CODE = "W120"
