"""W101: the key of a TypedDict is not constant.

Refuses a TypedDict made with keys that are only known at run time.

## Why

The type of the dict would not be known, and with it what its fields mean.

## Example

```python
@workflow
def example(order: Order) -> str:
    address: Address = {order.id: "a", "town": "b"}
    return address["town"]
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    address: Address = {"street": "a", "town": "b"}
    return address["town"]
```
"""

CODE = "W101"
