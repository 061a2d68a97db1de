"""W107: a value without a JSON form.

Refuses values that a state machine cannot carry: functions, modules, objects of classes that are not models, and
caught errors under another name.

## Why

Everything that a state sees is JSON.

## Example

```python
@workflow
def example(order: Order) -> str:
    kept = ENGINE
    return order.id
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    kept = LIMIT
    return f"{order.id} {kept}"
```
"""

CODE = "W107"
