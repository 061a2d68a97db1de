"""W106: a function without source.

Refuses a function whose source cannot be read, as at a plain prompt or in `exec()`.

## Why

The compiler reads the source; a file or a notebook cell has one.
"""

CODE = "W106"
