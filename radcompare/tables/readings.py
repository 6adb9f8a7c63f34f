"""How every case was read: `NAME.readings.csv` beside a feature table."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from radcompare.tables.files import write_frame

FIRST = ("ID", "sequence", "modality", "image_format", "mask_format", "size", "spacing_mm", "voxels")
"""Columns that every case has, in front; `sequence` only where images have names."""


def readings_frame(read: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """A row per image that was read; columns in the order in which cases brought them, the common ones first."""
    names = dict.fromkeys(name for row in read for name in row)
    columns = [*(name for name in FIRST if name in names), *(name for name in names if name not in FIRST)]
    # As objects: a count stays a whole number where other cases have none.
    return pd.DataFrame([dict(row) for row in read], columns=columns, dtype="object")


def readings_path(table: Path) -> Path:
    """`NAME.readings.csv` for `NAME.csv`, `NAME.csv.gz` and `NAME.parquet`."""
    return table.with_name(Path(table.name.removesuffix(".gz")).stem + ".readings.csv")


def write_readings(read: Sequence[Mapping[str, object]], path: Path) -> None:
    """Write what was recorded of every case."""
    write_frame(readings_frame(read), path)
