"""W231: a helper function that calls itself.

Refuses calls of functions that are being written out already, directly or by way of others.

## Why

A helper function is written out where it is called; one that calls itself would never end.

## Example

```python
@workflow
def example(order: Order) -> int:
    def steps(left: int) -> int:
        if left == 0:
            return 0
        return steps(left - 1) + 1

    return steps(order.count)
```

## Use instead

```python
@workflow
def example(order: Order) -> int:
    steps = 0
    left = order.count
    while left > 0:
        left = left - 1
        steps = steps + 1
    return steps
```
"""

CODE = "W231"
