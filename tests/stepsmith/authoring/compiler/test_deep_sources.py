import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stepsmith import DefinitionError


@pytest.fixture
def usual_depth() -> Iterator[None]:
    """Python's own recursion limit, whatever a library has made of it."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    yield
    sys.setrecursionlimit(limit)


@pytest.mark.usefixtures("usual_depth")
def test_an_expression_that_is_nested_too_deeply_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "deep.py"
    terms = " + ".join(["a"] * 700)
    path.write_text(
        f"from stepsmith import workflow\n\n\n@workflow\ndef deep(a: int) -> int:\n    return {terms}\n"
    )
    spec = importlib.util.spec_from_file_location("deep", path)
    assert spec is not None
    assert spec.loader is not None

    with pytest.raises(DefinitionError, match=r"deep\.py:5:1: W100 .* nested this deeply"):
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
