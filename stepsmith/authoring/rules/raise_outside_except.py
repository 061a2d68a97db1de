"""W211: `raise` without an error, outside an except clause.

Refuses a bare `raise` where no error has been caught.

## Why

There is nothing to raise again.

## Example

```python
@workflow
def example(order: Order) -> str:
    if not order.lines:
        raise
    return "done"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    if not order.lines:
        raise Problem("no lines")
    return "done"
```
"""

CODE = "W211"
