"""Pictures that claim to be huge, and what refusing them takes: `python -m tests.tasks.image_recognition.bombs`.

Each is inspected in a process of its own, as a function on Lambda does it; the memory is the most that the process has
had, by the kernel's count, before and after.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

from PIL import Image

from tests.tasks.pictures.made_pictures import jpeg_header, png_header

ROOT = Path(__file__).resolve().parents[3]


def black(side: int) -> bytes:
    """Give a whole PNG of one bit a pixel, which is small as a file."""
    file = BytesIO()
    Image.new("1", (side, side)).save(file, "PNG")
    return file.getvalue()


BOMBS: Mapping[str, Callable[[], bytes]] = {
    "a PNG of 20,000 x 20,000 pixels, whole": lambda: black(20_000),
    "a JPEG header that claims 65,500 x 65,500": lambda: jpeg_header(65_500, 65_500) + b"\xff\xd9",
    "a PNG header that claims 60,000 x 60,000": lambda: png_header(60_000, 60_000),
}


def refused(name: str) -> dict[str, object]:
    """Refuse a bomb in a process of its own, and give how it ended, its milliseconds and its megabytes."""
    done = subprocess.run(
        [sys.executable, "-m", __spec__.name if __spec__ else "tests.tasks.image_recognition.bombs"],
        input=BOMBS[name](),
        capture_output=True,
        cwd=ROOT,
        check=True,
    )
    return json.loads(done.stdout)


def most_memory() -> float:
    """Give the most memory that this process has had, in MB."""
    status = Path("/proc/self/status").read_text()
    found = re.search(r"VmHWM:\s*(\d+)", status)
    assert found is not None
    return int(found[1]) / 1024


def main() -> None:
    """Inspect the picture that comes in, and say what that took."""
    from tasks.image_recognition.inspection import inspect

    body = sys.stdin.buffer.read()
    before, begun = most_memory(), time.perf_counter()
    try:
        inspect(body)
        ended = "taken"
    except Exception as error:
        ended = type(error).__name__
    milliseconds = (time.perf_counter() - begun) * 1000
    print(json.dumps({"ended": ended, "milliseconds": milliseconds, "megabytes": most_memory() - before}))


if __name__ == "__main__":
    main()
