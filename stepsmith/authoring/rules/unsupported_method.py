"""W172: a method without an exact JSONata equivalent.

Refuses methods such as `title()`, `count()`, `find()`, and known methods with arguments that JSONata does not take.

## Why

Most methods have no counterpart at all.

## Example

```python
@workflow
def example(order: Order) -> str:
    return order.id.title()
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    return order.id.upper()
```
"""

CODE = "W172"
