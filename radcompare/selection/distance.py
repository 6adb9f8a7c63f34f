"""Relief-F's distance of two rows: the sum of their differences over all features."""

from collections.abc import Iterator

import numpy as np
from scipy.spatial.distance import cdist, pdist, squareform

from radcompare.selection.difference import Features
from radcompare.selection.training_rows import Floats, Integers

ENTRIES_HELD = 2**26
ENTRIES_AT_ONCE = 2**22


def distance_blocks(
    features: Features, rows: Integers, *, in_column_order: bool = False
) -> Iterator[tuple[Integers, Floats]]:
    """Distances from some rows to all n, in blocks that bound the memory.

    Args:
        features: the columns.
        rows: indices of the rows asked about.
        in_column_order: add the features one after another in column order, as a plain loop does. It is
            slower where columns are nominal or values missing, and decides which distances tie in the
            last bit.

    Yields:
        Some of the rows, and their distances, shape (rows, n).
    """
    n = len(features.training.values)
    held, at_once = max(1, ENTRIES_HELD // n), max(1, ENTRIES_AT_ONCE // n)
    measure = ordered_distances if in_column_order else distances
    for start in range(0, len(rows), held):
        asked = rows[start : start + held]
        measured = measure(features, asked)
        for first in range(0, len(asked), at_once):
            yield asked[first : first + at_once], measured[first : first + at_once]


def distances(features: Features, rows: Integers) -> Floats:
    """Distances from some rows to all n, shape (rows, n), each kind of column by its fastest route."""
    total = np.zeros((len(rows), len(features.training.values)))
    for columns in features.column_blocks():
        values = features.scaled(columns)
        if features.is_nominal(columns):
            total += _nominal(values, rows, features.training.levels[columns])
        else:
            total += _numeric(values, rows)
    return total


def ordered_distances(features: Features, rows: Integers) -> Floats:
    """The same, every feature added in column order: equal to Weka's sums to the last bit."""
    columns = np.arange(len(features.training.levels))
    if not features.training.levels.any() and not np.isnan(features.training.values).any():
        return _city_block(features.scaled(columns), rows)
    total = np.zeros((len(rows), len(features.training.values)))
    for column in columns:
        values = features.scaled(columns[column : column + 1])
        total += features.difference(columns[column : column + 1], values[rows], values.T)
    return total


def _city_block(values: Floats, rows: Integers) -> Floats:
    """Sums of |a - b|; SciPy adds the columns in their order, and half of a symmetric table is enough."""
    if np.array_equal(rows, np.arange(len(values))):
        return np.asarray(squareform(pdist(values, "cityblock"), checks=False))
    return np.asarray(cdist(values[rows], values, "cityblock"))


def _numeric(values: Floats, rows: Integers) -> Floats:
    """City-block distances with missing values at 0, then what is lacking where one or both are missing."""
    total = _city_block(np.nan_to_num(values, nan=0.0), rows)
    holed = values[:, np.isnan(values).any(axis=0)]
    if holed.size:
        missing = np.isnan(holed).astype(np.float64)
        lacking = np.nan_to_num(np.maximum(holed, 1 - holed) - holed, nan=0.0)
        total += (lacking + missing)[rows] @ missing.T + missing[rows] @ lacking.T
    return total


def _nominal(codes: Floats, rows: Integers, levels: Integers) -> Floats:
    """Counts of unequal codes, then each pair with a missing value moved from 1 or 0 to 1 - 1/L."""
    filled = np.nan_to_num(codes, nan=-1.0)
    total = np.rint(cdist(filled[rows], filled, "hamming") * len(levels))
    missing = np.isnan(codes).astype(np.float64)
    if missing.any():
        present, chance = 1 - missing, 1 / levels
        total -= (missing * chance)[rows] @ present.T + (present * chance)[rows] @ missing.T
        total += (missing * (1 - chance))[rows] @ missing.T
    return np.asarray(total)
