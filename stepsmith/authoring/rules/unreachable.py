"""W204: a statement that is never reached.

Refuses statements after `return`, `raise`, `break`, `continue` or an endless loop, and cases after `case _`.

## Why

AWS refuses states that nothing leads to.

## Example

```python
@workflow
def example(order: Order) -> str:
    return "done"
    note("more")
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    note("more")
    return "done"
```
"""

CODE = "W204"
