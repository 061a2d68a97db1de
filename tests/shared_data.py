"""Where the shared recordings, corpora and photographs lie, and the mark for tests that need them."""

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("STEPSMITH_SHARED", Path(__file__).resolve().parents[2] / "shared"))
"""Folder with the recorded data; beside the checkout unless the environment names another."""

_absent = not SHARED.is_dir()

if _absent and os.environ.get("CI") == "true":
    raise RuntimeError(f"the shared data is missing at {SHARED}; CI must not skip the tests that need it")

needs_shared = pytest.mark.skipif(_absent, reason="the shared recordings are not beside this checkout")
