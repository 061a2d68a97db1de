"""W161: arguments that a known function does not take here.

Refuses keywords and extra arguments of builtins, unknown options of `map_items()`, and models made by position.

## Why

Only the plain form of each function has an exact JSONata form.

## Example

```python
@workflow
def example(order: Order) -> str:
    best = sorted([line.quantity for line in order.lines], reverse=True)
    return f"{best[0]}"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    best = sorted([line.quantity for line in order.lines])
    return f"{best[-1]}"
```
"""

CODE = "W161"
