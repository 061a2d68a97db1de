"""W234: an Express workflow that waits, or is waited for.

Refuses callbacks, child workflows, jobs that are waited for and distributed Maps in a workflow with `express=True`, and
the call of such a workflow by another one.

## Why

An Express execution ends within five minutes, and Step Functions lets it wait neither for a token nor for another
execution; nor can its own end be waited for by a state.

## Example

```python
@workflow
def parts(text: str) -> str:
    return echo(text)


@workflow(express=True)
def example(order: Order) -> str:
    return parts(order.id)
```

## Use instead

```python
@workflow(express=True)
def example(order: Order) -> str:
    return echo(order.id)
```
"""

CODE = "W234"
