"""W105: a name that begins with an underscore.

Refuses local names that begin with an underscore, except `_` for a value that is not used.

## Why

Workflow variables must begin with a letter, and names with an underscore are those that the compiler gives to its
own.

## Example

```python
@workflow
def example(order: Order) -> str:
    _name = echo(order.id)
    return _name
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    name = echo(order.id)
    return name
```
"""

CODE = "W105"
