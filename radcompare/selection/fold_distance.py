"""Distances within a fold from those among all rows: only columns whose range changed need a correction.

A row left out changes the smallest or largest value of few columns, and over all folds of a leave-one-out no
more than two per column. With R the range among all rows and R' that of the fold, a complete numeric column
adds |a - b|/R' (1 - R'/R) to the distance of two rows.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist, squareform

from radcompare.selection.difference import Features, RangeRule, blocks, features
from radcompare.selection.distance import distances
from radcompare.selection.training_rows import Floats, Integers, Training


@dataclass(frozen=True)
class Changed:
    """The columns whose smallest or largest value is another one in a fold.

    Attributes:
        columns: their numbers, ascending.
        before: these columns alone, scaled as among all rows.
        after: scaled as in the fold. Rows left out hold the smallest value of the fold, so that nothing about
            them can overflow; their distances mean nothing.
    """

    columns: Integers
    before: Features
    after: Features

    @property
    def stretch(self) -> Floats:
        """R/R', by which a difference of two values grows; 0 where the range in the fold counts as zero."""
        before, after = self.before.span, self.after.span
        return np.divide(before, after, out=np.zeros_like(after), where=np.isfinite(after))

    @property
    def growth(self) -> Floats:
        """What |a - b|/R' has more than |a - b|/R, as a part of it: 1 - R'/R.

        Where the range in the fold counts as zero, less the latter: -1, or 0 where R counted as zero too.
        """
        before, after = self.before.span, self.after.span
        share = np.divide(after, before, out=np.zeros_like(before), where=np.isfinite(before))
        return np.where(np.isfinite(share), 1 - share, -1.0) * np.isfinite(before)

    @property
    def holed(self) -> NDArray[np.bool_]:
        """Columns with a missing value: their differences do not all grow by one factor."""
        return np.asarray(np.isnan(self.after.training.values).any(axis=0))


def changed(rows: Training, kept: NDArray[np.bool_], range_rule: RangeRule) -> Changed:
    """Find the columns whose range changes when rows are left out.

    Args:
        rows: all rows.
        kept: shape (n,), which of them train.
        range_rule: as in `features`.
    """
    left_out = rows.values[~kept]
    extreme = ((left_out == rows.low) | (left_out == rows.high)).any(axis=0) & (rows.levels == 0)
    columns = np.flatnonzero(extreme)
    values = np.take(rows.values, columns, axis=1)
    low, high = np.fmin.reduce(values[kept], axis=0), np.fmax.reduce(values[kept], axis=0)
    moved = (low != rows.low[columns]) | (high != rows.high[columns])
    columns, values, low, high = columns[moved], values[:, moved], low[moved], high[moved]
    values[~kept] = low
    before = Training(values, rows.levels[columns], rows.classes, rows.low[columns], rows.high[columns])
    after = Training(values, rows.levels[columns], rows.classes, low, high)
    return Changed(columns, features(before, range_rule), features(after, range_rule))


def fold_distances(among_all: Floats, moved: Changed) -> Floats:
    """Distances in a fold, shape (n, n); those of rows left out or to themselves mean nothing.

    Args:
        among_all: distances of all pairs of rows in SciPy's condensed form.
        moved: the columns whose range changed.
    """
    values, low, holed = moved.after.training.values, moved.after.training.low, moved.holed
    units, growths = np.minimum(moved.before.span, moved.after.span), np.where(holed, 0.0, moved.growth)
    condensed = among_all
    for sign in (1, -1):
        for columns in blocks(np.flatnonzero(sign * growths > 0)):
            grown = (values[:, columns] - low[columns]) / units[columns] * np.abs(growths[columns])
            condensed = condensed + sign * pdist(grown, "cityblock")
    square = np.asarray(squareform(condensed, checks=False))
    if holed.any():
        everyone = np.arange(len(values))
        square += distances(of_columns(moved.after, np.flatnonzero(holed)), everyone)
        square -= distances(of_columns(moved.before, np.flatnonzero(holed)), everyone)
    return square


def of_columns(columns: Features, wanted: Integers) -> Features:
    """Some of the columns, by their position."""
    rows = columns.training
    of_rows = rows.values[:, wanted], rows.levels[wanted], rows.classes, rows.low[wanted], rows.high[wanted]
    return Features(Training(*of_rows), columns.span[wanted])
