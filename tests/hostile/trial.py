"""Damaged files read in a process of their own, so that a crash, a hang or a hunger for memory is an answer, too.

The process is given a bound on memory, and a watchdog that ends it where one file takes too long; it says what it is
about to read, and what came of it. Where it dies, the file it was at is blamed, and another process goes on.
"""

import argparse
import faulthandler
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

MEMORY = 2 * 2**30
"""Bytes that a file may cost beyond what the process has when it begins."""
LIMIT_S = 10.0
"""Seconds that a file may take."""


class Job(NamedTuple):
    """Inputs of a target by their numbers."""

    target: str
    first: int
    last: int


class Found(NamedTuple):
    """What came of one input."""

    target: str
    number: int
    outcome: str
    what: str


def tried(jobs: Sequence[Job], seed: int = 1) -> Iterator[Found]:
    """Read the inputs of all jobs, in their order."""
    waiting = list(jobs)
    while waiting:
        at: tuple[str, int] | None = None
        with tempfile.NamedTemporaryFile("r") as trace:
            for line in _of_process(waiting, seed, trace.name):
                if isinstance(line, Found):
                    yield line
                    at = None
                elif isinstance(line, int):
                    if at is not None:
                        yield Found(
                            *at, "fault", _death(line, Path(trace.name).read_text("utf-8", "replace"))
                        )
                    elif line:
                        raise RuntimeError(f"the process ended with {line} between files")
                else:
                    at = line
                    waiting = _left(waiting, *at)
        if at is None:
            return


def _left(jobs: Sequence[Job], target: str, number: int) -> list[Job]:
    """What comes after an input."""
    place = next(place for place, job in enumerate(jobs) if job.target == target)
    now = jobs[place]
    rest = [now._replace(first=number + 1)] if number + 1 < now.last else []
    return [*rest, *jobs[place + 1 :]]


def _of_process(jobs: Sequence[Job], seed: int, trace: str) -> Iterator[Found | tuple[str, int] | int]:
    """What a process says: an input that it begins, what came of it, and with which code it ended."""
    reading, writing = os.pipe()
    command = [sys.executable, __file__, "--jobs", json.dumps(jobs), "--seed", str(seed)]
    with subprocess.Popen(
        [*command, "--say", str(writing), "--trace", trace],
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        stderr=None if os.environ.get("RADCOMPARE_DEBUG") else subprocess.DEVNULL,
    ) as process:
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as lines:
            for line in lines:
                said = json.loads(line)
                yield Found(*said) if len(said) == 4 else (str(said[0]), int(said[1]))
    yield process.returncode


def _death(code: int, trace: str) -> str:
    how = f"ended with {code}" if code > 0 else f"killed by {signal.Signals(-code).name}"
    if "Timeout" in trace:
        how = f"took more than {LIMIT_S:g} s"
    places = re.findall(r'/(radcompare/[\w/]+\.py)", line (\d+)', trace)
    return f"{':'.join(places[0])}: {how}" if places else how


def _read_all(jobs: Sequence[Job], seed: int, say: int, trace: Path) -> None:
    from targets import judge, targets

    known = targets()
    warnings.simplefilter("ignore")
    with trace.open("w") as watched:
        faulthandler.enable(watched)
        for name, first, last in jobs:
            target = known[name]
            _read_seeds(target)
            _bound_memory()
            for number in range(first, last):
                os.write(say, json.dumps([name, number]).encode() + b"\n")
                with tempfile.TemporaryDirectory() as folder:
                    path = Path(folder) / f"x{target.suffix}"
                    path.write_bytes(target.input(number, seed))
                    faulthandler.dump_traceback_later(LIMIT_S, exit=True, file=watched)
                    verdict = judge(target, path)
                    faulthandler.cancel_dump_traceback_later()
                found = [name, number, verdict.outcome, verdict.what]
                os.write(say, json.dumps(found).encode() + b"\n")


def _read_seeds(target: "Target") -> None:  # type: ignore[name-defined]  # noqa: F821
    """What is valid is read, and all libraries are there before memory is bounded."""
    for seed in target.seeds():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"x{target.suffix}"
            path.write_bytes(seed)
            target.read(path)


def _bound_memory() -> None:
    status = Path("/proc/self/status")
    if status.exists():
        (held,) = re.findall(r"^VmData:\s+(\d+) kB", status.read_text(), flags=re.MULTILINE)
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (int(held) * 1024 + MEMORY, hard))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for option, kind in (("--jobs", str), ("--seed", int), ("--say", int), ("--trace", Path)):
        parser.add_argument(option, type=kind)
    asked = parser.parse_args()
    _read_all([Job(*job) for job in json.loads(asked.jobs)], asked.seed, asked.say, asked.trace)
