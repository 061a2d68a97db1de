"""Milliseconds of processor time for a 12-megapixel photograph, from bytes to facts and thumbnail, without labels.

Then what it takes to refuse pictures that claim to be huge: milliseconds on the wall, and memory of the process.
"""

import io
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PIL import Image, ImageFilter

from tasks.image_recognition.inspection import inspect
from tasks.image_recognition.shape import shape
from tasks.image_recognition.thumbnail import render
from tasks.pictures.formats import read_container
from tests.tasks.image_recognition.bombs import BOMBS, refused

ROUNDS = 15


def photograph(*, progressive: bool = False) -> bytes:
    """A JPEG of 4000 x 3000 pixels with as much detail as a camera's."""
    picture = Image.effect_noise((4000, 3000), 40).convert("RGB").filter(ImageFilter.GaussianBlur(1))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90, progressive=progressive)
    return file.getvalue()


def milliseconds(work: Callable[[], object]) -> float:
    times: list[float] = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        times.append((time.process_time() - begun) * 1000)
    return statistics.median(times)


def decode_whole(body: bytes) -> None:
    with Image.open(io.BytesIO(body)) as picture:
        picture.load()


def main() -> None:
    for name, body in (("baseline", photograph()), ("progressive", photograph(progressive=True))):
        facts = milliseconds(lambda body=body: shape(inspect(body)))
        thumbnail = milliseconds(lambda body=body: render(read_container(body), 1))
        whole = milliseconds(lambda body=body: decode_whole(body))
        print(f"12-megapixel {name} JPEG, {len(body) / 1e6:.1f} MB")
        print(f"  facts and decode check  {facts:7.1f} ms")
        print(f"  thumbnail               {thumbnail:7.1f} ms")
        print(f"  together                {facts + thumbnail:7.1f} ms  (goal: under 100)")
        print(f"  Pillow decoding it once {whole:7.1f} ms, {(facts + thumbnail) / whole:.2f} times as long")
    for name in BOMBS:
        rounds = [refused(name) for _ in range(5)]
        took = min(float(str(found["milliseconds"])) for found in rounds)
        memory = max(float(str(found["megabytes"])) for found in rounds)
        print(
            f"{name}: {rounds[0]['ended']}, {took:.1f} ms (goal: under 100), {memory:.1f} MB more (goal: under 50)"
        )


if __name__ == "__main__":
    main()
