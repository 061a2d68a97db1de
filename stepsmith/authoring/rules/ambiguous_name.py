"""W221: two tasks or workflows of one name.

Refuses a workflow that calls, itself or through its children, two different functions of the same name.

## Why

The function name is all that a definition says of a task: both states would call the same function.

## Example

```python
@task
def note(text: str) -> str:
    return text


@workflow
def example(order: Order) -> str:
    first_note(order.id)
    return note(order.id)
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    first_note(order.id)
    return echo(order.id)
```
"""

CODE = "W221"
