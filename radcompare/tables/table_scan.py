"""One look at all rows of a feature table, some at a time, for everything that a check tells of values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.tables.class_column import ClassColumn
from radcompare.tables.features import matrix
from radcompare.tables.levels import with_levels
from radcompare.tables.mixed_cells import MixedCells
from radcompare.tables.repeats import row_hashes
from radcompare.tables.rows import Rows, batches
from radcompare.tables.separation import Spans
from radcompare.tables.streamed_features import as_features


@dataclass(frozen=True)
class Wanted:
    """What to look at.

    Attributes:
        features: without a row, as they are of the whole table.
        levels: of columns that the sidecar calls nominal.
        classes: columns that say a class; the first of them is the outcome where there is one.
        by_class: whether features are held against the first of `classes`.
        compared: features by which rows are the same.
        texts: columns of text in which numbers are looked for.
        decimal: the sign before decimals.
    """

    features: pd.DataFrame
    levels: Mapping[str, Sequence[str]]
    classes: tuple[ClassColumn, ...]
    by_class: bool
    compared: tuple[str, ...]
    texts: tuple[str, ...]
    decimal: str = "."


@dataclass
class Scan:
    """What was seen.

    Attributes:
        spans: of the features.
        mixed: of every column of `Wanted.texts`.
        hashes, blank: of every row, and whether none of its compared features has a value.
        codes, filled: of every column of classes: the class of every row, and how many rows have a value.
    """

    spans: Spans
    mixed: dict[str, MixedCells]
    hashes: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, dtype=np.uint64))
    blank: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=bool))
    codes: dict[str, NDArray[np.int16]] = field(default_factory=dict)
    filled: dict[str, int] = field(default_factory=dict)


def scan(rows: Rows, numbers: NDArray[np.int64], wanted: Wanted, cells: int) -> Scan:
    """Look at all rows.

    Args:
        rows: of the table.
        numbers: what messages call each row.
        wanted: what to look at.
        cells: that are held at a time.
    """
    levels = matrix(wanted.features)[1]
    outcome = wanted.classes[0] if wanted.by_class else None
    seen = Scan(
        Spans(levels, len(outcome.classes) if outcome else 0),
        {name: MixedCells(wanted.decimal) for name in wanted.texts},
        filled={column.name: 0 for column in wanted.classes},
    )
    columns = [*wanted.features.columns, *wanted.texts, *(column.name for column in wanted.classes)]
    names = list(dict.fromkeys(columns))
    compared = wanted.features.columns.isin(wanted.compared)
    hashes, blank, codes = [], [], []
    for places in batches(len(rows), len(rows.columns), cells):
        frame = rows.read(places, names)
        values = _values(frame, wanted)
        codes.append({column.name: column.codes(frame[column.name]) for column in wanted.classes})
        unknown = np.full(len(frame), -1)
        seen.spans.add(values, codes[-1][outcome.name] if outcome else unknown)
        hashes.append(row_hashes(values[:, compared]))
        blank.append(np.isnan(values[:, compared]).all(axis=1))
        for name, cells_of in seen.mixed.items():
            cells_of.add(frame[name], numbers[places])
        for name in seen.filled:
            seen.filled[name] += int(frame[name].notna().sum())
    seen.hashes, seen.blank = np.concatenate(hashes), np.concatenate(blank)
    seen.codes = {name: np.concatenate([part[name] for part in codes]) for name in seen.filled}
    return seen


def _values(frame: pd.DataFrame, wanted: Wanted) -> NDArray[np.float64]:
    """The features as numbers, codes from 0 of the levels that the whole column has."""
    names = list(wanted.features.columns)
    declared = {name: own for name, own in wanted.levels.items() if name in names}
    features = as_features(with_levels(frame[names], declared, ""), wanted.features)
    nominal = (wanted.features.dtypes != np.float64).to_numpy(dtype=bool)
    values = np.empty(features.shape)
    values[:, ~nominal] = features.loc[:, ~nominal].to_numpy()
    values[:, nominal] = matrix(features.loc[:, nominal])[0]
    return values
