"""The process of a Lambda function, as far as a test needs it: `python -I -S lambda_process.py FOLDER...`.

Nothing is importable but what lies in the folders. Imports the handler, calls it once for each line of its input, and
says on its output what each call has loaded, what it came to, and how much time of the processor it took.
"""

import sys

LIBRARY = [path for path in sys.path if "site-packages" not in path]
sys.path[:] = [*sys.argv[1:], *(path for path in LIBRARY if not path.endswith("stepsmith/deploy"))]

import json  # noqa: E402
import re  # noqa: E402
import time  # noqa: E402


def measured(call):  # type: ignore[no-untyped-def]
    """Make a call, and say what came of it."""
    known, begun = set(sys.modules), time.process_time()
    try:
        ended = repr(call())
    except Exception as error:
        ended = f"{type(error).__name__}: {error}"
    seconds = time.process_time() - begun
    return {
        "loaded": sorted(set(sys.modules) - known),
        "ended": ended[:500],
        "seconds": seconds,
        "megabytes": most_memory(),
    }


def most_memory():  # type: ignore[no-untyped-def]
    """Give the most memory that this process has had; what getrusage says begins with that of the parent."""
    with open("/proc/self/status") as status:
        return int(re.search(r"VmHWM:\s*(\d+)", status.read())[1]) / 1024  # type: ignore[index]


class Context:
    aws_request_id = "request"


def imported():  # type: ignore[no-untyped-def]
    from stepsmith.deploy import handler

    return handler


if __name__ == "__main__":
    print(json.dumps(measured(imported)), flush=True)
    for line in sys.stdin:
        payload = json.loads(line)
        print(json.dumps(measured(lambda payload=payload: imported().handle(payload, Context()))), flush=True)
