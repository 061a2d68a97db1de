"""W133: a slice with a step.

Refuses slices with a step, and slices of what is neither a text nor a list.

## Why

JSONata takes a part from one place to another; steps need the position of each item.

## Example

```python
@workflow
def example(order: Order) -> str:
    return order.id[::2]
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    return order.id[2 : order.count]
```
"""

CODE = "W133"
