"""Relief-F's scores from pairs of rows: for every feature the sum of weight times difference."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from radcompare.selection.difference import Features
from radcompare.selection.training_rows import Floats, Integers

DIFFERENCES_AT_ONCE = 2**15
ENTRIES_IN_CACHE = 2**16
WIDE = 256


class Pairs(NamedTuple):
    """Pairs of rows whose differences add to the scores, each with its weight; all of one length."""

    first: Integers
    second: Integers
    weight: Floats


def listed(rows: Integers, near: Integers, weights: Floats) -> Pairs:
    """Each row with each of its neighbours.

    Args:
        rows: shape (rows,).
        near: neighbours of each, shape (rows, ...).
        weights: shape of `near`, or one that broadcasts to it.
    """
    first = np.repeat(rows, near[0].size if len(rows) else 0)
    return Pairs(first, near.ravel(), np.broadcast_to(weights, near.shape).ravel())


def merged(parts: Iterable[Pairs]) -> Pairs:
    """One entry per unordered pair, in order: two rows are often each other's neighbours."""
    pairs = _joined(parts)
    return _summed(np.minimum(pairs.first, pairs.second), np.maximum(pairs.first, pairs.second), pairs.weight)


def netted(parts: Iterable[Pairs]) -> Pairs:
    """One entry per ordered pair, in order, without those whose weights cancel."""
    pairs = _summed(*_joined(parts))
    left = np.flatnonzero(pairs.weight)
    return Pairs(pairs.first[left], pairs.second[left], pairs.weight[left])


def _joined(parts: Iterable[Pairs]) -> Pairs:
    first, second, weight = zip(*parts, strict=True)
    return Pairs(np.concatenate(first), np.concatenate(second), np.concatenate(weight))


def _summed(first: Integers, second: Integers, weight: Floats) -> Pairs:
    n = int(max(first.max(initial=0), second.max(initial=0))) + 1
    keys, entry = np.unique(first * n + second, return_inverse=True)
    return Pairs(keys // n, keys % n, np.bincount(entry, weight, len(keys)).astype(np.float64))


class PairSums:
    """Sums over pairs of rows of one table, as often as they are asked for.

    Numeric columns without a missing value are summed as they are and divided by their range at the end. The
    others are scaled first. No more than one copy of the table is made, and none if all columns are of the
    first kind and the rows contiguous.

    Args:
        features: the columns.
    """

    def __init__(self, features: Features) -> None:
        rows = features.training
        complete = (rows.levels == 0) & ~np.isnan(rows.values).any(axis=0) & _ordinary(features.span)
        if np.count_nonzero(complete) < WIDE:
            complete[:] = False
        self.features = features
        self.complete = np.flatnonzero(complete)
        values = rows.values if complete.all() else rows.values[:, complete]
        self._values = np.ascontiguousarray(values)
        self._held = np.empty((ENTRIES_IN_CACHE // max(1, len(self.complete)) + 1, len(self.complete)))
        self._blocks = list(_scaled_blocks(features, ~complete))

    def __call__(self, pairs: Pairs) -> Floats:
        """Sum over pairs of weight x difference, for every feature, shape (p,)."""
        sums = np.zeros(len(self.features.training.levels))
        if len(self.complete):
            sums[self.complete] = self._raw_sums(pairs) / self.features.span[self.complete]
        for columns, values in self._blocks:
            sums[columns] = self._scaled_sums(columns, values, pairs)
        return sums

    def _raw_sums(self, pairs: Pairs) -> Floats:
        """Sums of weight x |a - b|, a number of differences at a time that stays in the processor's cache."""
        rows, sums, step = list(self._values), np.zeros(len(self.complete)), len(self._held)
        for start in range(0, len(pairs.weight), step):
            first, second, weight = (part[start : start + step] for part in pairs)
            held = self._held[: len(weight)]
            for difference, a, b in zip(held, first.tolist(), second.tolist(), strict=True):
                np.subtract(rows[a], rows[b], out=difference)
            sums += weight @ np.abs(held, out=held)
        return sums

    def _scaled_sums(self, columns: Integers, values: Floats, pairs: Pairs) -> Floats:
        sums = np.zeros(len(columns))
        step = max(1, DIFFERENCES_AT_ONCE // len(columns))
        for start in range(0, len(pairs.weight), step):
            first, second, weight = (part[start : start + step] for part in pairs)
            sums += weight @ self.features.difference(columns, values[first], values[second])
        return sums


def _ordinary(span: Floats) -> NDArray[np.bool_]:
    """Ranges with which unscaled sums neither overflow nor lose digits; an infinite one counts as zero."""
    return np.asarray(((span > 1e-200) & (span < 1e200)) | np.isinf(span))


def _scaled_blocks(features: Features, wanted: NDArray[np.bool_]) -> Iterator[tuple[Integers, Floats]]:
    """The wanted columns of every block that has some, and their scaled values."""
    for block in features.column_blocks():
        columns = block[wanted[block]]
        if len(columns):
            yield columns, features.scaled(columns)
