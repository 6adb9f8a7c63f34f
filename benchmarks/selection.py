"""Feature selection timed side by side with scikit-feature and scikit-rebate: same data, same run, one core.

    pip install skfeature-chappers skrebate
    python benchmarks/selection.py [--full]

Times are processor seconds, the best of runs that take turns, so that other work on the machine disturbs little;
those of the command line are of the clock. `--full` adds 1000 x 10000 and the memory of 5000 x 10000 and takes
about ten minutes, most of them scikit-rebate's.

Only speed is compared, as neither program computes the same: scikit-feature's Relief-F divides misses by the
prior ratio that it should multiply by and does not scale features, and its symmetric uncertainty takes every
number for a value of its own, without discretisation; scikit-rebate weights neighbours and treats missing values
in another way.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

import radcompare
from radcompare.selection.folds import AllRows, largest_share_left_out
from radcompare.selection.ranking import top
from radcompare.selection.relieff import ReliefF
from radcompare.selection.training_rows import training
from radcompare.selection.uncertainty import SymmetricUncertainty

Size = tuple[int, int]
Floats, Integers = NDArray[np.float64], NDArray[np.int64]

SMALL, LARGE, HUGE = (261, 4315), (1000, 10000), (5000, 10000)
NEIGHBOURS = 10
FOLDS, COLUMNS = 3, 1000  # of which the time of the others is extrapolated
MODULES = {"skfeature-chappers": "skfeature", "skrebate": "skrebate"}

COMMAND = """
import sys, time
from radcompare.cli import app
for _ in range(2):
    start = time.perf_counter()
    app(sys.argv[1:], standalone_mode=False)
print(time.perf_counter() - start)
"""
MEMORY = """
import resource
import numpy as np
from radcompare.selection.relieff import ReliefF
rng = np.random.default_rng(0)
X, y = rng.normal(size=({}, {})), rng.integers(0, 2, {})
ReliefF().fit(X, y)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@dataclass(frozen=True)
class Other:
    """Another program: its name on the registry, what it does, and what its time is multiplied by."""

    program: str
    work: Callable[[], Any]
    runs: int = 3
    times: float = 1.0
    note: str = ""


def table(size: Size) -> tuple[Floats, Integers]:
    """Normal noise; the first 20 columns differ by half a standard deviation between two classes."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, size[0])
    X = rng.normal(size=size)
    X[:, :20] += y[:, None] * 0.5
    return X, y


def installed(program: str) -> str:
    try:
        return version(program)
    except PackageNotFoundError:
        return "not installed"


def timed(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def compare(what: str, size: Size, wanted: float, ours: Callable[[], Any], other: Other) -> str:
    """A line of the table; where the other program is missing or breaks, the line says so."""
    mine, theirs = [timed(ours)], []
    head = f"{what:16s} {'{} x {}'.format(*size):>12s}"
    try:
        import_module(MODULES[other.program])
        for _ in range(other.runs):
            theirs.append(timed(other.work) * other.times)
            mine.append(timed(ours))
    except ImportError:
        return f"{head} {min(mine):10.3f} s   {other.program}: {installed(other.program)}"
    except (AttributeError, TypeError, ValueError) as problem:
        return f"{head} {min(mine):10.3f} s   {other.program} breaks with numpy {np.__version__}: {problem}"
    ratio = min(theirs) / min(mine)
    verdict = f"{ratio:8.1f}x, wanted {wanted:g}x{'' if ratio >= wanted else ': MISSED'}"
    return f"{head} {min(mine):10.3f} s   {other.program:18s} {min(theirs):10.2f} s {verdict}{other.note}"


def skfeature_relieff(X: Floats, y: Integers) -> None:
    from skfeature.function.similarity_based.reliefF import reliefF

    reliefF(X, y, mode="raw", k=NEIGHBOURS)


def skrebate_relieff(X: Floats, y: Integers) -> None:
    from skrebate import ReliefF as Rebate

    Rebate(n_neighbors=NEIGHBOURS, n_jobs=1).fit(X.copy(), y)


def skfeature_uncertainty(X: Floats, y: Integers) -> None:
    from skfeature.utility.mutual_information import su_calculation

    for column in X.T:
        su_calculation(column, y)


def without(n: int, row: int) -> Integers:
    return np.delete(np.arange(n), row)


def single_fits(size: Size) -> Iterator[str]:
    X, y = table(size)

    def relieff() -> None:
        ReliefF(NEIGHBOURS).fit(X, y)

    yield compare("Relief-F", size, 4, relieff, Other("skfeature-chappers", lambda: skfeature_relieff(X, y)))
    yield compare("Relief-F", size, 20, relieff, Other("skrebate", lambda: skrebate_relieff(X, y), runs=1))
    some = X[:, :COLUMNS]
    others = Other(
        "skfeature-chappers",
        lambda: skfeature_uncertainty(some, y),
        runs=1,
        times=size[1] / COLUMNS,
        note=f" (theirs extrapolated from {COLUMNS} columns)",
    )
    yield compare("SU", size, 10, lambda: SymmetricUncertainty().fit(X, y), others)


def leave_one_out(size: Size, wanted: float) -> Iterator[str]:
    X, y = table(size)
    n = len(y)
    trains = [without(n, row) for row in range(n)]

    def theirs() -> None:
        for train in trains[:FOLDS]:
            skfeature_relieff(X[train], y[train])

    found: list[Floats] = []

    def ours() -> None:
        found[:] = ReliefF(NEIGHBOURS).fit_folds(X, y, trains)

    note = f" (theirs extrapolated from {FOLDS} folds)"
    other = Other("skfeature-chappers", theirs, runs=1, times=n / FOLDS, note=note)
    yield compare("Leave-one-out", size, wanted, ours, other)
    plain = [ReliefF(NEIGHBOURS).fit(X[train], y[train]).scores_ for train in trains[:FOLDS]]
    pairs = list(zip(found, plain, strict=False))
    apart = max(float(np.abs(a - b).max()) for a, b in pairs)
    same = all(np.array_equal(top(a, 50), top(b, 50)) for a, b in pairs)
    verdict = "the same" if same else "NOT THE SAME"
    yield f"  {FOLDS} of its folds fitted by themselves: scores within {apart:.1g}, {verdict} top 50"


def shares_left_out(size: Size) -> Iterator[str]:
    """Where updating a fold from all rows stops to pay, the ground of `folds.LARGEST_SHARE_LEFT_OUT`."""
    X, y = table(size)
    n, found = len(y), []
    start = time.process_time()
    all_rows = AllRows(training(X, y), NEIGHBOURS, None, "exact")
    base = time.process_time() - start
    for share in (0.02, 0.05, 0.0625, 0.1, 0.125, 0.2):
        left_out = round(share * n)
        train = np.sort(np.random.default_rng(1).permutation(n)[left_out:])
        updated = min(timed(lambda train=train: all_rows.scores(train)) for _ in range(3))
        plain = min(timed(lambda train=train: ReliefF(NEIGHBOURS).fit(X[train], y[train])) for _ in range(3))
        found.append(f"{share:.1%}: {plain / (updated + base * left_out / n):.1f}x")
    limit = f"{largest_share_left_out(*size):.1%}"
    yield f"  gain of updating over fitting by itself, by the share left out (done up to {limit}): {', '.join(found)}"


def command_line(size: Size) -> Iterator[str]:
    """`radcompare select` in a new process, and the same for the second time in one process."""
    X, y = table(size)
    columns = pd.DataFrame(X, columns=[f"f{j}" for j in range(size[1])])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "table.csv")
        columns.assign(ID=[f"c{i}" for i in range(size[0])], outcome=y).to_csv(path, index=False)
        asked = ["select", str(path), "--outcome", "outcome", "--scores", "-o", str(Path(folder, "s.csv"))]
        cold = []
        for _ in range(3):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-m", "radcompare", *asked], check=True, capture_output=True)
            cold.append(time.perf_counter() - start)
        again = subprocess.run(
            [sys.executable, "-c", COMMAND, *asked], check=True, capture_output=True, text=True
        )
    warm = float(again.stdout.split()[-1])
    yield (
        f"radcompare select on a CSV of {size[0]} x {size[1]}: {min(cold):.2f} s in a new process, {warm:.2f} s "
        f"when all is loaded; cold start {min(cold) - warm:.2f} s"
    )


def memory(size: Size) -> Iterator[str]:
    script = MEMORY.format(*size, size[0])
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    peak = int(run.stdout) * (1 if sys.platform == "darwin" else 1024) / 1e9
    verdict = "" if peak < 2 else ": MISSED"
    yield (
        f"Relief-F of {size[0]} x {size[1]}: peak memory {peak:.2f} GB, {size[0] * size[1] * 8e-9:.2f} GB of it "
        f"the table itself, wanted below 2 GB{verdict}"
    )


def lines(full: bool) -> Iterator[str]:
    programs = ", ".join(f"{program} {installed(program)}" for program in MODULES)
    libraries = f"Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}"
    yield f"radcompare {radcompare.__version__}, {libraries}, {programs}\n"
    yield f"{'':16s} {'rows x columns':>12s} {'radcompare':>10s}"
    yield from single_fits(SMALL)
    yield from leave_one_out(SMALL, 50)
    yield from shares_left_out(SMALL)
    if full:
        yield from single_fits(LARGE)
        yield from leave_one_out(LARGE, 200)
        yield from shares_left_out(LARGE)
        yield from memory(HUGE)
    yield from command_line(SMALL)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--full", action="store_true", help="1000 x 10000 and 5000 x 10000 too")
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # for torch, which is imported where it pays
    with threadpool_limits(limits=1):
        for line in lines(options.full):
            print(line, flush=True)


if __name__ == "__main__":
    main()
