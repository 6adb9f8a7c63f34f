"""Tables: time and peak memory of merge and check, beside pandas.merge of the same files.

    python benchmarks/tables.py [--rows 1000 10000 100000] [--columns 200] [--repeats 3]

Two tables of the same cases in different order, every number with all its digits. Every way runs in a process of
its own, from reading the files to writing the merged table, start and imports included; in turn and equally often;
medians of seconds and the largest peak are told. `pandas` reads both files, merges them by ID and writes what comes
of it. It neither looks for repeated IDs, rows of another length or features, nor notices columns that disagree.
`at once` is our merge as smaller tables are merged, whatever their size; `by rows` as larger ones are. Needs Linux
for the peaks.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from radcompare.tables.files import to_csv

PEAK = """
import sys
sys.stderr.write(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
PANDAS = """
import sys
import pandas as pd
left, right, merged = sys.argv[1:]
pd.merge(pd.read_csv(left), pd.read_csv(right), on="ID").to_csv(merged, index=False)
"""
MERGE = """
import sys
from radcompare.cli import main
from radcompare.tables import streamed_merge
streamed_merge.LARGE = {large}
sys.argv[:] = ["radcompare", "merge", *sys.argv[1:3], "--quiet", "-o", sys.argv[3]]
try:
    main()
except SystemExit as ended:
    assert not ended.code
"""
CHECK = """
import sys
from radcompare.tables.table_check import check_table
assert not check_table(sys.argv[1], "died").problems
"""
WAYS = {
    "pandas.merge": PANDAS,
    "merge, at once": MERGE.format(large=2**60),
    "merge, by rows": MERGE.format(large=0),
    "check": CHECK,
}
BLOCK = 5000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", nargs="+", type=int, default=[1000, 10_000, 100_000])
    parser.add_argument("--columns", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    print(f"{'':16s} {'rows':>7s} {'MB read':>8s} {'seconds':>8s} {'peak MB':>8s}")
    for rows in given.rows:
        with tempfile.TemporaryDirectory() as name:
            tell(rows, given.columns, given.repeats, Path(name))


def tell(rows: int, columns: int, repeats: int, folder: Path) -> None:
    left, right = folder / "left.csv", folder / "right.csv"
    cases = np.arange(rows)
    write_table(left, cases, columns, "left", with_outcome=True)
    write_table(right, np.random.default_rng(0).permutation(cases), columns, "right", with_outcome=False)
    taken: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    for _ in range(repeats):
        for way, code in WAYS.items():
            taken[way].append(run(code, [left, right, folder / f"{way.replace(' ', '')}.csv"]))
    for way, each in taken.items():
        size = sum(path.stat().st_size for path in ([left] if way == "check" else [left, right])) / 2**20
        seconds, peak = statistics.median(took for took, _ in each), max(peak for _, peak in each)
        print(f"{way:16s} {rows:7d} {size:8.1f} {seconds:8.2f} {peak:8.0f}", flush=True)
    refuse_other_results(*(folder / f"{way.replace(' ', '')}.csv" for way in list(WAYS)[:3]))


def write_table(path: Path, cases: np.ndarray, columns: int, name: str, *, with_outcome: bool) -> None:
    rng = np.random.default_rng(len(name))
    names = [f"original_firstorder_{name}{number}" for number in range(columns)]
    with path.open("w", encoding="utf-8") as file:
        for start in range(0, len(cases), BLOCK):
            own = cases[start : start + BLOCK]
            frame = pd.DataFrame({"ID": [f"case{case:07d}" for case in own]})
            if with_outcome:
                frame["died"] = rng.integers(0, 2, len(own))
            frame = pd.concat(
                [frame, pd.DataFrame(rng.standard_normal((len(own), columns)), columns=names)], axis=1
            )
            file.write(to_csv(frame)[len(to_csv(frame.iloc[:0])) if start else 0 :])


def run(code: str, paths: Sequence[Path]) -> tuple[float, float]:
    """Seconds and peak MB of one way in a process of its own."""
    began = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-c", code + PEAK, *map(str, paths)], check=True, capture_output=True, text=True
    )
    return time.perf_counter() - began, int(ended.stderr) / 1024


def refuse_other_results(theirs: Path, once: Path, rows: Path) -> None:
    """All ways did the same work: ours to the byte, pandas' in values."""
    assert once.read_bytes() == rows.read_bytes()
    pd.testing.assert_frame_equal(
        pd.read_csv(theirs, nrows=1000), pd.read_csv(rows, nrows=1000), check_exact=True, check_like=True
    )


if __name__ == "__main__":
    main()
