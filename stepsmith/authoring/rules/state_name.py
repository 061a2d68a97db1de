"""W300: a state name that is empty or too long.

Refuses names of explicit states that are empty or have more than 80 characters.

## Why

AWS takes names of 1 to 80 characters. Names show in the console, in histories and in alarms.

## Example

```python
from stepsmith.states import Pass, StateMachine

example = StateMachine("example", Pass(""))
```

## Use instead

```python
from stepsmith.states import Pass, StateMachine

example = StateMachine("example", Pass("Nothing to do"))
```
"""

CODE = "W300"
