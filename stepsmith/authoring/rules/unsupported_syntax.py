"""W100: syntax that states cannot say.

Refuses `with`, `import`, `class`, `del`, `assert`, `async`, `yield`, lambdas as values, sets, assignments inside
expressions, comprehensions with several `for`, and patterns that are not constants.

## Why

There is no state, and no JSONata expression, that does the same for every value.

## Example

```python
@workflow
def example(order: Order) -> str:
    with order:
        return order.id
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    name = echo(order.id)
    return name
```
"""

CODE = "W100"
