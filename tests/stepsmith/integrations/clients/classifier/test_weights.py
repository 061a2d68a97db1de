from __future__ import annotations

import pickle
import struct
from collections import OrderedDict
from io import BytesIO
from pathlib import Path

import pytest

from stepsmith.errors import InvalidInput
from stepsmith.integrations.clients.classifier.weights import find_weights, load_weights, read_weights

np = pytest.importorskip("numpy", reason="the extra `labels` is not installed")

HEAD = pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2) + pickle.dumps({}, 2)


def tensor(shape: str, strides: str, offset: str = "I0\n", size: str = "I6\n") -> bytes:
    """Return a pickle with one tensor `w`, as torch writes it."""
    stored = b"(S'storage'\nctorch\nFloatStorage\nS'7'\nS'cpu'\n" + size.encode() + b"NtQ"
    arguments = b"(" + stored + offset.encode() + f"({shape}t({strides}t".encode() + b"I00\nNt"
    return b"(dS'w'\nctorch._utils\n_rebuild_tensor_v2\n" + arguments + b"Rs."


def file(tensors: bytes, numbers: int = 6, said: int = 6) -> bytes:
    return HEAD + tensors + pickle.dumps(["7"], 2) + struct.pack(f"<q{numbers}f", said, *range(numbers))


def test_strides_are_honoured() -> None:
    found = read_weights(file(tensor("I2\nI3\n", "I1\nI2\n")))

    assert found["w"].tolist() == [[0, 2, 4], [1, 3, 5]]


def test_an_offset_into_the_storage_is_honoured() -> None:
    found = read_weights(file(tensor("I2\n", "I3\n", offset="I2\n")))

    assert found["w"].tolist() == [2, 5]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "cannot be read"),
        (HEAD, "cannot be read"),
        (file(tensor("I2\nI3\n", "I3\nI2\n")), "reaches beyond"),
        (file(tensor("I6\n", "I1\n", offset="I1\n")), "reaches beyond"),
        (file(tensor("I2\n", "I-1\n", offset="I3\n")), "reaches beyond"),
        (file(tensor("I2\n", "I1\n"), numbers=5), "has not the 6 numbers"),
        (file(tensor("I2\n", "I1\n"), said=7), "has not the 6 numbers"),
        (pickle.dumps(1, 2) + HEAD + HEAD, "magic number"),
        (HEAD + b"cos\nsystem\n(S'true'\ntR." + HEAD, "names os.system, which is never loaded"),
        (HEAD + b"cbuiltins\neval\n(S'1'\ntR." + HEAD, "names builtins.eval"),
        (HEAD + b"ccollections\nUserDict\n)R." + HEAD, "names collections.UserDict"),
        (HEAD + b"ctorch\nDoubleStorage\n." + HEAD, "names torch.DoubleStorage"),
    ],
)
def test_other_files_are_refused(data: bytes, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read_weights(data)


def test_a_pickle_of_plain_data_is_no_file_of_weights() -> None:
    file = BytesIO()
    pickle.dump(OrderedDict(a=1), file, 2)

    with pytest.raises(InvalidInput):
        read_weights(file.getvalue())


def test_a_changed_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    path.write_bytes(file(tensor("I2\n", "I1\n")))

    with pytest.raises(InvalidInput, match=r"weights\.pth is not the file of weights that is known"):
        load_weights(path)


def test_the_installed_weights_are_the_296_known_tensors() -> None:
    path = find_weights()
    if path is None:
        pytest.skip("the extra `labels` is not installed")

    weights = load_weights(path)

    assert len(weights) == 296
    assert weights["_fc.weight"].shape == (1000, 1280)
