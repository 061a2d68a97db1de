"""W323: a variable that hides a function.

Refuses a machine of explicit states that assigns a variable called like a function of JSONata, and calls that function.
Workflow functions may use such names: the compiler gives the variable another.

## Why

Variables and functions share their names in JSONata: `$count(...)` would call the variable, and fail with
States.QueryEvaluationError.

## Example

```python
from stepsmith.references import length, variable
from stepsmith.states import Pass, StateMachine, Succeed

count = variable("count", list[int])
example = StateMachine("example", Pass("Start").let(count, [3]) >> Succeed("Done").output(length(count)))
```

## Use instead

```python
from stepsmith.references import length, variable
from stepsmith.states import Pass, StateMachine, Succeed

counts = variable("counts", list[int])
example = StateMachine("example", Pass("Start").let(counts, [3]) >> Succeed("Done").output(length(counts)))
```
"""

CODE = "W323"
