"""W310: a value that is not of the type of its place.

Refuses a value given to a variable, or an argument given to a task, whose type does not fit.

## Why

A type checker says the same of `.assign(...)` and of arguments; for `.let(...)` only this does.

## Example

```python
from stepsmith.references import variable
from stepsmith.states import Pass, StateMachine

count = variable("count", int)
example = StateMachine("example", Pass("Start").let(count, "three"))
```

## Use instead

```python
from stepsmith.references import variable
from stepsmith.states import Pass, StateMachine

count = variable("count", int)
example = StateMachine("example", Pass("Start").let(count, 3))
```
"""

CODE = "W310"
