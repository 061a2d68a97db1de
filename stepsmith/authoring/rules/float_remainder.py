"""W113: // and % of floats.

Refuses `//` and `%` where a float is involved.

## Why

The remainder is computed as `a - b * $floor(a / b)`, which rounds differently from Python for floats.

## Example

```python
@workflow
def example(order: Order) -> str:
    rest = order.price % 2
    return "a" if rest > 1 else "b"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    rest = order.count % 2
    return "a" if rest == 1 else "b"
```
"""

CODE = "W113"
