"""W173: a default of get() that can fail.

Refuses a second argument of `get()` that can fail.

## Why

Python evaluates it even when the key is there.

## Example

```python
@workflow
def example(order: Order) -> str:
    value = order.tags.get("a", order.tags["b"])
    return f"{value}"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    value = order.tags.get("a", 0)
    return f"{value}"
```
"""

CODE = "W173"
