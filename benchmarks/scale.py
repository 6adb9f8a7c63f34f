"""Many cases: the rate of `radcompare extract radiomics` with one and two workers, and memory against their number.

    python benchmarks/scale.py [--cohort cohort.csv] [--cases 50 200 800] [--repeats 3]

Each figure is of the whole command in a process of its own, from reading the files to writing the table, nothing
cached. Ways run in turn and equally often; the least seconds are told, for others at work on the machine only ever
add to them, and its load beside them. The rate is per further case: what the smallest cohort takes is taken off what
the middle one takes, and with it the start of Python and of the workers. Memory is the peak of the resident memory of
the command and all processes that it started, sampled twenty times a second, which counts shared libraries in every
process (the workers of Dask are not its own, and are not counted); the command alone is told beside it. Cohorts of
any size are made from the images there are, under new IDs. Linux only.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from radcompare.imaging.phantom import write_cohort
from radcompare.settings import Phantom

PAUSE_S = 0.05
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Measured:
    """What one run of the command took: seconds, and MB at its peak."""

    seconds: float
    together: float
    command: float


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cohort", help="a cohort of real images")
    parser.add_argument("--cases", type=int, nargs=3, default=[50, 200, 800])
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, dask_cluster() as address:
        folder = Path(name)
        whole = given.cohort or str(write_cohort(Phantom(cases=24), folder / "phantom"))
        cohorts = {cases: of_size(whole, cases, folder) for cases in given.cases}
        ways = {
            "one job": ["--jobs", "1"],
            "two jobs": ["--jobs", "2"],
            "two jobs, 2 GB each": ["--jobs", "2", "--memory", "2GB"],
            "Dask, two workers": ["--scheduler", address],
        }
        compare(cohorts, ways, given.repeats)


@contextmanager
def dask_cluster() -> Iterator[str]:
    """The address of two workers of one thread on this machine."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=":0", silence_logs=50
    ) as cluster:
        yield str(cluster.scheduler_address)


def of_size(cohort: str, cases: int, folder: Path) -> Path:
    """A cohort of so many cases, which repeat the images of another."""
    table = pd.read_csv(cohort, dtype=str)
    for column in ("Image", "Mask"):
        table[column] = [str(Path(cohort).absolute().parent / path) for path in table[column]]
    copies = -(-cases // len(table))
    repeated = pd.concat([table.assign(ID=table["ID"] + f"-{copy}") for copy in range(copies)])
    path = folder / f"{cases}.csv"
    repeated.head(cases).to_csv(path, index=False)
    return path


def compare(cohorts: dict[int, Path], ways: dict[str, list[str]], repeats: int) -> None:
    small, middle, large = cohorts
    found: dict[tuple[str, int], list[Measured]] = {}
    for _ in range(repeats):
        for way, options in ways.items():
            for cases in (small, middle):
                found.setdefault((way, cases), []).append(extract(cohorts[cases], options))
    for way in ("one job", "two jobs"):
        found[way, large] = [extract(cohorts[large], ways[way])]
    print(f"{len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[1]:.1f}, least of {repeats}")
    print(f"{'':22}{'cases/s':>9}  {'seconds':>13}  peak MB together (command alone), by cases")
    for way in ways:
        taken = {cases: min(one.seconds for one in found[way, cases]) for cases in (small, middle)}
        rate = (middle - small) / (taken[middle] - taken[small])
        peaks = [peak(cases, found.get((way, cases), [])) for cases in cohorts]
        seconds = f"{taken[small]:.1f}, {taken[middle]:.1f}"
        print(f"{way:22}{rate:9.1f}  {seconds:>13}  {'   '.join(filter(None, peaks))}")


def peak(cases: int, runs: list[Measured]) -> str:
    if not runs:
        return ""
    together, command = (max(values) for values in zip(*((r.together, r.command) for r in runs), strict=True))
    return f"{cases}: {together:.0f} ({command:.0f})"


def extract(cohort: Path, options: list[str]) -> Measured:
    """Run the command on a cohort."""
    words = ["extract", "radiomics", str(cohort), "--quiet", "-o", f"{cohort}.features.csv", *options]
    began = time.perf_counter()
    running = subprocess.Popen(
        [sys.executable, "-m", "radcompare", *words],
        env={**os.environ, "RADCOMPARE_CACHE": ""},
        stderr=subprocess.DEVNULL,
    )
    together = command = 0
    while running.poll() is None:
        sizes = {process: resident(process) for process in family(running.pid)}
        together = max(together, sum(sizes.values()))
        command = max(command, sizes.get(running.pid, 0))
        time.sleep(PAUSE_S)
    assert running.returncode == 0, words
    return Measured(time.perf_counter() - began, together / 1e6, command / 1e6)


def family(process: int) -> Iterator[int]:
    """A process and all that come of it."""
    yield process
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found = children.read_text().split()
        except OSError:  # it has ended
            continue
        for child in found:
            yield from family(int(child))


def resident(process: int) -> int:
    """Bytes of a process in memory."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


if __name__ == "__main__":
    main()
