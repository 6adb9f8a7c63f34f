"""What happens to columns before a classifier sees them, learned on the training rows alone.

Numeric columns: missing becomes the training median, then zero mean and unit variance. Nominal columns:
missing becomes the most frequent training level, then one column of 0 and 1 per level, scaled alike. A column
that is constant in the training rows, or has no value there, is 0 in all rows: it can neither help nor harm.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Levels = NDArray[np.int64]


@dataclass(frozen=True)
class Preparation:
    """What was learned from training rows.

    Attributes:
        fill: value for missing, shape (columns,).
        levels: 0 for a numeric column, else its number of levels, shape (columns,).
        mean, scale: of the expanded training columns; the scale of a constant one is infinite.
    """

    fill: Matrix
    levels: Levels
    mean: Matrix
    scale: Matrix

    def apply(self, X: Matrix) -> Matrix:
        """Rows of shape (cases, columns) as the classifier sees them, shape (cases, expanded columns)."""
        return (_expand(_filled(X, self.fill), self.levels) - self.mean) / self.scale


def learn_preparation(X: Matrix, levels: Levels) -> Preparation:
    """Learn from training rows X of shape (cases, columns); nominal columns hold level codes from 0."""
    fill = _fill_values(X, levels)
    expanded = _expand(_filled(X, fill), levels)
    mean, scale = expanded.mean(axis=0), expanded.std(axis=0)
    # Rounding may leave a constant column a tiny deviation, which would blow up test values.
    constant = scale <= 1e-12 * np.abs(mean)
    return Preparation(fill, levels, mean, np.where(constant, np.inf, scale))


def _fill_values(X: Matrix, levels: Levels) -> Matrix:
    fill: Matrix = np.median(X, axis=0)  # NaN where a value is missing
    for column in np.flatnonzero(np.isnan(fill) | (levels > 0)):
        fill[column] = _fill_value(X[:, column], int(levels[column]))
    return fill


def _fill_value(column: Matrix, levels: int) -> float:
    present = column[~np.isnan(column)]
    if not len(present):
        return 0.0
    if levels:
        return float(np.bincount(present.astype(np.int64)).argmax())
    return float(np.median(present))


def _filled(X: Matrix, fill: Matrix) -> Matrix:
    return np.where(np.isnan(X), fill, X)


def _expand(X: Matrix, levels: Levels) -> Matrix:
    if not levels.any():
        return X
    parts = [
        X[:, [j]] if not count else (X[:, [j]] == np.arange(count)).astype(np.float64)
        for j, count in enumerate(levels)
    ]
    return np.hstack(parts)
