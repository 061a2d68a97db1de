"""W301: a state name that is taken.

Refuses two explicit states of one name, in the same scope or in two branches.

## Why

A transition names its target, so AWS wants every name once in the whole machine. One value used in two places is one
state; two values of one name are two.

## Example

```python
from stepsmith.states import Pass, StateMachine

example = StateMachine("example", Pass("Keep") >> Pass("Keep"))
```

## Use instead

```python
from stepsmith.states import Pass, StateMachine

example = StateMachine("example", Pass("Keep") >> Pass("Keep again"))
```
"""

CODE = "W301"
