"""W141: text of a value that prints differently.

Refuses floats, None, lists and models inside f-strings and `str()`.

## Why

`1.0` prints as `1` in JSONata, and a list as JSON.

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
    return f"{order.price:.2f} euros"
```
"""

CODE = "W141"
