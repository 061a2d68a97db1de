"""W201: an argument that does not fit.

Refuses arguments of the wrong type, missing or unknown ones, and fields of models likewise.

## Why

A type checker says the same; the compiler says it for those who have none.

## Example

```python
@workflow
def example(order: Order) -> str:
    return echo(order.count)
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    return echo(order.id)
```
"""

CODE = "W201"
