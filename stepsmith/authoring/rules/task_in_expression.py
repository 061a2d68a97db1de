"""W200: a task called where it is not always needed once.

Refuses calls of tasks inside conditional expressions, after `and` or `or`, and inside comprehensions that compute
something else with the result; and of `parallel()`, `map_items()` and `wait()` inside expressions.

## Why

A task is a state of its own. Whether it runs must be decided by a state before it.

## Example

```python
@workflow
def example(order: Order) -> str:
    name = echo(order.id) if order.lines else "none"
    return name
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    name = "none"
    if order.lines:
        name = echo(order.id)
    return name
```
"""

CODE = "W200"
