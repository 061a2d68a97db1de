"""W304: a state that nothing leads to.

Refuses a state in a chain where every way before it ends.

## Why

AWS refuses states that cannot be reached; most often an `otherwise` ends where it should not.

## Example

```python
from stepsmith.references import state_input
from stepsmith.states import Choice, Fail, Pass, StateMachine, Succeed

paid = state_input("paid", bool)
choice = Choice("Paid?").when(paid, Succeed("Done")).otherwise(Fail("Unpaid"))
example = StateMachine("example", choice >> Pass("Thank"))
```

## Use instead

```python
from stepsmith.references import state_input
from stepsmith.states import Choice, Fail, Pass, StateMachine

paid = state_input("paid", bool)
choice = Choice("Paid?").when(paid, Pass("Keep")).otherwise(Fail("Unpaid"))
example = StateMachine("example", choice >> Pass("Thank"))
```
"""

CODE = "W304"
