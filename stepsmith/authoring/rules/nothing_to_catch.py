"""W215: an except clause that nothing can reach.

Refuses an except clause after a body in which nothing can raise the error.

## Why

The states of the clause would be unreachable, which AWS refuses.

## Example

```python
@workflow
def example(order: Order) -> str:
    try:
        name = order.id
    except Problem:
        return "bad"
    return name
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    try:
        name = echo(order.id)
    except Problem:
        return "bad"
    return name
```
"""

CODE = "W215"
