"""Columns of formats that keep types (Parquet, ARFF), as CSV would have given them."""

from collections.abc import Callable

import pandas as pd


def as_from_csv(frame: pd.DataFrame, is_text: Callable[[str], bool]) -> pd.DataFrame:
    """The table without declared levels, and with text where CSV has text: the arm 1.0 is called "1".

    Args:
        frame: as it was read.
        is_text: whether the column of that name is text though its cells may look like numbers.
    """
    return frame.assign(**{str(name): _plain(column, is_text(str(name))) for name, column in frame.items()})


def _plain(column: pd.Series, is_text: bool) -> pd.Series:
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = _of_levels(column.astype("object").infer_objects())
    if not is_text:
        return column
    if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    return column.astype("str").where(column.notna())


def _of_levels(column: pd.Series) -> pd.Series:
    """Levels that are numbers, all of them, as numbers."""
    numbers = pd.to_numeric(column, errors="coerce")
    return column if (numbers.isna() & column.notna()).any() else numbers
