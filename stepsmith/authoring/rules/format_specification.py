"""W140: a format specification.

Refuses `{value:.2f}`, `{value!r}` and the like; `{value!s}` is `{str(value)}`.

## Why

JSONata writes numbers in its own way only.

## Example

```python
@workflow
def example(order: Order) -> str:
    return f"{order.count:03d}"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    return f"{order.count}"
```
"""

CODE = "W140"
