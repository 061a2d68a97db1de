"""W133: a slice whose step is not constant.

Refuses slices with a step that is computed, or 0, and slices of what is neither a text nor a list.

## Why

Whether a slice goes forwards or backwards decides how it is written in JSONata.

## Example

```python
@workflow
def example(order: Order) -> str:
    return order.id[:: order.count]
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    return order.id[::2]
```
"""

CODE = "W133"
