"""W320: what JSONPath cannot say.

Refuses values and conditions of a JSONPath machine that are no path, no Choice rule and no intrinsic function.

## Why

JSONPath adds integers, formats text, looks into arrays and compares; nothing else. Nothing is approximated.

## Example

```python
from stepsmith.references import state_input, variable
from stepsmith.states import Pass, StateMachine

count = variable("count", int)
twice = Pass("Double").let(count, state_input("count", int) * 2)
example = StateMachine("example", twice, query_language="JSONPath")
```

## Use instead

```python
from stepsmith.references import state_input, variable
from stepsmith.states import Pass, StateMachine

count = variable("count", int)
twice = Pass("Double").let(count, state_input("count", int) + state_input("count", int))
example = StateMachine("example", twice, query_language="JSONPath")
```
"""

CODE = "W320"
