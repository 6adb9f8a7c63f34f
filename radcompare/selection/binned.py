"""Columns as bins, and the entropies that information measures are made of, all columns at a time.

Numeric columns are cut by Fayyad-Irani (MDL), or into intervals of equal width; levels of nominal ones are bins.
The cuts come from the known values; a gap then takes the bin of the median, or the most frequent level.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from radcompare.errors import ConfigError
from radcompare.selection.discretise import FayyadIrani, bins
from radcompare.selection.numbers import imputed
from radcompare.selection.training_rows import Floats, Integers, Training

ENTRIES_AT_ONCE = 2**21


@dataclass(frozen=True)
class Binned:
    """The columns that fall into two bins or more; those in one bin tell nothing and are left out.

    Attributes:
        column: shape (q,), ascending; the columns of the training rows.
        codes: shape (q, n); bin of every row, from 0.
        first: shape (q + 1,); where each column's bins begin if those of all columns are numbered in turn.
    """

    column: Integers
    codes: Integers
    first: Integers

    def counts(self, classes: Integers) -> Iterator[tuple[Integers, Integers]]:
        """Rows of every class in every bin, for some columns at a time.

        Args:
            classes: shape (n,), codes from 0: any other division of the rows.

        Yields:
            Counts of the bins of successive columns, shape (bins, classes), and where each column's begin.
        """
        kinds = int(classes.max()) + 1
        at_once = max(1, ENTRIES_AT_ONCE // len(classes))
        for start in range(0, len(self.column), at_once):
            end = min(start + at_once, len(self.column))
            first = self.first[start : end + 1] - self.first[start]
            cells = (self.codes[start:end] + first[:-1, None]) * kinds + classes
            table = np.bincount(cells.ravel(), minlength=int(first[-1]) * kinds)
            yield table.reshape(-1, kinds), first[:-1]

    def entropy(self, classes: Integers | None = None) -> Floats:
        """Entropy in bits of every column, or of every column together with a division of the rows, (q,)."""
        n = self.codes.shape[1]
        given = np.zeros(n, np.int64) if classes is None else classes
        x_log_x = np.concatenate([[0], np.arange(1, n + 1) * np.log2(np.arange(1, n + 1))])
        summed = [np.add.reduceat(x_log_x[table].sum(axis=1), first) for table, first in self.counts(given)]
        return np.asarray(np.log2(n) - np.concatenate([np.empty(0), *summed]) / n)

    def information(self, classes: Integers) -> Floats:
        """Mutual information in bits of every column and a division of the rows, shape (q,)."""
        return self.entropy() + entropy(classes) - self.entropy(classes)

    def uncertainty(self, classes: Integers) -> Floats:
        """Symmetric uncertainty of every column and a division of the rows, shape (q,)."""
        own, other = self.entropy(), entropy(classes)
        return 2 * (own + other - self.entropy(classes)) / (own + other)


def binned(rows: Training, intervals: int | None = None) -> Binned:
    """Put every column into bins.

    Args:
        rows: the training rows.
        intervals: of equal width, from the least to the largest value; cuts by Fayyad-Irani if absent.

    Raises:
        ConfigError: there are fewer than two intervals.
    """
    if intervals is not None and intervals < 2:
        raise ConfigError(f"bins: expected at least 2, found {intervals}", "leave it out to cut by MDL")
    numeric = np.flatnonzero(rows.levels == 0)
    codes = imputed(rows).T
    for column, cuts in zip(numeric, _cuts(rows, numeric, intervals), strict=True):
        codes[column] = bins(codes[column], cuts)
    several = np.flatnonzero(codes.min(axis=1, initial=np.inf) < codes.max(axis=1, initial=0))
    table = codes[several].astype(np.int64)
    sizes = table.max(axis=1, initial=0) + 1
    return Binned(several, table, np.concatenate([[0], np.cumsum(sizes)]))


def _cuts(rows: Training, numeric: Integers, intervals: int | None) -> Iterator[Floats]:
    """Cuts of every numeric column, ascending; none where all known values are the same."""
    if intervals is None:
        yield from FayyadIrani(rows.classes).table_cuts(np.take(rows.values, numeric, axis=1))
        return
    share = np.arange(1, intervals) / intervals
    for low, high in zip(rows.low[numeric], rows.high[numeric], strict=True):
        yield low * (1 - share) + high * share if low < high else np.empty(0)


def entropy(classes: Integers) -> float:
    """Entropy in bits of a division of the rows, shape (n,), codes from 0."""
    counts = np.bincount(classes)
    share = counts[counts > 0] / len(classes)
    return float(-(share * np.log2(share)).sum())
