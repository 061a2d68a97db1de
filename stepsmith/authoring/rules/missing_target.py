"""W303: a transition to a state that is not there.

Refuses `goto` to a name that no state beside it has.

## Why

Transitions stay among the states of one scope: they cannot enter or leave a branch of a Parallel state or the body of a
Map state.

## Example

```python
from stepsmith.states import Pass, StateMachine, goto

example = StateMachine("example", Pass("Here") >> goto("There"))
```

## Use instead

```python
from stepsmith.references import state_input
from stepsmith.states import Choice, Pass, StateMachine, goto

again = state_input("again", bool)
example = StateMachine("example", Pass("Here") >> Choice("Again?").when(again, goto("Here")) >> Pass("There"))
```
"""

CODE = "W303"
