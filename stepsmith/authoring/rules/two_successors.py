"""W305: a state that leads to two others.

Refuses a state that is used in two places from which it would go on differently.

## Why

A state has one successor. A tail may be shared where it ends, or where the same state follows it.

## Example

```python
from stepsmith.references import state_input
from stepsmith.states import Choice, Pass, StateMachine

paid = state_input("paid", bool)
note = Pass("Note")
first = Choice("Paid?").when(paid, note) >> Pass("Send")
example = StateMachine("example", first >> Choice("Still paid?").when(paid, note) >> Pass("Done"))
```

## Use instead

```python
from stepsmith.references import state_input
from stepsmith.states import Choice, Pass, StateMachine

paid = state_input("paid", bool)
first = Choice("Paid?").when(paid, Pass("Note")) >> Pass("Send")
example = StateMachine("example", first >> Choice("Still paid?").when(paid, Pass("Note again")) >> Pass("Done"))
```
"""

CODE = "W305"
