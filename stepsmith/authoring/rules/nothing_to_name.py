"""W206: a comment that names no state.

Refuses `# state: Name` at a statement of which no state is made.

## Why

A value that is assigned becomes part of the transition before it, so there is no state to carry the name, and an alarm
or a test that points at it would find nothing.

## Example

```python
@workflow
def example(order: Order) -> str:
    # state: Remember the order
    name = order.id
    return name
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    name = order.id
    # state: Give the name
    return name
```
"""

CODE = "W206"
