"""Deep features: the rate of the command beside the bare network's, and beside a plain loop over images.

    python benchmarks/deep.py [--cohort cohort.csv] [--network cnn-f --layer full7] [--repeats 3]

The bare network looks at batches of noise that lie in memory. The command is the whole of `radcompare extract deep`
in a process of its own, from reading the files to writing the table, nothing cached; what it takes for its first
cases (start, imports, making the network) is measured by itself and taken off, so that rates are per further case.
The plain loop reads, prepares and shows one image at a time to a network that is there already. All use every core,
run in turn and equally often; medians are told. Without --cohort, phantoms. Peak memory of the command is told for a
quarter of the cases and for all of them.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import torch

from radcompare.deep.activations import DeepExtractor
from radcompare.deep.networks import Network, load_network
from radcompare.deep.weights import Wanted, load
from radcompare.imaging.phantom import write_cohort
from radcompare.imaging.reading import read_region
from radcompare.memory import keep_freed_memory
from radcompare.settings import Phantom
from radcompare.source_settings import DeepSource
from radcompare.tables.cohort import Cohort, read_cohort

FIRST = 16
"""Cases that stand for the start of the command."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cohort", help="a cohort of real images")
    parser.add_argument("--network", default="cnn-f")
    parser.add_argument("--layer", default="full7")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole = given.cohort or str(write_cohort(Phantom(cases=200), folder / "phantom"))
        parts = {size: part(whole, size, folder) for size in sizes(whole)}
        compare(parts, given)


def sizes(cohort: str) -> tuple[int, int, int]:
    cases = len(read_cohort(cohort).cases)
    return FIRST, max(FIRST + 1, cases // 4), cases


def part(cohort: str, cases: int, folder: Path) -> str:
    """The first cases of a cohort as a cohort of its own."""
    table = pd.read_csv(cohort, dtype=str).head(cases)
    for column in ("Image", "Mask"):
        table[column] = [str(Path(cohort).absolute().parent / path) for path in table[column]]
    path = folder / f"first-{cases}.csv"
    table.to_csv(path, index=False)
    return str(path)


def compare(parts: dict[int, str], given: argparse.Namespace) -> None:
    keep_freed_memory()  # for all
    first, quarter, cases = parts
    source = DeepSource(network=given.network, weights="random", layer=(given.layer,), batch=given.batch)
    network = load_network(given.network)
    model = load(Wanted("random"), network).model
    batch = torch.randn(given.batch, *network.input_shape)
    extractor, cohort = DeepExtractor(source), read_cohort(parts[cases])
    peaks: dict[int, int] = {}

    def command(size: int) -> None:
        peaks[size] = extract(parts[size], given)

    ways: dict[str, Callable[[], None]] = {
        "bare": lambda: bare(model, batch, cases),
        "first": lambda: command(first),
        "command": lambda: command(cases),
        "loop": lambda: loop(cohort, extractor, network, model),
    }
    bare(model, batch, given.batch)
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(given.repeats):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            taken[name].append(time.perf_counter() - began)
    command(quarter)
    tell(taken, peaks, cases, given)


def bare(model: torch.nn.Module, batch: torch.Tensor, cases: int) -> None:
    with torch.inference_mode():
        for _ in range(-(-cases // len(batch))):
            model(batch)


def extract(cohort: str, given: argparse.Namespace) -> int:
    """Run the command; its peak memory in MB."""
    words = [
        "extract",
        "deep",
        cohort,
        "--network",
        given.network,
        "--layer",
        given.layer,
        "--weights",
        "random",
    ]
    words += ["--batch", str(given.batch), "--quiet", "-o", f"{cohort}.features.csv"]
    running = subprocess.Popen(
        [sys.executable, "-m", "radcompare", *words],
        env={**os.environ, "RADCOMPARE_CACHE": ""},
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(running.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, words
    return int(usage.ru_maxrss // 1024)


def loop(cohort: Cohort, extractor: DeepExtractor, network: Network, model: torch.nn.Module) -> None:
    """What a script does: read, prepare, show, keep, one case after the other."""
    mean, std = (torch.tensor(each).reshape(-1, 1, 1) for each in (network.mean, network.std))
    kept = []
    with torch.inference_mode():
        for case in cohort.cases:
            region = read_region(case)
            picture = torch.from_numpy(extractor.show([region]).pictures)
            kept.append(model((network.scale * picture.expand(-1, len(mean), -1, -1) - mean) / std))


def tell(taken: dict[str, list[float]], peaks: dict[int, int], cases: int, given: argparse.Namespace) -> None:
    medians = {name: statistics.median(seconds) for name, seconds in taken.items()}
    rates = {
        "bare network, batched": cases / medians["bare"],
        "radcompare extract deep": (cases - FIRST) / (medians["command"] - medians["first"]),
        "plain loop": cases / medians["loop"],
    }
    threads = torch.get_num_threads()
    print(f"{given.network}, {given.layer}: {cases} cases, {threads} threads, medians of {given.repeats}")
    for name, rate in rates.items():
        share = rate / rates["bare network, batched"]
        print(f"{name:24s} {rate:7.1f} cases/s  {share:5.0%} of the bare rate")
    print(
        f"first {FIRST} cases, start and network included: {medians['first']:.1f} s; all: {medians['command']:.1f} s"
    )
    print("peak memory: " + ", ".join(f"{size} cases {peak} MB" for size, peak in sorted(peaks.items())))


if __name__ == "__main__":
    main()
