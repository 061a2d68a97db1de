"""W233: a task that is a generator.

Refuses tasks with `yield`, written with `def` or `async def`.

## Why

A Task state has one result, which is there when the task ends. An `async def` task is awaited; what a generator yields
would come one after another, and no state waits for that.

## Example

```python
@task
def pages(order: Order) -> list[str]:
    yield order.id


@workflow
def example(order: Order) -> list[str]:
    return pages(order)
```

## Use instead

```python
@task
async def pages(order: Order) -> list[str]:
    return [order.id]


@workflow
def example(order: Order) -> list[str]:
    return pages(order)
```
"""

CODE = "W233"
