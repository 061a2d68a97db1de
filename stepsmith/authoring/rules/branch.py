"""W210: something that cannot be a branch or an iteration.

Refuses arguments of `parallel()` and functions of `map_items()` that are not calls of tasks, workflows or local
functions, and local functions with parameters that no item fills.

## Why

A branch is a list of states; it sees the variables around it and takes no arguments.

## Example

```python
@workflow
def example(order: Order) -> str:
    a, b = parallel(order.id, echo(order.id))
    return b
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    a, b = parallel(echo("x"), echo(order.id))
    return b
```
"""

CODE = "W210"
