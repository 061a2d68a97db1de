"""W172: a method without an exact JSONata equivalent.

Refuses methods such as `strip()`, `title()`, `count()`, and known methods with arguments that JSONata does not take.

## Why

`$trim` also squeezes blanks inside the text; most methods have no counterpart at all.

## Example

```python
@workflow
def example(order: Order) -> str:
    return order.id.strip()
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    return order.id.upper()
```
"""

CODE = "W172"
