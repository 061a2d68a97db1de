"""W170: a value changed in place.

Refuses `append`, `update`, `sort` and their kin, `x[...] = ...`, `x.field = ...`, and `+=` on lists and dicts.

## Why

Workflow variables are immutable: an assignment makes a new value, and no other variable changes with it.

## Example

```python
@workflow
def example(order: Order) -> str:
    seen: list[str] = []
    seen.append(order.lines[0].sku)
    return "done"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    seen: list[str] = []
    seen = [*seen, order.lines[0].sku]
    return "done"
```
"""

CODE = "W170"
