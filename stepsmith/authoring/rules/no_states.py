"""W302: a Choice state without conditions, or a scope without states.

Refuses a Choice state that has no `when`, and a machine, branch or body that has no states.

## Why

AWS wants at least one of each.

## Example

```python
from stepsmith.states import Choice, Pass, StateMachine

example = StateMachine("example", Choice("Which?") >> Pass("Keep"))
```

## Use instead

```python
from stepsmith.references import state_input
from stepsmith.states import Choice, Pass, StateMachine

paid = state_input("paid", bool)
example = StateMachine("example", Choice("Paid?").when(paid, Pass("Keep")) >> Pass("Done"))
```
"""

CODE = "W302"
