"""Damaged files read in a process of their own, so that a crash, a hang or a hunger for memory is an answer, too.

The process is given a bound on memory, and a watchdog that ends it where one file takes too long; it says what it is
about to read, and what came of it. Where it dies, the file it was at is blamed, and another process goes on.
"""

import argparse
import faulthandler
import importlib
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
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from targets import Target, judge

MEMORY = 2 * 2**30
"""Bytes that a file may cost beyond what the process has when it begins."""
LIMIT_S = 10.0
"""Seconds that a file may take."""
TRACE = "trace.txt"
"""Where a process that dies leaves its last frames."""


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


def tried(
    jobs: Sequence[Job], seed: int = 1, *, module: str = "targets", limit_s: float = LIMIT_S
) -> Iterator[Found]:
    """Read the inputs of all jobs, in their order.

    Args:
        jobs: what to read.
        seed: of the damage.
        module: whose function `targets` gives all targets.
        limit_s: seconds that a file may take.
    """
    options = ["--seed", str(seed), "--module", module, "--limit", str(limit_s)]
    waiting = list(jobs)
    while waiting:
        at: tuple[str, int] | None = None
        with tempfile.TemporaryDirectory() as folder:
            for said in _of_process(waiting, [*options, "--folder", folder]):
                if isinstance(said, Found):
                    yield said
                    at = None
                elif not isinstance(said, int):
                    at = said
                    waiting = _left(waiting, *at)
                elif at is not None:
                    trace = (Path(folder) / TRACE).read_text("utf-8", "replace")
                    yield Found(*at, "fault", _death(said, trace, limit_s))
                elif said:
                    raise RuntimeError(f"the process ended with {said} between files")
        if at is None:
            return


def _left(jobs: Sequence[Job], target: str, number: int) -> list[Job]:
    """What comes after an input."""
    place = next(place for place, job in enumerate(jobs) if job.target == target)
    now = jobs[place]
    rest = [now._replace(first=number + 1)] if number + 1 < now.last else []
    return [*rest, *jobs[place + 1 :]]


def _of_process(jobs: Sequence[Job], options: Sequence[str]) -> Iterator[Found | tuple[str, int] | int]:
    """What a process says: an input that it begins, what came of it, and with which code it ended."""
    reading, writing = os.pipe()
    with subprocess.Popen(
        [sys.executable, __file__, "--jobs", json.dumps(jobs), "--say", str(writing), *options],
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


def _death(code: int, trace: str, limit_s: float) -> str:
    how = f"ended with {code}" if code > 0 else f"killed by {signal.Signals(-code).name}"
    if "Timeout" in trace:
        how = f"took more than {limit_s:g} s"
    places = re.findall(r'/(radcompare/[\w/]+\.py)", line (\d+)', trace)
    return f"{':'.join(places[0])}: {how}" if places else how


def _read_all(jobs: Sequence[Job], asked: argparse.Namespace) -> None:
    """What the other process does."""
    known = importlib.import_module(asked.module).targets()
    warnings.simplefilter("ignore")
    with (asked.folder / TRACE).open("w") as trace:
        faulthandler.enable(trace)
        for name, first, last in jobs:
            _read_seeds(known[name], asked.folder)
            _bound_memory()
            for number in range(first, last):
                _say(asked.say, name, number)
                content = known[name].input(number, asked.seed)
                with _written(content, known[name].suffix, asked.folder) as path:
                    faulthandler.dump_traceback_later(asked.limit, exit=True, file=trace)
                    verdict = judge(known[name], path)
                    faulthandler.cancel_dump_traceback_later()
                _say(asked.say, name, number, verdict.outcome, verdict.what)


def _say(pipe: int, *said: str | int) -> None:
    os.write(pipe, json.dumps(said).encode() + b"\n")


@contextmanager
def _written(content: bytes, suffix: str, folder: Path) -> Iterator[Path]:
    """A file alone in a folder."""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        path = Path(own) / f"x{suffix}"
        path.write_bytes(content)
        yield path


def _read_seeds(target: Target, folder: Path) -> None:
    """What is valid is read, and all libraries are there before memory is bounded."""
    for seed in target.seeds():
        with _written(seed, target.suffix, folder) as path:
            target.read(path)


def _bound_memory() -> None:
    status = Path("/proc/self/status")
    if status.exists():
        (held,) = re.findall(r"^VmData:\s+(\d+) kB", status.read_text(), flags=re.MULTILINE)
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (int(held) * 1024 + MEMORY, hard))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for option in ("--jobs", "--module"):
        parser.add_argument(option)
    for option, kind in (("--seed", int), ("--say", int), ("--folder", Path), ("--limit", float)):
        parser.add_argument(option, type=kind)
    given = parser.parse_args()
    _read_all([Job(*job) for job in json.loads(given.jobs)], given)
