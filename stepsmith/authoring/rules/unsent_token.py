"""W241: a call that waits for an answer to its token, and sends no token.

Refuses calls of integrations that end in `.waitForTaskToken` where `context.task.token` is in none of the arguments.

## Why

Nobody could answer: the state would wait until its time limit, or for a year.

## Example

```python
@workflow
def example(order: Order) -> str:
    return ask(QueueUrl=order.id, MessageBody={"order": order.id})
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    return ask(QueueUrl=order.id, MessageBody={"order": order.id, "token": context.task.token})
```
"""

CODE = "W241"
