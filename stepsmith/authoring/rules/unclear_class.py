"""W121: a test of classes that JSON does not answer.

Refuses `isinstance` and class patterns where two classes look the same in JSON, or where a value may be of a class
below the one that is declared.

## Why

A state machine sees JSON. It tells a text from a number and a list, and two models by a field that has another value in
each, or that only one of them must have. It does not see an int from a float, nor a subclass.

## Example

```python
class Card(BaseModel):
    amount: int


class Cash(BaseModel):
    amount: int


@workflow
def example(payment: Card | Cash) -> str:
    return "card" if isinstance(payment, Card) else "cash"
```

## Use instead

```python
class Card(BaseModel):
    kind: Literal["card"]
    amount: int


class Cash(BaseModel):
    kind: Literal["cash"]
    amount: int


@workflow
def example(payment: Card | Cash) -> str:
    return "card" if isinstance(payment, Card) else "cash"
```
"""

CODE = "W121"
