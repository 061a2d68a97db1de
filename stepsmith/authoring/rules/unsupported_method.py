"""W172: a method without an exact JSONata equivalent.

Refuses methods such as `casefold()`, `encode()` and `translate()`, and known methods with arguments that JSONata does
not take.

## Why

Most methods have no counterpart at all.

## Example

```python
@workflow
def example(order: Order) -> str:
    return order.id.casefold()
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    return order.id.lower()
```
"""

CODE = "W172"
