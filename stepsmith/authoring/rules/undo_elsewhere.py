"""W232: an undo that is not registered where it can be seen.

Refuses `compensation()` without a name, and its name anywhere but in `undo(function, ...)` and `undo.clear()` as
statements of the `with` statement, and what is no task, workflow or function to undo with.

## Why

What is undone becomes states behind every step, in the reverse order of the source. So it must be seen what is
registered where: a branch of `parallel()` or an item of a Map cannot change what the workflow around it knows.

## Example

```python
@workflow
def example(order: Order) -> str:
    with compensation() as undo:
        register = undo
        text = echo(order.id)
    return text
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    with compensation() as undo:
        undo(note, order.id)
        text = echo(order.id)
    return text
```
"""

CODE = "W232"
