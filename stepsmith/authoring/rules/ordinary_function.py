"""W160: a call of a function whose source cannot be written out.

Refuses calls of functions of Python and of installed packages that are neither tasks nor known to the compiler, and
calls of variables.

## Why

A function of your own is written out where it is called. Any other function runs somewhere: as a task it has a state,
a name, retries and a place in the history.

## Example

```python
@workflow
def example(order: Order) -> str:
    return dedent(order.id)
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    return echo(order.id)
```
"""

CODE = "W160"
