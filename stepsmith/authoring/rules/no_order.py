"""W111: values without a common order.

Refuses `<`, `<=`, `>` and `>=` of anything but two numbers, two texts or two datetimes.

## Why

JSONata orders numbers and texts only; ordering bools or lists fails there.

## Example

```python
@workflow
def example(order: Order) -> str:
    if order.lines < []:
        return "less"
    return "more"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    if len(order.lines) < 3:
        return "less"
    return "more"
```
"""

CODE = "W111"
