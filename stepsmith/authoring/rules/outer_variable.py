"""W217: assigning a variable of an outer scope.

Refuses `nonlocal` and `global`.

## Why

A branch or iteration reads the variables around it, and cannot assign them.

## Example

```python
@workflow
def example(order: Order) -> str:
    total = 0

    def add() -> int:
        nonlocal total
        total = 1
        return total

    a, b = parallel(add(), read_number("2"))
    return f"{total}"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    def add() -> int:
        return 1

    total, b = parallel(add(), read_number("2"))
    return f"{total}"
```
"""

CODE = "W217"
