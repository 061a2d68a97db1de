"""W114: `in` for values that JSONata does not find.

Refuses `in` and `not in` unless scalars are looked for in a list of the same kind, a text in a text, or a key in a
dict.

## Why

In JSONata `[1] in [[1]]` is false, and an object is never found in a list.

## Example

```python
@workflow
def example(order: Order) -> str:
    if order.lines[0] in order.lines:
        return "yes"
    return "no"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    if any(line.sku == "a" for line in order.lines):
        return "yes"
    return "no"
```
"""

CODE = "W114"
