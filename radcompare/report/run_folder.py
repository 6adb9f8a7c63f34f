"""The report of a run that is finished, written anew from the files in its folder."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from io import StringIO
from pathlib import Path

from radcompare.config import load_experiment
from radcompare.errors import TableError
from radcompare.report.page import write_report
from radcompare.tables.case import Failure
from radcompare.tables.files import read_bytes
from radcompare.tables.results import read_results


def rewrite_report(folder: Path) -> Path:
    """Write `report.html` and `figures/` from `results.json`, `config.yaml` and `failures.csv`.

    Returns:
        The path of the page.

    Raises:
        TableError: the folder holds no finished run.
    """
    if not (folder / "results.json").is_file():
        raise TableError(f"{folder}: holds no results.json", "give the folder of a finished run")
    results = read_results(folder / "results.json")
    experiment = load_experiment(folder / "config.yaml")
    failures = read_failures(folder / "failures.csv")
    with showable(folder / "results.json"):
        write_report(results, experiment, failures, folder)
    return folder / "report.html"


@contextmanager
def showable(path: Path) -> Iterator[None]:
    """Show results that were read from a file, which may have been changed since it was written.

    Raises:
        TableError: they contradict themselves (a pair of arms that are not there, an interval of three numbers).
    """
    try:
        yield
    except (LookupError, ValueError, TypeError, AttributeError, ArithmeticError) as error:
        problem = f"{path}: cannot be shown, it is not as a run writes it: {type(error).__name__}: {error}"
        raise TableError(problem, "run the experiment again") from error


def read_failures(path: Path) -> list[Failure]:
    """Read `failures.csv`, every cell as it was written: a case may be called `NA`, or 007.

    Raises:
        TableError: it is not what `write_failures` writes.
    """
    hint = "give the folder of a finished run"
    columns = [field.name for field in fields(Failure)]
    try:
        text = read_bytes(str(path)).decode("utf-8")
        header, *rows = csv.reader(StringIO(text, newline=""), strict=True)
    except (ValueError, csv.Error) as error:
        raise TableError(f"{path}: cannot be read as a list of failures: {error}", hint) from None
    if header != columns or any(len(row) != len(columns) for row in rows):
        raise TableError(f"{path}: expected rows of {', '.join(columns)}", hint)
    return [Failure(*row) for row in rows]
