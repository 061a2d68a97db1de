"""W216: an expression that can fail inside try, where no state can tell beforehand.

Inside try, a Choice state asks whether an expression fails - `int(text)`, `xs[0]`, `d[key]`, `a / b` - and leads to the
except clause that Python would run. Refused is what nobody can ask: whether `jsonata(...)` or `base64.b64decode(...)`
fails, or `any(...)` before it has found something; what fails inside a branch or an item of a Map while the try
statement is around it; and the text of such a failure, which each version of Python writes in its own way.

## Why

Python would catch the error. Pass and Choice states have no Catch: there the execution ends.

## Example

```python
@workflow
def example(order: Order) -> str:
    try:
        first = order.lines[0]
        note(first.sku)
    except Exception as error:
        return str(error)
    return "done"
```

## Use instead

```python
@workflow
def example(order: Order) -> str:
    try:
        first = order.lines[0]
        note(first.sku)
    except Exception:
        return "no lines, or no note"
    return "done"
```
"""

CODE = "W216"
