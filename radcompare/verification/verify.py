"""Run a stored experiment again and hold every table and number against what is stored."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from radcompare.cache import Cache
from radcompare.config import load_experiment
from radcompare.errors import RadcompareError, TableError
from radcompare.experiment import run
from radcompare.parallel import Progress, silent
from radcompare.provenance import read_json
from radcompare.verification.causes import Cause, changed_inputs, changed_settings
from radcompare.verification.comparing import Difference, compare_json, compare_tables
from radcompare.verification.tolerances import Tolerance

TABLES = ("failures.csv", "curves.csv", "predictions.csv", "selected.csv", "chosen.csv")


@dataclass(frozen=True)
class Verification:
    """What came of running again.

    Attributes:
        causes: what changed beneath the run, in the order in which it could matter.
        differences: of tables and numbers, in the order of the flow: features, predictions, results.
        compared: files that were compared.
        tolerance: how far numbers were allowed to lie apart.
        stopped: why the experiment could not be run again; empty where it could.
    """

    causes: tuple[Cause, ...]
    differences: tuple[Difference, ...]
    compared: tuple[str, ...]
    tolerance: Tolerance
    stopped: str = ""

    @property
    def same(self) -> bool:
        """Whether the run reproduces: every number is as it was, and so is what it was made from."""
        changed = any(cause.kind != "version" for cause in self.causes)
        return not (self.differences or self.stopped or changed)


def read_run(folder: Path) -> dict[str, Any]:
    """The provenance of a finished run.

    Raises:
        TableError: the folder holds none.
    """
    path = folder / "run.json"
    if not (folder / "results.json").is_file():
        raise TableError(f"{folder}: holds no results.json", "give the folder of a finished run")
    stored = read_json(path)
    if not stored:
        raise TableError(f"{path}: is not there, or empty", "give the folder of a finished run")
    return stored


def verify(folder: Path, *, jobs: int = 1, progress: Progress = silent) -> Verification:
    """Run the experiment of a folder again, without any cache, and compare.

    Args:
        folder: of a finished run; nothing in it is changed.
        jobs: number of processes.
        progress: told how far every loop is.

    Raises:
        TableError: the folder holds no finished run, or its cohort or table is gone.
        ConfigError: its `config.yaml` cannot be read.
    """
    stored = read_run(folder)
    experiment = load_experiment(folder / "config.yaml")
    causes = (*changed_inputs(folder, experiment, stored), *changed_settings(experiment, stored))
    tolerance = Tolerance(exact=not any(cause.kind == "version" for cause in causes))
    with tempfile.TemporaryDirectory(prefix="radcompare-verify-") as place:
        try:
            run(experiment, Path(place), cache=Cache(None), jobs=jobs, progress=progress, drawn=False)
        except RadcompareError as error:
            return Verification(causes, (), (), tolerance, error.message)
        names = list(_names(folder, Path(place)))
        differences = tuple(
            difference for name in names for difference in _compare(name, folder, Path(place), tolerance)
        )
    return Verification(causes, differences, tuple(names), tolerance)


def _names(stored: Path, found: Path) -> Iterator[str]:
    """The tables of either, in the order of the flow, and the results."""
    features = {path.name for folder in (stored, found) for path in (folder / "features").glob("*.csv")}
    yield from (f"features/{name}" for name in sorted(features))
    yield from (name for name in TABLES if (stored / name).is_file() or (found / name).is_file())
    yield "results.json"


def _compare(name: str, stored: Path, found: Path, tolerance: Tolerance) -> Iterator[Difference]:
    there = [(folder / name).is_file() for folder in (stored, found)]
    if not all(there):
        words = ["there" if one else "absent" for one in there]
        yield Difference(name, "the file", "", words[0], words[1], float("inf"))
        return
    compare = compare_json if name.endswith(".json") else compare_tables
    yield from compare(name, stored / name, found / name, tolerance)
