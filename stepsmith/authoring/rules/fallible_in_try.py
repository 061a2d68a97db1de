"""W216: an expression that can fail inside try.

Refuses expressions that can fail - a key or index that may not be there, a division by zero, the maximum of nothing -
inside a try statement.

## Why

Python would catch the error. Pass and Choice states have no Catch: there the execution ends.

## Example

```python
@workflow
def example(order: Order) -> str:
    try:
        first = order.lines[0]
        note(first.sku)
    except Exception:
        return "bad"
    return "done"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    first = order.lines[0]
    try:
        note(first.sku)
    except Exception:
        return "bad"
    return "done"
```
"""

CODE = "W216"
