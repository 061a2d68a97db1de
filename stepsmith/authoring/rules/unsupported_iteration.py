"""W134: going through something that is not a list.

Refuses `for` over values that are not lists or dicts, and targets that do not fit the items.

## Why

A text is one value in JSON, and a model has no order.

## Example

```python
@workflow
def example(order: Order) -> str:
    for letter in order.id:
        note(letter)
    return "done"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    for line in order.lines:
        note(line.sku)
    return "done"
```
"""

CODE = "W134"
