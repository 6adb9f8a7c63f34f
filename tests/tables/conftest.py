"""Small tables on disk, merged and checked."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from both_merges import at_once, by_rows

from radcompare.tables.table_check import check_table

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


@pytest.fixture
def same(tmp_path):
    """Merge both ways and give what came of it."""

    def merged(sources, suffix=".csv", cells=(1,)):
        expected = at_once(sources, tmp_path / f"once{suffix}")
        for number, size in enumerate(cells):
            assert by_rows(sources, tmp_path / f"rows{number}{suffix}", size) == expected
        return expected

    return merged


@pytest.fixture
def check(write):
    """Check a table by a few rows at a time and at once, which comes to the same."""

    def checked(content, outcome="died", name="table.csv"):
        path = write(content, name)
        found = check_table(path, outcome, 30)
        assert check_table(path, outcome) == found
        return found

    return checked
