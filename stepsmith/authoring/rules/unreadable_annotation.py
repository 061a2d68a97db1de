"""W104: an annotation that is missing or cannot be read.

Refuses parameters without an annotation, and annotations that name what does not exist at run time.

## Why

Types decide what an expression means in JSONata, so every parameter needs one.

## Example

```python
@workflow
def example(order) -> str:
    return "done"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    return "done"
```
"""

CODE = "W104"
