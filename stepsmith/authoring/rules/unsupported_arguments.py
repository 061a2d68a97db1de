"""W161: arguments that a known function does not take here.

Refuses keywords and extra arguments of builtins, unknown options of `map_items()`, and models made by position.

## Why

Only the plain form of each function has an exact JSONata form.

## Example

```python
@workflow
def example(order: Order) -> str:
    return f"{int(order.id, 16)}"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    return f"{int(order.id)} {max([line.quantity for line in order.lines], key=abs, default=0)}"
```
"""

CODE = "W161"
