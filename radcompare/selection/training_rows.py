"""What every selector learns from: values, levels and classes, checked once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radcompare.errors import DataError, OutcomeError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Training:
    """Training rows that passed the checks of `training`.

    Attributes:
        values: shape (n, p); numeric columns hold values, nominal ones the codes 0..L-1; NaN is missing.
        levels: shape (p,); 0 for a numeric column, the number of declared levels L for a nominal one.
        classes: shape (n,); codes 0..C-1 in the order of the given ones, every code occurring.
        low: shape (p,); the smallest value that is not missing, NaN where all are missing.
        high: shape (p,); the largest one.
    """

    values: Floats
    levels: Integers
    classes: Integers
    low: Floats
    high: Floats

    @property
    def class_counts(self) -> Integers:
        """Rows per class, shape (C,)."""
        return np.bincount(self.classes)


def training(X: ArrayLike, y: ArrayLike, levels: ArrayLike | None = None) -> Training:
    """Check what a selector was given; X is not copied when it is float64 already.

    Args:
        X: shape (n, p), as in `Training.values`.
        y: shape (n,), integer codes of the outcome; a code may be absent.
        levels: shape (p,), as in `Training.levels`; all columns are numeric without it.

    Raises:
        DataError: shapes disagree, a value is infinite, or a nominal code is not one of its levels.
        OutcomeError: the rows hold one class only.
    """
    values, given = np.asarray(X, dtype=np.float64), np.asarray(y)
    declared = _levels(levels, values)
    if given.shape != values.shape[:1] or given.dtype.kind not in "iub":
        raise DataError(
            f"outcome: expected {len(values)} integer codes, found shape {given.shape} of {given.dtype}",
            "code the classes 0, 1, ... and drop rows without an outcome",
        )
    names, classes = np.unique(given, return_inverse=True)
    if len(names) < 2:
        raise OutcomeError(
            f"outcome: {len(values)} training rows hold {len(names)} class, expected at least 2",
            "features cannot be ranked by one class: check the outcome column and the folds",
        )
    low, high = np.fmin.reduce(values, axis=0), np.fmax.reduce(values, axis=0)
    _refuse_infinite(low, high)
    _refuse_foreign_codes(values, declared, low, high)
    return Training(values, declared, classes.astype(np.int64), low, high)


def _levels(levels: ArrayLike | None, values: Floats) -> Integers:
    if values.ndim != 2:
        raise DataError(f"features: expected a table of rows and columns, found {values.ndim} dimension(s)")
    declared = np.zeros(values.shape[1], np.int64) if levels is None else np.asarray(levels, np.int64)
    if declared.shape != values.shape[1:] or (declared < 0).any():
        raise DataError(f"levels: expected {values.shape[1]} counts of at least 0, found {declared.shape}")
    return declared


def _refuse_infinite(low: Floats, high: Floats) -> None:
    infinite = np.flatnonzero(np.isinf(low) | np.isinf(high))
    if len(infinite):
        raise DataError(
            f"features: infinite values in {len(infinite)} column(s), the first is column {infinite[0]}",
            "leave such a value empty (missing), or drop the feature",
        )


def _refuse_foreign_codes(values: Floats, levels: Integers, low: Floats, high: Floats) -> None:
    for column in np.flatnonzero(levels):
        codes = values[:, column]
        fractional = (codes[~np.isnan(codes)] % 1).any()
        if fractional or low[column] < 0 or high[column] >= levels[column]:
            raise DataError(
                f"features: column {column} is nominal with {levels[column]} levels, "
                f"found codes from {low[column]:g} to {high[column]:g}",
                f"code its levels as whole numbers 0 to {levels[column] - 1}, missing as NaN",
            )
