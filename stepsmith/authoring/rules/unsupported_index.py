"""W132: an index that JSONata takes differently.

Refuses the index of a text, an index that is not an int, and the index of a tuple that is not constant.

## Why

JSONata has no characters, and rounds an index that is not whole.

## Example

```python
@workflow
def example(order: Order) -> str:
    return order.id[0]
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    return order.id[0:1]
```
"""

CODE = "W132"
