"""W165: a builtin for a type it has no JSONata form for.

Refuses `int([])`, `len(5)`, `max()` of models without a key, `json.dumps()` of floats and the like.

## Why

A definition must compute what the Python function computes, and fail where it fails.

## Example

```python
@workflow
def example(order: Order) -> str:
    line = max(order.lines)
    return f"{line.quantity}"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    line = max(order.lines, key=lambda line: line.quantity)
    return f"{line.quantity}"
```
"""

CODE = "W165"
