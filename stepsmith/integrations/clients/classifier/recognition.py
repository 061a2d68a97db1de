"""What the classifier says of a picture: things with a confidence each, and the numbers that compare pictures."""

from __future__ import annotations

import os
from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from stepsmith.integrations.clients.classifier.weights import find_weights, load_weights

if TYPE_CHECKING:
    from collections.abc import Generator

    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    from stepsmith.integrations.clients.classifier.network import Network

ENGINE: Final = "efficientnet-lite0"
MIN_SIDE: Final = 80
"""Pixels; of smaller pictures nothing is said, as Rekognition takes none."""
_SHARE: Final = 0.875
"""Of the shorter side: the square in the middle that the network was tested with."""
_ORIENTATION: Final = 0x0112
_KEPT: Final = 64


@dataclass(frozen=True)
class Found:
    """A thing or a kind of things; `confidence` goes from 0 to 100, `parents` from near to far."""

    name: str
    confidence: float
    parents: tuple[str, ...]


@dataclass(frozen=True)
class Recognition:
    """What is on a picture."""

    found: tuple[Found, ...]
    """Every class and kind, the surest first; a kind is as sure as its classes together."""
    features: NDArray[np.float32]
    """The 1,280 numbers before the last layer; see `likeness`."""


class Classifier:
    """Recognises pictures; safe to share between threads. Remembers the last 64, since pictures are asked for again."""

    def __init__(self, network: Network) -> None:
        """Recognise by a network with weights."""
        self._network = network
        self._kept: OrderedDict[bytes, Recognition] = OrderedDict()
        self._lock = Lock()

    def recognise(self, picture: Image) -> Recognition | None:
        """Return what is on a picture, or None where it has under 80 pixels a side."""
        if min(picture.size) < MIN_SIDE:
            return None
        pixels = _square(picture)
        mark = sha256(pixels.tobytes()).digest()
        with self._lock:
            known = self._kept.get(mark)
        if known is not None:
            return known
        made = self._run(pixels)
        with self._lock:
            self._kept[mark] = made
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made

    def _run(self, pixels: NDArray[np.uint8]) -> Recognition:
        from stepsmith.integrations.clients.classifier.network import probabilities

        features = self._network.activations(pixels).mean((0, 1))
        shares = probabilities(self._network.scores(features)).tolist()
        return Recognition(tuple(ranked(shares)), features)


def ranked(shares: list[float]) -> list[Found]:
    """Return the classes and their kinds by confidence; classes of one name, and of one kind, count together."""
    sums: dict[str, float] = {}
    parents: dict[str, tuple[str, ...]] = {}
    for share, (name, kinds) in zip(shares, classes(), strict=True):
        if not name:
            continue
        line = (name, *kinds)
        for place, each in enumerate(line):
            sums[each] = sums.get(each, 0.0) + share
            parents[each] = line[place + 1 :]
    found = [Found(name, round(100 * min(share, 1.0), 2), parents[name]) for name, share in sums.items()]
    return sorted(found, key=lambda each: (-each.confidence, -len(each.parents), each.name))


def likeness(one: Recognition, other: Recognition) -> float:
    """Return how alike two pictures are, from 0 to 1: the cosine of their features."""
    import numpy as np

    lengths = float(np.linalg.norm(one.features) * np.linalg.norm(other.features))
    return float(one.features @ other.features) / lengths if lengths else 0.0


@cache
def classes() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the name of each class, in the order of the network, with its kinds from near to far.

    Two have no name: nematode and bubble, which the network says of pictures that have nothing on them.
    """
    text = Path(__file__).with_name("classes.txt").read_text("utf-8")
    lines = (line.partition(": ") for line in text.splitlines())
    return tuple((name, tuple(kinds.split(", ")) if kinds else ()) for name, _, kinds in lines)


_loading = Lock()


def installed_classifier() -> Classifier | None:
    """Return the classifier of this process, read at the first call, or None where the extra is not installed."""
    with _loading:
        return _classifier()


@cache
def _classifier() -> Classifier | None:
    path = find_weights()
    if path is None:
        return None
    with _one_thread():
        from stepsmith.integrations.clients.classifier.network import Network

    return Classifier(Network(load_weights(path)))


@contextmanager
def _one_thread() -> Generator[None]:
    """Import numpy with one thread: its products are small here, and its threads spin where cores are busy."""
    name = "OPENBLAS_NUM_THREADS"
    chosen = name in os.environ
    os.environ.setdefault(name, "1")
    try:
        yield
    finally:
        if not chosen:
            del os.environ[name]


def _square(picture: Image) -> NDArray[np.uint8]:
    import numpy as np
    from PIL import Image

    from stepsmith.integrations.clients.classifier.network import SIDE

    side = min(picture.size) * _SHARE
    left, top = (picture.width - side) / 2, (picture.height - side) / 2
    near, far = (int(left), int(top)), (left + side, top + side)
    middle = _resizable(picture.crop((*near, -int(-far[0] // 1), -int(-far[1] // 1))))
    inside = (left - near[0], top - near[1], far[0] - near[0], far[1] - near[1])
    small = _rgb(middle.resize((SIDE, SIDE), Image.Resampling.BICUBIC, box=inside, reducing_gap=3))
    turn = _TURNS.get(_orientation(picture))
    return np.asarray(small if turn is None else small.transpose(Image.Transpose(turn)))


# by Pillow's numbers: what makes a picture of this EXIF orientation upright
_TURNS: Final = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}


def _orientation(picture: Image) -> int:
    try:
        return int(picture.getexif().get(_ORIENTATION, 1))
    except Exception:  # whatever broken EXIF can raise; the picture is there all the same
        return 1


def _resizable(picture: Image) -> Image:
    if picture.mode.startswith("I"):
        return picture.convert("I")
    if "transparency" in picture.info or "A" in picture.mode:
        return picture.convert("RGBA")
    return picture.convert("RGB")


def _rgb(picture: Image) -> Image:
    from PIL import Image

    if picture.mode == "I":
        return picture.point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    if picture.mode == "RGBA":
        return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    return picture
