"""W140: a format specification.

Refuses `{value:.2f}`, `{value!r}` and the like; `{value!s}` is `{str(value)}`, and `{count:03d}` fills with zeros.

## Why

JSONata rounds the digits that are written; Python rounds the number itself, and the last digit may differ.

## Example

```python
@workflow
def example(order: Order) -> str:
    return f"{order.count:>5}"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    return f"{order.count:05d}"
```
"""

CODE = "W140"
