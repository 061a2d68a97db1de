"""W218: an option that needs a distributed Map.

Refuses `batch_size`, tolerated failures, `execution_type`, `label` and items from S3 without `distributed=True`.

## Why

An inline Map works inside the execution; only a distributed one has executions of its own.

## Example

```python
@workflow
def example(order: Order) -> str:
    names = map_items(order.lines, take_line, label="lines")
    return names[0]
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    names = map_items(order.lines, take_line, distributed=True, label="lines")
    return names[0]
```
"""

CODE = "W218"
