"""How long a picture takes to be made, and how large it is, beside thumbor: `python -m benchmarks.media`.

With `--peer PYTHON`, a Python that has thumbor, both make the same pictures of the same file: thumbor behind its own
server on this machine, ours as a function and through the whole door of a local cloud, execution included.
"""

import argparse
import http.client
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from stepsmith.cloud.local import LocalCloud
from tasks.media.http import get_picture, get_render, get_transform
from tasks.media.models import Transform
from tasks.media.rendering import render
from tasks.media.rights import ORIGINALS
from workflows.media_transform import media_transform

PHOTOGRAPH = Path(__file__).resolve().parents[1] / "examples" / "photographs" / "hay_bales.jpg"
CASES = {
    "300x200": Transform(width=300, height=200, fit="cover"),
    "fit-in/640x640": Transform(width=640, height=640),
    "fit-in/640x640/filters:format(webp)": Transform(width=640, height=640, format="webp"),
}
ROUNDS = 15


def best(call: Callable[[], bytes]) -> tuple[float, int]:
    """Give the shortest of some rounds in milliseconds, and the bytes of what was made."""
    times: list[float] = []
    size = 0
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        size = len(call())
        times.append((time.perf_counter() - begun) * 1000)
    return min(times), size


@contextmanager
def thumbor(python: str, port: int = 8899) -> Iterator[Callable[[str], bytes]]:
    """Run thumbor's server over the photographs, without any store."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "thumbor.conf"
        settings.write_text(
            f"LOADER = 'thumbor.loaders.file_loader'\nFILE_LOADER_ROOT_PATH = {str(PHOTOGRAPH.parent)!r}\n"
            "STORAGE = 'thumbor.storages.no_storage'\nQUALITY = 80\nMAX_AGE = 0\n"
        )
        command = [python, "-m", "thumbor.server", "-p", str(port), "-c", str(settings), "-l", "error"]
        server = subprocess.Popen(command)

        def get(path: str) -> bytes:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", f"/unsafe/{path}/{PHOTOGRAPH.name}")
            answer = connection.getresponse()
            body = answer.read()
            connection.close()
            if answer.status != 200:
                raise RuntimeError(f"thumbor answers {answer.status}")
            return body

        try:
            for _ in range(100):
                try:
                    get("9x9")
                    break
                except OSError:
                    time.sleep(0.1)
            yield get
        finally:
            server.terminate()
            server.wait()


def through_the_door() -> dict[str, tuple[float, int]]:
    """Make each picture through the address, execution included; each round asks for another quality."""
    found: dict[str, tuple[float, int]] = {}
    functions = (get_transform, get_picture, get_render)
    with LocalCloud(workflows=[media_transform], functions=functions) as cloud:
        cloud.client("s3").put_object(Bucket=ORIGINALS, Key="a.jpg", Body=PHOTOGRAPH.read_bytes())
        for path in CASES:
            qualities = iter(range(80, 80 + ROUNDS))

            def get(path: str = path, qualities: Iterator[int] = qualities) -> bytes:
                return cloud.http("GET", f"/transform/{path}/a.jpg?quality={next(qualities)}").body

            found[path] = best(get)
    return found


def main() -> None:
    """Print one line for each case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", help="a Python that has thumbor")
    peer = parser.parse_args().peer
    body = PHOTOGRAPH.read_bytes()
    ours = {
        path: best(lambda transform=transform: render(body, transform).data)
        for path, transform in CASES.items()
    }
    doors = through_the_door()
    theirs: dict[str, tuple[float, int]] = {}
    if peer:
        with thumbor(peer) as get:
            theirs = {path: best(lambda path=path: get(path)) for path in CASES}
    for path, (milliseconds, size) in ours.items():
        line = f"{path:38} rendered {milliseconds:6.1f} ms {size:7,} bytes; by its address {doors[path][0]:6.1f} ms"
        if path in theirs:
            time_, bytes_ = theirs[path]
            line += f"; thumbor {time_:6.1f} ms {bytes_:7,} bytes ({time_ / milliseconds:.2f} times as long)"
        print(line)


if __name__ == "__main__":
    main()
