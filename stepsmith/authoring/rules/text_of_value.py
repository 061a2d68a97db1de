"""W141: text of a value that prints differently.

Refuses floats, bools, None, lists and models inside f-strings and `str()`.

## Why

`1.0` prints as `1` in JSONata, and `True` as `true`.

## Example

```python
@workflow
def example(order: Order) -> str:
    return f"{order.price} euros"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    return f"{order.count} cents"
```
"""

CODE = "W141"
