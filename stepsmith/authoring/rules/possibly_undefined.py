"""W103: a name that is not assigned on every path.

Refuses to read a name that some path to the place leaves unassigned.

## Why

Python raises UnboundLocalError there, and a state machine fails with States.QueryEvaluationError: neither is what
anyone wants.

## Example

```python
@workflow
def example(order: Order) -> str:
    if order.lines:
        answer = "some"
    return answer
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    answer = "none"
    if order.lines:
        answer = "some"
    return answer
```
"""

CODE = "W103"
