"""What exists while an expression is evaluated: values, numbers, the bounds and the account of a run, sorting, calls.

It knows no tree and no function; the rooms above give it closures. It touches the errors of JSONata only.
"""
