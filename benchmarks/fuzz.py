"""Thousands of damaged files for everything that reads one: what is no error of ours, a crash or a hang is a fault.

    python benchmarks/fuzz.py [--target csv nifti ...] [--inputs 3000] [--seed 1]
    python benchmarks/fuzz.py --target nifti --input 812 --keep broken.nii

Valid files are damaged by a seeded generator (`tests/hostile/mutation.py`): bits flipped, cut off, numbers set to
extremes, chunks repeated, encodings changed, what means something to YAML, CSV or a terminal put in. A process of
its own reads them, with 2 GB of memory and ten seconds for each. Whatever it finds has the number of its input;
`--input` writes that file and reads it here, with the whole traceback.
"""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "hostile"))

from targets import targets
from trial import Job, tried

SHOWN = 4
"""Numbers of inputs told of a fault."""


def main() -> None:
    known = targets()
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--target", nargs="+", choices=known, default=list(known), metavar="NAME")
    parser.add_argument("--inputs", type=int, default=3000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--input", type=int)
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    if asked.input is not None:
        again(asked.target[0], asked.input, asked.seed, asked.keep)
        return
    print(f"{'target':18} {'inputs':>7} {'read':>7} {'refused':>8} {'faults':>7} {'seconds':>8}")
    faults = sum(try_one(name, asked.first, asked.inputs, asked.seed) for name in asked.target)
    sys.exit(faults > 0)


def try_one(name: str, first: int, inputs: int, seed: int) -> int:
    """A line for a target, and below it a line for every kind of fault; how many faults there were."""
    begun = time.perf_counter()
    found = list(tried([Job(name, first, first + inputs)], seed))
    counts = Counter(each.outcome for each in found)
    told = (f"{counts[outcome]:{width}}" for outcome, width in (("read", 7), ("refused", 8), ("fault", 7)))
    print(f"{name:18} {len(found):7} {' '.join(told)} {time.perf_counter() - begun:8.1f}", flush=True)
    kinds: dict[str, list[int]] = {}
    for each in found:
        if each.outcome == "fault":
            kinds.setdefault(each.what, []).append(each.number)
    for what, numbers in sorted(kinds.items(), key=lambda kind: -len(kind[1])):
        print(f"    {len(numbers)} x {what} (inputs {', '.join(map(str, numbers[:SHOWN]))})", flush=True)
    return counts["fault"]


def again(name: str, number: int, seed: int, keep: Path | None) -> None:
    """One input, here."""
    target = targets()[name]
    path = keep or Path(f"fuzz-{name}-{number}{target.suffix}")
    path.write_bytes(target.input(number, seed))
    print(path)
    print(target.read(path))


if __name__ == "__main__":
    main()
