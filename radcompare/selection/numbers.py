"""Columns as a linear method needs them: no gaps, standardised, nominal ones as indicators of their levels.

A missing value becomes the median of the training rows, a missing level the most frequent one (the lowest of
equals). A nominal column stands for one column of 0 and 1 per level (one in all if it has two), and its score
is the best of theirs.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from radcompare.selection.difference import features
from radcompare.selection.training_rows import Floats, Integers, Training


@dataclass(frozen=True)
class Numbers:
    """Training rows as numbers.

    Attributes:
        values: shape (n, q), mean 0 and variance 1; columns that do not vary are left out.
        column: shape (q,), ascending; the column of the training rows that each of them comes from.
        columns: p, how many columns the training rows have.
    """

    values: Floats
    column: Integers
    columns: int

    def best(self, scores: Floats) -> Floats:
        """The best score of every column of the training rows, shape (p,); 0 if it does not vary."""
        found = np.zeros(self.columns)
        np.maximum.at(found, self.column, scores)
        return found

    def of(self, column: int) -> slice:
        """Where the numbers of one column of the training rows are."""
        first, end = np.searchsorted(self.column, [column, column + 1])
        return slice(int(first), int(end))


def numbers(rows: Training, *, ranked: bool = False) -> Numbers:
    """Training rows as numbers.

    Args:
        rows: the training rows.
        ranked: take the midranks of numeric columns in place of their values.

    Raises:
        DataError: a range is larger than the largest float64.
    """
    varies = varying(rows)
    filled = _midranks(rows) if ranked else scaled(rows)
    numeric = np.flatnonzero(varies & (rows.levels == 0))
    parts, owners = [filled[:, numeric]], [numeric]
    for column in np.flatnonzero(varies & (rows.levels > 0)):
        present = np.unique(filled[:, column])
        levels = present[1:] if len(present) == 2 else present
        parts.append((filled[:, column, None] == levels).astype(np.float64))
        owners.append(np.full(len(levels), column))
    values, owner = np.hstack(parts), np.concatenate(owners)
    order = np.argsort(owner, kind="stable")
    values = values[:, order] - values[:, order].mean(axis=0)
    return Numbers(values / values.std(axis=0), owner[order], len(rows.levels))


def varying(rows: Training) -> NDArray[np.bool_]:
    """Whether a column holds two different values, shape (p,)."""
    return np.asarray(rows.low < rows.high)


def _midranks(rows: Training) -> Floats:
    """Ranks of the values as they are: scaling first could make close ones equal."""
    values = imputed(rows)
    numeric = rows.levels == 0
    values[:, numeric] = rankdata(values[:, numeric], axis=0)
    return values


def scaled(rows: Training) -> Floats:
    """Numeric columns from 0 to 1 over the rows (0 if constant), nominal codes as they are, gaps filled.

    Raises:
        DataError: a range is larger than the largest float64.
    """
    nominal = rows.levels > 0
    span = np.where(nominal, 1, features(rows, "exact").span)
    return (imputed(rows) - np.where(nominal, 0, np.nan_to_num(rows.low))) / span


def imputed(rows: Training) -> Floats:
    """Values with gaps filled: medians, most frequent levels, 0 where nothing is known; shape (n, p)."""
    missing = np.isnan(rows.values)
    values = np.where(missing, 0.0, rows.values)
    for column in np.flatnonzero(missing.any(axis=0) & ~missing.all(axis=0)):
        known = rows.values[~missing[:, column], column]
        fill = np.bincount(known.astype(np.int64)).argmax() if rows.levels[column] else np.median(known)
        values[missing[:, column], column] = fill
    return values
