"""Every execution of a journal as `stepsmith history --json` shows one: `python -m tests.durability.show_all FILE`."""

import json
import sys
from collections.abc import Sequence

from stepsmith.cli.journal.showing import described
from stepsmith.service.journals.journal import Journal


def main(arguments: Sequence[str]) -> int:
    """Print them, one a line."""
    for each in Journal(arguments[0]).executions():
        print(json.dumps(described(each)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
