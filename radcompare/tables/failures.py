"""The cases that could not be measured, and why: `failures.csv`."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

import pandas as pd

from radcompare.tables.case import Failure
from radcompare.tables.files import write_frame


def write_failures(failures: Sequence[Failure], path: Path) -> None:
    """Write `failures.csv`; without a failure it holds the header alone."""
    columns = [field.name for field in fields(Failure)]
    write_frame(pd.DataFrame([asdict(failure) for failure in failures], columns=columns), path)
