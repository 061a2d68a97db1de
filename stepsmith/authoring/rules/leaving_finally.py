"""W214: leaving a finally block.

Refuses `return`, `break` and `continue` inside `finally`.

## Why

They would silently drop the error that is on its way.

## Example

```python
@workflow
def example(order: Order) -> str:
    try:
        note("a")
    finally:
        return "done"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    try:
        note("a")
    finally:
        note("b")
    return "done"
```
"""

CODE = "W214"
