"""W213: an exception that a state machine cannot catch by name.

Refuses bare `except:`, builtin exceptions other than Exception, TaskFailed, and names that are not exception classes.

## Why

States catch errors by exact name. A class stands for itself and its known subclasses; those of builtin exceptions are
not known.

## Example

```python
@workflow
def example(order: Order) -> str:
    try:
        return risky(order.count)
    except ValueError:
        return "bad"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    try:
        return risky(order.count)
    except Problem:
        return "bad"
```
"""

CODE = "W213"
