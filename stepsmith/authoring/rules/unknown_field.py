"""W131: a field that the model does not have.

Refuses fields, keys and members of Enums, classes and modules that are not there.

## Why

Python would fail with AttributeError or KeyError; JSONata would silently go on with nothing.

## Example

```python
@workflow
def example(order: Order) -> str:
    return echo(order.idd)
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    return echo(order.id)
```
"""

CODE = "W131"
