"""Nominal columns: levels that a sidecar declares, whatever the format of the table made of them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pandas as pd

from radcompare.errors import TableError
from radcompare.tables.roles import abridged
from radcompare.tables.sidecar import meta_path


def with_levels(frame: pd.DataFrame, levels: Mapping[str, Sequence[str]], where: str) -> pd.DataFrame:
    """Columns that the sidecar says are nominal, with all levels that were declared.

    Formats that keep numbers may give the level "1" as 1 or 1.0.

    Raises:
        TableError: such a column holds something else.
    """
    nominal = {}
    for name in (str(column) for column in frame.columns if column in levels):
        text = _as_declared(frame[name], levels[name])
        unknown = sorted(set(text.dropna()) - set(levels[name]))
        if unknown:
            problem = f"{where}: {name!r} holds {unknown[0]!r}, which is none of the levels in its sidecar"
            hint = f"expected {abridged(levels[name])}; or remove {meta_path(Path(where))}"
            raise TableError(problem, hint)
        nominal[name] = text.astype(pd.CategoricalDtype(list(levels[name])))
    return frame.assign(**nominal)


def _as_declared(column: pd.Series, levels: Sequence[str]) -> pd.Series:
    """Cells as text, numbers as the level that is the same number."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype("object").infer_objects()
    text = column.astype("str").where(column.notna())
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        return text
    declared: dict[float, str] = {}
    for level in levels:
        with suppress(ValueError):
            declared.setdefault(float(level), level)
    return column.map(declared).astype("str").where(column.isin(list(declared)), text)
