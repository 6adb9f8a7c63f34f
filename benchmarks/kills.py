"""Kill a run at random moments, let it go on, and compare every file with those of a run that was left alone.

    python benchmarks/kills.py --cohort path/to/lidc-nodules/cohort.csv --kills 30

Every kill is a SIGKILL to the run and all its processes, at a moment drawn evenly from the time that a run takes.
Then the same command is given again, and what it leaves in its folder has to be the same bytes, but for the times in
`run.json`. Every second run has two processes.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

CONFIG = Path(__file__).parents[1] / "sample_configs" / "nodules.yaml"
TIMES = ("started", "seconds")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cohort", required=True)
    parser.add_argument("--config", default=str(CONFIG))
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    draw = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(Path(folder), asked.config, asked.cohort)
        seconds = trial.whole()
        print(f"left alone: {seconds:.1f} s, {len(trial.expected)} files")
        wrong = 0
        for number in range(1, asked.kills + 1):
            moment = draw.uniform(0, seconds)
            kept, differing, code = trial.killed(moment, jobs=1 + number % 2)
            wrong += bool(differing) or code != 0
            said = "identical" if not differing else f"DIFFERENT: {', '.join(differing)}"
            print(
                f"{number:3}  killed after {moment:5.1f} s  {kept:4} entries kept  exit {code}  {said}",
                flush=True,
            )
    print(f"{asked.kills} kills, {wrong} of them with a difference")
    sys.exit(bool(wrong))


class Trial:
    """One experiment, run again and again in folders of its own."""

    def __init__(self, folder: Path, config: str, cohort: str) -> None:
        self.folder, self.config, self.cohort = folder, config, str(Path(cohort).absolute())
        self.expected: dict[str, str] = {}

    def whole(self) -> float:
        """Run once without being disturbed."""
        started = time.perf_counter()
        process = self._start("whole", 1)
        assert process.wait() == 0
        seconds = time.perf_counter() - started
        self.expected = digests(self.folder / "whole" / "run")
        return seconds

    def killed(self, moment: float, jobs: int) -> tuple[int, list[str], int]:
        """Kill a run after some seconds, let it go on, and name the files that differ."""
        process = self._start("killed", jobs)
        with suppress(subprocess.TimeoutExpired):
            process.wait(moment)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        kept = sum(1 for path in (self.folder / "killed" / "cache").rglob("*") if path.is_file())
        code = self._start("killed", jobs).wait()
        found = digests(self.folder / "killed" / "run")
        differing = [
            name
            for name in sorted(found.keys() | self.expected.keys())
            if found.get(name) != self.expected.get(name)
        ]
        shutil.rmtree(self.folder / "killed")
        return kept, differing, code

    def _start(self, name: str, jobs: int) -> "subprocess.Popen[bytes]":
        place = self.folder / name
        place.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "radcompare", "run", self.config, "--cohort", self.cohort]
        command += ["--out", str(place / "run"), "-q", "-j", str(jobs)]
        environment = {**os.environ, "RADCOMPARE_CACHE": str(place / "cache")}
        environment.setdefault("RADCOMPARE_DATA", str(Path(self.cohort).parents[1]))
        return subprocess.Popen(
            command,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file in a folder, hidden ones too; of `run.json`, without its times."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            if path.name == "run.json":
                told = {key: value for key, value in json.loads(content).items() if key not in TIMES}
                content = json.dumps(told).encode()
            found[str(path.relative_to(folder))] = hashlib.sha256(content).hexdigest()
    return found


if __name__ == "__main__":
    main()
