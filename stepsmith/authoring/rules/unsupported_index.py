"""W132: an index that JSONata takes differently.

Refuses an index that is not an int, and the index of a tuple that is not constant.

## Why

JSONata rounds an index that is not whole, and the parts of a tuple have types of their own.

## Example

```python
@workflow
def example(order: Order) -> str:
    return order.id[order.price]
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    return order.id[order.count]
```
"""

CODE = "W132"
