"""Peak memory of large tables: that of a process of its own, as the kernel counts it."""

import gzip
import subprocess
import sys

import numpy as np
import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the peak is read from /proc"),
]
ROWS, COLUMNS = 100_000, 100
BOUND = 400
"""MB; the libraries alone take some 150."""
PEAK = """
print(next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
MERGE = """
import sys
from radcompare.cli import main
from radcompare.tables import streamed_merge
streamed_merge.LARGE = int(sys.argv.pop(1))
sys.argv[1:1] = ["merge", "--quiet"]
try:
    main()
except SystemExit as ended:
    assert not ended.code
"""
CHECK = """
import sys
from radcompare.tables.table_check import check_table
assert check_table(sys.argv[1]).rows == 100_000
"""


def peak(code, *arguments):
    """Peak MB of a process of its own."""
    ended = subprocess.run(
        [sys.executable, "-c", code + PEAK, *map(str, arguments)], check=True, capture_output=True, text=True
    )
    return int(ended.stdout)


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Two tables of the same cases, in different order; features of a thousand rows come again and again."""
    folder = tmp_path_factory.mktemp("large")
    paths = []
    for name, order in (("left", np.arange(ROWS)), ("right", np.random.default_rng(0).permutation(ROWS))):
        values = np.random.default_rng(len(name)).random((1000, COLUMNS)).round(6)
        rows = [",".join(map(str, row)) for row in values.tolist()]
        paths.append(folder / f"{name}.csv")
        with paths[-1].open("w") as file:
            file.write(f"ID,{','.join(f'{name}{number}' for number in range(COLUMNS))}\n")
            file.writelines(f"case{case},{rows[case % 1000]}\n" for case in order.tolist())
    return paths


def test_merging_by_rows_holds_little(tables, tmp_path):
    once, rows = tmp_path / "once.csv", tmp_path / "rows.csv"
    assert peak(MERGE, 0, *tables, "-o", rows) < BOUND < peak(MERGE, 2**60, *tables, "-o", once)
    assert rows.read_bytes() == once.read_bytes()


def test_so_it_does_with_parquet(tables, tmp_path):
    first, second = tmp_path / "first.parquet", tmp_path / "second.parquet"
    assert peak(MERGE, 0, *tables, "-o", first) < BOUND
    assert peak(MERGE, 0, first, tables[0], "-o", second) < BOUND


def test_so_it_does_with_what_is_gzipped(tables, tmp_path):
    packed = tmp_path / "left.csv.gz"
    with gzip.open(packed, "wb", compresslevel=1) as file:
        file.write(tables[0].read_bytes())
    assert peak(MERGE, 0, packed, tables[1], "-o", tmp_path / "merged.csv") < BOUND


def test_checking_holds_little(tables):
    assert peak(CHECK, tables[0]) < BOUND
