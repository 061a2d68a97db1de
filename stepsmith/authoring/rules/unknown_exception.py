"""W213: an exception that a state machine cannot catch by name.

Refuses bare `except:`, TaskFailed, names that are not exception classes, and around calls of tasks and workflows
classes of Python's own, such as ValueError. Around expressions these are understood.

## Why

States catch errors by exact name. A class stands for itself and its known subclasses; those of Python's own classes are
not known, and a task may raise any of them.

## Example

```python
@workflow
def example(order: Order) -> str:
    try:
        return risky(int(order.id))
    except ValueError:
        return "bad"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    try:
        number = int(order.id)
    except ValueError:
        return "bad"
    return risky(number)
```
"""

CODE = "W213"
