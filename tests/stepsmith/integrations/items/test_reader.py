from __future__ import annotations

import gzip
import io
import json

import pytest

from stepsmith.engine.ports import ItemsRead, MoreItems, ReadFailed, ReadItems
from stepsmith.expressions.types import Json
from stepsmith.integrations import ClientRegistry, Dispatcher

FILE = "arn:aws:states:::s3:getObject"
LISTING = "arn:aws:states:::s3:listObjectsV2"


@pytest.fixture(scope="module")
def clients() -> ClientRegistry:
    registry = ClientRegistry.local()
    registry.client("s3").create_bucket(Bucket="data")
    return registry


def put(clients: ClientRegistry, key: str, body: str | bytes) -> None:
    clients.client("s3").put_object(Bucket="data", Key=key, Body=body)


def ask(resource: str, arguments: Json, limit: int = 1000, **config: Json) -> ReadItems:
    return ReadItems(id=1, state="Map", resource=resource, arguments=arguments, config=config, limit=limit)


def read(clients: ClientRegistry, command: ReadItems) -> list[Json]:
    page = Dispatcher(clients).read(command)
    assert isinstance(page, ItemsRead), page
    assert page.last
    return list(page.items)


def refusal(clients: ClientRegistry, command: ReadItems) -> str:
    page = Dispatcher(clients).read(command)
    assert isinstance(page, ReadFailed), page
    return page.cause


def of(key: str) -> Json:
    return {"Bucket": "data", "Key": key}


CSV = "Col1,Col2,Col3\nValue1,Value2,Value3\n,,,\nNull,None,\n   \n"


def test_a_csv_file_has_its_headers_in_the_first_row(clients: ClientRegistry) -> None:
    put(clients, "a.csv", CSV)

    items = read(clients, ask(FILE, of("a.csv"), InputType="CSV", CSVHeaderLocation="FIRST_ROW"))

    assert items == [
        {"Col1": "Value1", "Col2": "Value2", "Col3": "Value3"},
        {"Col1": "", "Col2": "", "Col3": ""},
        {"Col1": "Null", "Col2": "None", "Col3": ""},
        {"Col1": "   ", "Col2": "", "Col3": ""},
    ]


def test_given_headers_make_every_row_data(clients: ClientRegistry) -> None:
    put(clients, "b.csv", "1;2\n3;4;5\n")
    command = ask(
        FILE,
        of("b.csv"),
        InputType="CSV",
        CSVHeaderLocation="GIVEN",
        CSVHeaders=["x", "y"],
        CSVDelimiter="SEMICOLON",
    )

    assert read(clients, command) == [{"x": "1", "y": "2"}, {"x": "3", "y": "4"}]


def test_a_compressed_file_is_read_as_what_it_holds(clients: ClientRegistry) -> None:
    put(clients, "a.csv.gz", gzip.compress(b"h\n1\n") + gzip.compress(b"2\n"))

    assert read(clients, ask(FILE, of("a.csv.gz"), InputType="CSV")) == [{"h": "1"}, {"h": "2"}]


def test_a_zstd_file_is_read_with_pyarrow(clients: ClientRegistry) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    sink = pyarrow.BufferOutputStream()
    with pyarrow.CompressedOutputStream(sink, "zstd") as out:
        out.write(b'{"a": 1}\n')
    put(clients, "a.jsonl.zstd", sink.getvalue().to_pybytes())

    assert read(clients, ask(FILE, of("a.jsonl.zstd"), InputType="JSONL")) == [{"a": 1}]


def test_a_json_file_gives_the_elements_of_its_array(clients: ClientRegistry) -> None:
    put(clients, "a.json", json.dumps([{"a": 1}, [2], None]))

    assert read(clients, ask(FILE, of("a.json"), InputType="JSON")) == [{"a": 1}, [2], None]


def test_a_pointer_leads_into_a_json_file(clients: ClientRegistry) -> None:
    put(clients, "b.json", json.dumps({"data": {"rows": [1, 2]}}))

    assert read(clients, ask(FILE, of("b.json"), InputType="JSON", ItemsPointer="/data/rows")) == [1, 2]


def test_json_lines_are_one_item_each(clients: ClientRegistry) -> None:
    put(clients, "a.jsonl", '{"a": 1}\n\n[2]\n"three"')

    assert read(clients, ask(FILE, of("a.jsonl"), InputType="JSONL")) == [{"a": 1}, [2], "three"]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (("timestamp", "ns"), 1, "1970-01-01 00:00:00.000000001"),
        (("timestamp", "us"), 2**62, str(2**62)),
        (("time64", "ns"), 86_399_999_999_999, "23:59:59.999999999"),
        (("date32",), 2**30, str(2**30)),
        (("float64",), float("nan"), "NaN"),
        (("float64",), float("-inf"), "-Infinity"),
    ],
)
def test_a_value_of_parquet_that_json_does_not_have_is_a_text(
    clients: ClientRegistry, kind: tuple[str, ...], value: float, expected: str
) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    file = io.BytesIO()
    column = pyarrow.array([value, None], getattr(pyarrow, kind[0])(*kind[1:]))
    parquet.write_table(pyarrow.table({"a": column, "b": [1, 2]}), file)
    put(clients, "a.parquet", file.getvalue())

    assert read(clients, ask(FILE, of("a.parquet"), InputType="PARQUET")) == [
        {"a": expected, "b": 1},
        {"a": None, "b": 2},
    ]


def test_a_column_of_parquet_that_is_no_json_at_all_is_named(clients: ClientRegistry) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    file = io.BytesIO()
    column = pyarrow.array([[2**62]], pyarrow.list_(pyarrow.timestamp("us")))
    parquet.write_table(pyarrow.table({"far": column}), file)
    put(clients, "a.parquet", file.getvalue())

    assert refusal(clients, ask(FILE, of("a.parquet"), InputType="PARQUET")).startswith(
        "The column far of the file a.parquet holds values of list"
    )


def test_a_parquet_file_gives_its_rows(clients: ClientRegistry) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    file = io.BytesIO()
    parquet.write_table(pyarrow.table({"a": [1, 2], "b": ["x", None]}), file)
    put(clients, "a.parquet", file.getvalue())

    assert read(clients, ask(FILE, of("a.parquet"), InputType="PARQUET")) == [
        {"a": 1, "b": "x"},
        {"a": 2, "b": None},
    ]


def test_a_listing_gives_what_s3_knows_of_each_object(clients: ClientRegistry) -> None:
    put(clients, "listed/1.txt", "x")
    put(clients, "listed/2.txt", "yy")

    items = read(clients, ask(LISTING, {"Bucket": "data", "Prefix": "listed/"}))

    assert all(isinstance(item, dict) for item in items)
    assert [sorted(item) for item in items if isinstance(item, dict)] == [
        ["Etag", "Key", "LastModified", "Size", "StorageClass"]
    ] * 2
    assert [(item["Key"], item["Size"]) for item in items if isinstance(item, dict)] == [
        ("listed/1.txt", 1),
        ("listed/2.txt", 2),
    ]


def test_flattening_makes_items_of_what_the_listed_objects_hold(clients: ClientRegistry) -> None:
    put(clients, "parts/1.jsonl", "1\n2\n")
    put(clients, "parts/2.jsonl", "3\n")
    dispatcher = Dispatcher(clients)
    arguments: Json = {"Bucket": "data", "Prefix": "parts/"}

    first = dispatcher.read(ask(LISTING, arguments, InputType="JSONL", Transformation="LOAD_AND_FLATTEN"))
    second = dispatcher.read(MoreItems(id=1))

    assert first == ItemsRead(id=1, items=(1, 2), last=False, source="S3://data/parts/1.jsonl")
    assert second == ItemsRead(id=1, items=(3,), last=True, source="S3://data/parts/2.jsonl")


def test_an_inventory_gives_its_columns_as_text(clients: ClientRegistry) -> None:
    put(clients, "inventory/1.csv.gz", gzip.compress(b'"data","a%20b.txt","5"\n"data","c","7"\n'))
    manifest = {
        "sourceBucket": "data",
        "destinationBucket": "arn:aws:s3:::data",
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key, Size",
        "files": [{"key": "inventory/1.csv.gz", "size": 1, "MD5checksum": ""}],
    }
    put(clients, "inventory/manifest.json", json.dumps(manifest))
    expected = [
        {"Bucket": "data", "Key": "a%20b.txt", "Size": "5"},
        {"Bucket": "data", "Key": "c", "Size": "7"},
    ]

    by_type = read(clients, ask(FILE, of("inventory/manifest.json"), InputType="MANIFEST"))
    by_manifest = read(clients, ask(FILE, of("inventory/manifest.json"), ManifestType="S3_INVENTORY"))

    assert by_type == by_manifest == expected


def test_a_manifest_of_athena_lists_the_files_to_read(clients: ClientRegistry) -> None:
    put(clients, "unload/1.gz", gzip.compress(b'{"a": 1}\n'))
    put(clients, "unload/2.gz", gzip.compress(b'{"a": 2}\n'))
    put(clients, "unload/manifest.csv", "s3://data/unload/1.gz\ns3://data/unload/2.gz\n")
    dispatcher = Dispatcher(clients)

    first = dispatcher.read(
        ask(FILE, of("unload/manifest.csv"), InputType="JSONL", ManifestType="ATHENA_DATA")
    )
    second = dispatcher.read(MoreItems(id=1))

    assert isinstance(first, ItemsRead)
    assert isinstance(second, ItemsRead)
    assert first.items + second.items == ({"a": 1}, {"a": 2})


def test_pages_are_as_long_as_asked_for(clients: ClientRegistry) -> None:
    put(clients, "long.json", json.dumps(list(range(7))))
    dispatcher = Dispatcher(clients)

    pages = [dispatcher.read(ask(FILE, of("long.json"), limit=3, InputType="JSON"))]
    pages.append(dispatcher.read(MoreItems(id=1, limit=3)))
    pages.append(dispatcher.read(MoreItems(id=1, limit=3)))

    assert [page.items for page in pages if isinstance(page, ItemsRead)] == [(0, 1, 2), (3, 4, 5), (6,)]
    assert [page.last for page in pages if isinstance(page, ItemsRead)] == [False, False, True]


@pytest.mark.parametrize(("limit", "count"), [(2, 2), (0, 7), (100_000_001, 7), (7, 7)])
def test_no_more_items_are_read_than_wanted(clients: ClientRegistry, limit: int, count: int) -> None:
    put(clients, "long.json", json.dumps(list(range(7))))

    assert len(read(clients, ask(FILE, of("long.json"), InputType="JSON", MaxItems=limit))) == count


def test_an_empty_source_is_one_empty_page(clients: ClientRegistry) -> None:
    put(clients, "empty.json", "[]")

    assert read(clients, ask(FILE, of("empty.json"), InputType="JSON")) == []


@pytest.mark.parametrize(
    ("key", "body", "config", "cause"),
    [
        ("x.csv", "a,a\n1,2\n", {"InputType": "CSV"}, "CSV headers cannot contain duplicates."),
        ("x.json", "5", {"InputType": "JSON"}, "Attempting to map over non-iterable node."),
        ("x.json", "{", {"InputType": "JSON"}, "The file x.json is not JSON"),
        (
            "x.json",
            "{}",
            {"InputType": "JSON", "ItemsPointer": "/a"},
            "The provided ReaderConfig.ItemsPointer does not match any valid path in the JSON structure.",
        ),
        ("x.jsonl", "1\n{\n", {"InputType": "JSONL"}, "Line 2 of the file x.jsonl is not JSON"),
        ("x.gz", "no gzip", {"InputType": "JSONL"}, "The file x.gz cannot be decompressed."),
        ("x.csv", b"\xff\xfe", {"InputType": "CSV"}, "The file x.csv is not UTF-8 text."),
        ("x.json", "[1]", {"InputType": "JSON", "MaxItems": -1}, "field MaxItems must be positive"),
        ("x.json", "[1]", {"InputType": "XML"}, "The InputType 'XML' is not one of"),
        ("x.csv", "a\n", {"InputType": "CSV", "CSVDelimiter": "DOT"}, "The CSVDelimiter must be one of"),
        ("x.json", "[]", {"InputType": "MANIFEST"}, "The manifest x.json has no list of files."),
        ("x.json", '{"files": [', {"InputType": "MANIFEST"}, "The manifest x.json is not JSON"),
        (
            "x.json",
            '{"files": [], "fileFormat": "ORC"}',
            {"InputType": "MANIFEST"},
            "Only S3 inventories in CSV can be read.",
        ),
        ("x.parquet", "no parquet", {"InputType": "PARQUET"}, "The file x.parquet is not Parquet"),
    ],
)
def test_a_source_that_cannot_be_read_says_why(
    clients: ClientRegistry, key: str, body: str | bytes, config: dict[str, Json], cause: str
) -> None:
    put(clients, key, body)

    assert refusal(clients, ask(FILE, of(key), 1000, **config)).startswith(cause)


def test_a_file_that_is_not_there_is_named_as_s3_does(clients: ClientRegistry) -> None:
    cause = refusal(clients, ask(FILE, of("no.json"), InputType="JSON"))

    assert cause.startswith("The specified key does not exist. (Service: S3, Status Code: 404")


def test_a_bucket_that_is_not_there_is_named_as_s3_does(clients: ClientRegistry) -> None:
    cause = refusal(clients, ask(LISTING, {"Bucket": "nowhere"}))

    assert cause.startswith("The specified bucket does not exist")


def test_a_resource_that_gives_no_items_is_refused(clients: ClientRegistry) -> None:
    assert "is no source of items" in refusal(clients, ask("arn:aws:states:::s3:headObject", of("a")))


@pytest.mark.slow
def test_a_long_file_is_read_without_being_held(clients: ClientRegistry) -> None:
    import tracemalloc

    put(clients, "rows.jsonl", b'{"n": 12345678}\n' * 200_000)
    dispatcher = Dispatcher(clients)
    tracemalloc.start()

    page = dispatcher.read(ask(FILE, of("rows.jsonl"), InputType="JSONL"))
    count = 0
    while isinstance(page, ItemsRead):
        count += len(page.items)
        if page.last:
            break
        page = dispatcher.read(MoreItems(id=1))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 200_000
    assert peak < 24 * 1024 * 1024
