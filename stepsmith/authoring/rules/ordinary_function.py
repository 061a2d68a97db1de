"""W160: a call of an ordinary function.

Refuses calls of functions that are neither tasks nor known to the compiler.

## Why

A function runs somewhere: as a task it has a state, a name, retries and a place in the history.

## Example

```python
@workflow
def example(order: Order) -> str:
    return plain(order.id)
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    return echo(order.id)
```
"""

CODE = "W160"
