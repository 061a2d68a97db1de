"""Every execution of a journal as `stepsmith history --json` shows one: `python -m tests.durability.show_all FILE`."""

import json
import sys

from stepsmith.cli.journal.showing import described
from stepsmith.service.journals.journal import Journal

for each in Journal(sys.argv[1]).executions():
    print(json.dumps(described(each)))
