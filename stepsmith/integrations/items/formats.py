"""What is inside a file of items: CSV, JSON, JSON lines or Parquet, plain or compressed, as a stream."""

from __future__ import annotations

import io
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from math import isfinite
from typing import IO, TYPE_CHECKING, Any, Final, cast

from stepsmith.expressions.json_text import InvalidJson, read
from stepsmith.expressions.types import Json
from stepsmith.integrations.items.delimited_text import DELIMITERS, records, rows
from stepsmith.integrations.items.json_stream import JsonStream, JsonStreamError, PointerNotFound
from stepsmith.integrations.services.sdk_values import to_json

if TYPE_CHECKING:
    from datetime import date

CHUNK_BYTES: Final = 256 * 1024
LARGEST_ITEM_BYTES: Final = 8 * 1024 * 1024
"""Largest item that AWS reads from a file."""
LONGEST_HEADER_BYTES: Final = 10 * 1024
"""Longest header row that AWS takes."""
_KEPT_IN_MEMORY: Final = 32 * 1024 * 1024


class ReadError(Exception):
    """A source of items that cannot be read; the text is the cause of States.ItemReaderFailed."""


def read_items(body: IO[bytes], key: str, config: Mapping[str, Json]) -> Iterator[Json]:
    """Give the items of one file in the format that the ReaderConfig names; raises ReadError."""
    reader = _FORMATS.get(str(config.get("InputType")))
    if reader is None:
        raise ReadError(
            f"The InputType {config.get('InputType')!r} is not one of CSV, JSON, JSONL, MANIFEST, PARQUET."
        )
    try:
        with closing(body):
            yield from reader(body, key, config)
    except (zlib.error, EOFError):
        raise ReadError(f"The file {key} cannot be decompressed.") from None
    except UnicodeDecodeError:
        raise ReadError(f"The file {key} is not UTF-8 text.") from None


def chunks(body: IO[bytes], key: str) -> Iterator[bytes]:
    """Give the bytes of a file, decompressed where its name ends in .gz or .zstd."""
    if key.endswith(".gz"):
        return _gunzip(body)
    if key.endswith((".zstd", ".zst")):
        return _unzstd(body)
    return _plain(body)


def lines(pieces: Iterator[bytes], key: str) -> Iterator[str]:
    """Give the lines of a file with their ends; raises ReadError for a line that is too long to be an item."""
    rest = b""
    for piece in pieces:
        found = (rest + piece).split(b"\n")
        rest = found.pop()
        for line in found:
            yield line.decode("utf-8") + "\n"
        if len(rest) > LARGEST_ITEM_BYTES:
            raise ReadError(f"The file {key} has a line of more than {LARGEST_ITEM_BYTES} bytes.")
    if rest:
        yield rest.decode("utf-8")


def _plain(body: IO[bytes]) -> Iterator[bytes]:
    while piece := body.read(CHUNK_BYTES):
        yield piece


def _gunzip(body: IO[bytes]) -> Iterator[bytes]:
    inflate = zlib.decompressobj(wbits=31)
    for piece in _plain(body):
        data = piece
        while data:
            yield inflate.decompress(data, CHUNK_BYTES)
            data = inflate.unconsumed_tail
            if inflate.eof:
                # a .gz file may be several streams one after another
                data = inflate.unused_data
                inflate = zlib.decompressobj(wbits=31)


def _unzstd(body: IO[bytes]) -> Iterator[bytes]:
    pyarrow = _pyarrow("a .zstd file")
    try:
        with pyarrow.CompressedInputStream(pyarrow.PythonFile(body, mode="r"), "zstd") as stream:
            while piece := stream.read(CHUNK_BYTES):
                yield piece
    except OSError:
        raise ReadError("The file cannot be decompressed.") from None


def _csv(body: IO[bytes], key: str, config: Mapping[str, Json]) -> Iterator[Json]:
    delimiter = DELIMITERS.get(str(config.get("CSVDelimiter", "COMMA")))
    if delimiter is None:
        raise ReadError(f"The CSVDelimiter must be one of {', '.join(DELIMITERS)}.")
    found = records(_without_mark(lines(chunks(body, key), key)), delimiter)
    if config.get("CSVHeaderLocation") == "GIVEN":
        headers = [str(each) for each in cast("Sequence[Json]", config.get("CSVHeaders") or ())]
    else:
        headers = next(found, list[str]())
    check_headers(headers)
    return cast("Iterator[Json]", rows(found, headers))


def check_headers(headers: Sequence[str]) -> None:
    """Raise ReadError for headers that AWS refuses."""
    if len(set(headers)) != len(headers):
        raise ReadError("CSV headers cannot contain duplicates.")
    if len(",".join(headers).encode()) > LONGEST_HEADER_BYTES:
        raise ReadError("CSV headers cannot be larger than 10 KiB.")


def _without_mark(found: Iterator[str]) -> Iterator[str]:
    for index, line in enumerate(found):
        yield line.removeprefix("\ufeff") if index == 0 else line


def _json(body: IO[bytes], key: str, config: Mapping[str, Json]) -> Iterator[Json]:
    stream = JsonStream(chunks(body, key), largest=LARGEST_ITEM_BYTES)
    try:
        yield from stream.elements(str(config.get("ItemsPointer", "")))
    except PointerNotFound:
        raise ReadError(
            "The provided ReaderConfig.ItemsPointer does not match any valid path in the JSON structure."
        ) from None
    except JsonStreamError as error:
        text = str(error)
        raise ReadError(
            text if text.startswith("Attempting") else f"The file {key} is not JSON: {text}"
        ) from None


def _json_lines(body: IO[bytes], key: str, config: Mapping[str, Json]) -> Iterator[Json]:
    for number, line in enumerate(_without_mark(lines(chunks(body, key), key)), 1):
        if not line.strip():
            continue
        try:
            yield read(line.strip(), repeated_keys=True)
        except InvalidJson as error:
            reason = error.message.partition("\n")[0]
            raise ReadError(f"Line {number} of the file {key} is not JSON: {reason}") from None


def _parquet(body: IO[bytes], key: str, config: Mapping[str, Json]) -> Iterator[Json]:
    pyarrow = _pyarrow("a Parquet file")
    import pyarrow.parquet as parquet  # pyright: ignore[reportMissingTypeStubs] - it has none

    with tempfile.SpooledTemporaryFile(max_size=_KEPT_IN_MEMORY) as local:
        for piece in _plain(body):
            local.write(piece)
        local.seek(0)
        try:
            table: Any = parquet.ParquetFile(local)
            for batch in table.iter_batches(batch_size=1000):
                for row in _rows(batch, key):
                    yield _row(row)
        except pyarrow.ArrowException as error:
            raise ReadError(f"The file {key} is not Parquet: {error}") from None


def _rows(batch: Any, key: str) -> list[dict[str, Any]]:
    """Give the rows of a batch; a column of values that Python does not have, such as the year 10000, gives texts."""
    try:
        return batch.to_pylist()
    except (ValueError, OverflowError, ArithmeticError):
        columns = [
            _column(column, name, key) for name, column in zip(batch.schema.names, batch.columns, strict=True)
        ]
    return [dict(zip(batch.schema.names, values, strict=True)) for values in zip(*columns, strict=True)]


def _column(column: Any, name: str, key: str) -> list[Any]:
    for given in (column.to_pylist, lambda: [_text(each) for each in column.cast("string").to_pylist()]):
        try:
            return given()
        except (ValueError, OverflowError, ArithmeticError, NotImplementedError):
            continue  # the second error is an ArrowException, too
    raise ReadError(f"The column {name} of the file {key} holds values of {column.type} that are no JSON.")


def _text(value: str | None) -> str | None:
    """Give what Arrow writes of a value; where it writes that a time is too far away, the number alone."""
    return value.removeprefix("<value out of range: ").rstrip(">") if value and value[0] == "<" else value


def _row(value: Any) -> Json:
    if isinstance(value, dict):
        return {str(name): _row(each) for name, each in cast("dict[object, Any]", value).items()}
    if isinstance(value, list):
        return [_row(each) for each in cast("list[Any]", value)]
    if isinstance(value, float) and not isfinite(value):
        return (
            "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
        )  # as texts, which JSON has
    if hasattr(value, "isoformat") and not hasattr(value, "tzinfo"):
        return cast("date", value).isoformat()
    return to_json(value, None)


def _pyarrow(what: str) -> Any:
    try:
        import pyarrow  # pyright: ignore[reportMissingTypeStubs] - it has none
    except ImportError:
        raise ReadError(f"Reading {what} needs pyarrow: pip install 'stepsmith[parquet]'") from None
    return pyarrow


_Reader = Callable[[IO[bytes], str, Mapping[str, Json]], Iterator[Json]]
_FORMATS: Final[Mapping[str, _Reader]] = {
    "CSV": _csv,
    "JSON": _json,
    "JSONL": _json_lines,
    "PARQUET": _parquet,
}


def whole(body: IO[bytes], key: str, largest: int) -> bytes:
    """Return a small file as a whole; raises ReadError when it is larger than `largest` bytes."""
    kept = io.BytesIO()
    with closing(body):
        for piece in chunks(body, key):
            kept.write(piece)
            if kept.tell() > largest:
                raise ReadError(f"The file {key} is larger than {largest} bytes.")
    return kept.getvalue()
