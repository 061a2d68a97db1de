"""W321: an item or a variable that is out of sight.

Refuses the item of an outer Map state inside an inner one, and outer variables inside a distributed Map state.

## Why

The context object holds the innermost item only. The iterations of a distributed Map state are executions of their own,
which see no variables but their own.

## Example

```python
from stepsmith.references import state_input
from stepsmith.states import Map, Pass, StateMachine

rows = state_input("rows", list[list[int]])
body = lambda row: Map("Each cell", row, lambda cell: Pass("Pair").output([row, cell]))
example = StateMachine("example", Map("Each row", rows, body))
```

## Use instead

```python
from stepsmith.references import state_input, variable
from stepsmith.states import Map, Pass, StateMachine

kept = variable("kept", list[int])
rows = state_input("rows", list[list[int]])
body = lambda row: Pass("Keep").let(kept, row) >> Map("Each cell", row, lambda cell: Pass("Pair").output([kept, cell]))
example = StateMachine("example", Map("Each row", rows, body))
```
"""

CODE = "W321"
