"""Small tables on disk."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write text or bytes into a file (gzipped if its name says so) and give its path."""

    def to_file(content: str | bytes, name: str = "table.csv") -> str:
        path = tmp_path / name
        raw = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(raw) if name.endswith(".gz") and isinstance(content, str) else raw)
        return str(path)

    return to_file
