"""W133: a slice that is not constant.

Refuses slices with bounds that are not constants, and slices with a step.

## Why

The cases of negative and large bounds are decided when the function is compiled.

## Example

```python
@workflow
def example(order: Order) -> str:
    return order.id[order.count:]
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    return order.id[2:]
```
"""

CODE = "W133"
