"""EfficientNet-Lite0, forward only, in numpy: pixels in, what is before and after its last layer out.

Built as in https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite: inverted bottlenecks
without squeeze-and-excitation, ReLU6, TensorFlow's SAME padding. Arrays are height x width x channels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

SIDE: Final = 224
"""Pixels of the square that the network was trained with; others work, too, and give a finer map."""
# repeat, kernel, stride of the first, expansion, width
_STAGES: Final = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
_EPSILON: Final = 1e-3


@dataclass(frozen=True)
class _Layer:
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]


@dataclass(frozen=True)
class _Block:
    expand: _Layer | None
    depthwise: _Layer
    project: _Layer
    kernel: int
    stride: int
    adds_input: bool


class Network:
    """The network with its weights; safe to share between threads, since nothing in it changes."""

    def __init__(self, weights: Mapping[str, NDArray[np.float32]]) -> None:
        """Fold the batch norms of the weights, which are named as the package names them, into its convolutions."""
        stem = _folded(weights, "_conv_stem", "_bn0")
        self._stem = _Layer(stem.weights.transpose(2, 3, 1, 0).reshape(-1, 32), stem.bias)
        self._blocks = list(_blocks(weights))
        self._head = _pointwise(_folded(weights, "_conv_head", "_bn1"))
        self._last = _Layer(np.ascontiguousarray(weights["_fc.weight"].T), weights["_fc.bias"])

    def activations(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the 1,280 activations of each place of an upright RGB picture, a 32nd as many a side as pixels."""
        values = (pixels.astype(np.float32) - np.float32(127)) / np.float32(128)
        values = _relu6(_dense(_patches(values, 3, 2), self._stem))
        for block in self._blocks:
            values = _run(block, values)
        return _relu6(_dense(values, self._head))

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the score of each of the 1,000 classes: of a whole picture, or of each place of a map."""
        return features @ self._last.weights + self._last.bias


def probabilities(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return scores as shares that add up to 1."""
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def _blocks(weights: Mapping[str, NDArray[np.float32]]) -> Iterator[_Block]:
    width = 32
    number = 0
    for repeat, kernel, first_stride, expansion, wide in _STAGES:
        for turn in range(repeat):
            name = f"_blocks.{number}."
            stride = first_stride if turn == 0 else 1
            depthwise = _folded(weights, f"{name}_depthwise_conv", f"{name}_bn1")
            yield _Block(
                _pointwise(_folded(weights, f"{name}_expand_conv", f"{name}_bn0")) if expansion > 1 else None,
                _Layer(np.ascontiguousarray(depthwise.weights[:, 0].transpose(1, 2, 0)), depthwise.bias),
                _pointwise(_folded(weights, f"{name}_project_conv", f"{name}_bn2")),
                kernel,
                stride,
                adds_input=stride == 1 and width == wide,
            )
            width = wide
            number += 1


def _folded(weights: Mapping[str, NDArray[np.float32]], convolution: str, norm: str) -> _Layer:
    spread = np.sqrt(weights[f"{norm}.running_var"] + np.float32(_EPSILON))
    scale: NDArray[np.float32] = (weights[f"{norm}.weight"] / spread).astype(np.float32)
    kernel = weights[f"{convolution}.weight"] * scale[:, None, None, None]
    bias = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale
    return _Layer(kernel.astype(np.float32), bias.astype(np.float32))


def _pointwise(layer: _Layer) -> _Layer:
    return _Layer(np.ascontiguousarray(layer.weights[:, :, 0, 0].T), layer.bias)


def _run(block: _Block, values: NDArray[np.float32]) -> NDArray[np.float32]:
    wide = values if block.expand is None else _relu6(_dense(values, block.expand))
    narrow = _dense(_relu6(_depthwise(wide, block)), block.project)
    if block.adds_input:
        narrow += values
    return narrow


def _dense(values: NDArray[np.float32], layer: _Layer) -> NDArray[np.float32]:
    made = values @ layer.weights
    made += layer.bias
    return made


def _depthwise(values: NDArray[np.float32], block: _Block) -> NDArray[np.float32]:
    kernel = block.depthwise.weights
    parts = list(_shifted(values, block.kernel, block.stride))
    made: NDArray[np.float32] = np.zeros(parts[0][2].shape, np.float32)
    scratch = np.empty_like(made)
    for row, column, part in parts:
        np.multiply(part, kernel[row, column], out=scratch)
        made += scratch
    made += block.depthwise.bias
    return made


def _patches(values: NDArray[np.float32], kernel: int, stride: int) -> NDArray[np.float32]:
    return np.concatenate([part for _, _, part in _shifted(values, kernel, stride)], axis=2)


def _shifted(
    values: NDArray[np.float32], kernel: int, stride: int
) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    height, width, _ = values.shape
    rows, above, below = _same(height, kernel, stride)
    columns, left, right = _same(width, kernel, stride)
    padded = np.pad(values, ((above, below), (left, right), (0, 0)))
    for row in range(kernel):
        for column in range(kernel):
            part = padded[row : row + rows * stride : stride, column : column + columns * stride : stride]
            yield row, column, part[:rows, :columns]


def _same(length: int, kernel: int, stride: int) -> tuple[int, int, int]:
    made = -(-length // stride)
    padding = max((made - 1) * stride + kernel - length, 0)
    return made, padding // 2, padding - padding // 2


def _relu6(values: NDArray[np.float32]) -> NDArray[np.float32]:
    np.maximum(values, np.float32(0), out=values)
    return np.minimum(values, np.float32(6), out=values)
