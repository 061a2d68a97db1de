"""Handlers that tests run as local functions, most of them bad ones."""

import os
import sys
import time
from typing import Any


def echo(event: Any, context: Any) -> Any:
    return {"event": event, "memory": context.memory_limit_in_mb, "name": context.function_name}


def process(event: Any, context: Any) -> int:
    return os.getpid()


def prints(event: Any, context: Any) -> None:
    print("to standard output")
    os.write(1, b"past Python\n")
    print("REPORT RequestId: x\tDuration: 9999.00 ms\tBilled Duration: 9999 ms", file=sys.stderr)


def prints_its_event(event: Any, context: Any) -> None:
    print(event)


def reads(event: Any, context: Any) -> str:
    return sys.stdin.read()


def raises(event: Any, context: Any) -> Any:
    raise ValueError("no such colour")


def exits(event: Any, context: Any) -> Any:
    sys.exit(3)


def dies(event: Any, context: Any) -> Any:
    os._exit(7)


def interrupts(event: Any, context: Any) -> Any:
    raise KeyboardInterrupt


def hangs(event: Any, context: Any) -> Any:
    time.sleep(3_600)


def no_json(event: Any, context: Any) -> Any:
    return {1, 2}


def no_arguments() -> None: ...


def told(event: Any, context: Any) -> Any:
    return [
        context.get_remaining_time_in_millis() > 0,
        context.log_group_name,
        context.log_stream_name,
        context.aws_request_id,
        context.function_version,
        context.invoked_function_arn,
    ]


NUMBER = 5
