"""W322: a variable that no state assigns.

Refuses an expression with a variable that no state of the machine assigns.

## Why

It would fail with States.QueryEvaluationError when the state is reached. Variables inside `expression(...)` are not
looked at.

## Example

```python
from stepsmith.references import variable
from stepsmith.states import StateMachine, Succeed

count = variable("count", int)
example = StateMachine("example", Succeed("Done").output(count))
```

## Use instead

```python
from stepsmith.references import variable
from stepsmith.states import Pass, StateMachine, Succeed

count = variable("count", int)
example = StateMachine("example", Pass("Start").let(count, 3) >> Succeed("Done").output(count))
```
"""

CODE = "W322"
