"""W112: operands without an exact JSONata form.

Refuses arithmetic on types for which JSONata gives something else: list times int, Decimal, bools, operators such as
`&`, and `**` but for a small constant power of an int. A time span has no JSON form, either: it is compared, divided,
added to a datetime or asked for its seconds where it stands.

## Why

A definition must compute what the Python function computes.

## Example

```python
@workflow
def example(order: Order) -> str:
    line = "%d pieces" % order.count
    return line
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    line = f"{order.count} pieces"
    return line
```
"""

CODE = "W112"
