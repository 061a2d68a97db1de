"""W102: a name that does not exist.

Refuses a name that is neither assigned in the function nor known in its module.

## Why

Python would fail with NameError when the line is reached; a definition can tell before it runs.

## Example

```python
@workflow
def example(order: Order) -> str:
    return echo(ordr.id)
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    return echo(order.id)
```
"""

CODE = "W102"
