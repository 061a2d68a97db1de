"""W306: a state that follows an end.

Refuses a state that comes after Succeed or Fail in a chain.

## Why

These states end the machine, the branch or the iteration.

## Example

```python
from stepsmith.states import Pass, StateMachine, Succeed

example = StateMachine("example", Succeed("Done") >> Pass("Thank"))
```

## Use instead

```python
from stepsmith.states import Pass, StateMachine, Succeed

example = StateMachine("example", Pass("Thank") >> Succeed("Done"))
```
"""

CODE = "W306"
