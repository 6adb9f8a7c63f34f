"""Relief-F's distance of two rows: the sum of their differences over all features."""

from collections.abc import Callable, Iterator

import numpy as np
from scipy.spatial.distance import cdist, pdist, squareform

from radcompare.selection.difference import Features
from radcompare.selection.training_rows import Floats, Integers

ENTRIES_HELD = 2**26
ENTRIES_AT_ONCE = 2**22


def city_block(values: Floats) -> Floats:
    """Sums of |a - b| over the columns for all pairs of rows, in SciPy's condensed form."""
    return np.asarray(pdist(values, "cityblock"))


def distances(
    features: Features, rows: Integers, all_pairs: Callable[[Floats], Floats] = city_block
) -> Floats:
    """Distances from some rows to all n, shape (rows, n), each kind of column by its fastest route.

    The distance of two rows without missing or nominal values is the same to the last bit whichever the
    other rows are.

    Args:
        features: the columns.
        rows: indices of the rows asked about.
        all_pairs: what to use in place of `city_block` where these are all rows.
    """
    n = len(features.training.values)
    everyone = np.array_equal(rows, np.arange(n))
    sums = np.zeros(n * (n - 1) // 2 if everyone else (len(rows), n))
    others: Floats | None = None
    for columns in features.column_blocks():
        values = features.scaled(columns)
        if features.is_nominal(columns):
            added: Floats | None = _nominal(values, rows, features.training.levels[columns])
        else:
            added = _lacking(values, rows)
            known = values if added is None else np.nan_to_num(values, nan=0.0)
            sums += all_pairs(known) if everyone else cdist(known[rows], known, "cityblock")
        if added is not None:
            others = added if others is None else others + added
    total = squareform(sums, checks=False) if everyone else sums
    return np.asarray(total if others is None else total + others)


def ordered_distances(features: Features, rows: Integers) -> Floats:
    """The same, features added one after another in column order, as a plain loop does.

    This is slower where columns are nominal or values missing, and equal to Weka's sums to the last bit, which
    decides which distances tie.
    """
    columns = np.arange(len(features.training.levels))
    if not features.training.levels.any() and not np.isnan(features.training.values).any():
        return _city_block(features.scaled(columns), rows)
    total = np.zeros((len(rows), len(features.training.values)))
    for column in columns:
        values = features.scaled(columns[column : column + 1])
        total += features.difference(columns[column : column + 1], values[rows], values.T)
    return total


def distance_blocks(
    features: Features, rows: Integers, measure: Callable[[Features, Integers], Floats] = distances
) -> Iterator[tuple[Integers, Floats]]:
    """Distances from some rows to all n, in blocks that bound the memory.

    Args:
        features: the columns.
        rows: indices of the rows asked about.
        measure: gives the distances of some rows.

    Yields:
        Some of the rows, and their distances, shape (rows, n).
    """
    n = len(features.training.values)
    held, at_once = max(1, ENTRIES_HELD // n), max(1, ENTRIES_AT_ONCE // n)
    for start in range(0, len(rows), held):
        asked = rows[start : start + held]
        measured = measure(features, asked)
        for first in range(0, len(asked), at_once):
            yield asked[first : first + at_once], measured[first : first + at_once]


def _city_block(values: Floats, rows: Integers) -> Floats:
    """Sums of |a - b|; SciPy adds the columns in their order, and half of a symmetric table is enough."""
    if np.array_equal(rows, np.arange(len(values))):
        return np.asarray(squareform(pdist(values, "cityblock"), checks=False))
    return np.asarray(cdist(values[rows], values, "cityblock"))


def _lacking(values: Floats, rows: Integers) -> Floats | None:
    """What a city-block distance with missing values at 0 lacks where one or both are missing, if any is."""
    holed = values[:, np.isnan(values).any(axis=0)]
    if not holed.size:
        return None
    missing = np.isnan(holed).astype(np.float64)
    lacking = np.nan_to_num(np.maximum(holed, 1 - holed) - holed, nan=0.0)
    return np.asarray((lacking + missing)[rows] @ missing.T + missing[rows] @ lacking.T)


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
