"""W202: a variable that changes its type.

Refuses an assignment whose type does not fit the first assignment, or the annotation, of the same name.

## Why

Whoever reads the variable later must know what it is, whichever path was taken.

## Example

```python
@workflow
def example(order: Order) -> str:
    value = 0
    value = order.id
    return "done"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    value: int | None = None
    value = order.count
    return "done"
```
"""

CODE = "W202"
