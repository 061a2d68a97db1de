"""W165: a builtin for a type it has no JSONata form for.

Refuses `int('12')`, `float(text)`, `len(5)`, `max()` of texts and the like.

## Why

JSONata reads `0x10` as a number and Python does not; the two differ in many such corners.

## Example

```python
@workflow
def example(order: Order) -> str:
    number = int(order.id)
    return f"{number}"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    number = read_number(order.id)
    return f"{number}"
```
"""

CODE = "W165"
