"""W180: the clock, or chance.

Refuses `datetime.now()`, `time.time()`, `random.random()`, `uuid.uuid4()` and the like.

## Why

They would be read once, when the function is compiled; `now()` and `uuid()` follow the clock of the execution.

## Example

```python
@workflow
def example(order: Order) -> str:
    stamp = datetime.now()
    return "done"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    stamp = now()
    return "done"
```
"""

CODE = "W180"
