"""The report of a run that is finished, written anew from the files in its folder."""

from io import BytesIO
from pathlib import Path

import pandas as pd

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
    failures = [Failure(*row) for row in _read_text(folder / "failures.csv").itertuples(index=False)]
    write_report(results, experiment, failures, folder)
    return folder / "report.html"


def _read_text(path: Path) -> pd.DataFrame:
    """A table of ours with every cell as it was written: a case may be called `NA`, or 007."""
    return pd.read_csv(BytesIO(read_bytes(str(path))), dtype="str", keep_default_na=False)
