"""W180: the clock, or chance.

Refuses `datetime.now()`, `time.time()`, `time.sleep()`, `random.random()`, `uuid.uuid4()` and the like.

## Why

They would be called once, when the definition is made. `now()`, `uuid()` and `wait()` are part of it; what is drawn by
chance is drawn in a task.

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
