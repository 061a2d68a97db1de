"""`python -m stepsmith` is the command `stepsmith`."""

import sys

from stepsmith.cli import main

if __name__ == "__main__":
    sys.exit(main())
