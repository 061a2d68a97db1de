"""W108: a parameter that JSON cannot name.

Refuses `*args`, `**kwargs` and parameters before a `/`, in workflow functions and in tasks; and a parameter of a
callback task that is called `token`, besides the token itself.

## Why

The input of an execution, and what a task is called with, is an object with one member for each parameter, by its name.
In that of a callback task, `token` is the task token.

## Example

```python
@workflow
def example(*orders: Order) -> int:
    return len(orders)
```

## Use instead

```python
@workflow
def example(orders: list[Order]) -> int:
    return len(orders)
```
"""

CODE = "W108"
