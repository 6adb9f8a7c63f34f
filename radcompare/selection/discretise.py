"""Fayyad-Irani discretisation: cut a numeric feature where that shortens the description of the classes.

Fayyad & Irani, "Multi-interval discretization of continuous-valued attributes for classification learning",
IJCAI 1993. Sums run in the order in which Weka's do, because two cuts can be equally good on paper and
differ in the last bit.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radcompare.selection.training_rows import Floats, Integers

LN2 = math.log(2)
ENTRIES_AT_ONCE = 2**18


class FayyadIrani:
    """Finds the cuts of features over the same rows.

    Args:
        classes: shape (n,), codes 0..C-1 of the training rows.
    """

    def __init__(self, classes: ArrayLike) -> None:
        self.classes = np.asarray(classes, np.int64)
        self.n_classes = int(self.classes.max()) + 1
        self._ln = np.array([0.0, *map(math.log, range(1, len(self.classes) + 1))])
        self._x_ln_x = np.arange(len(self._ln)) * self._ln

    def table_cuts(self, table: Floats) -> list[Floats]:
        """Cuts of every column, shape (n, p); most columns of a wide table have none and are quickly seen."""
        at_once = max(1, ENTRIES_AT_ONCE // len(table))
        cuts: list[Floats] = []
        for start in range(0, table.shape[1], at_once):
            block = table[:, start : start + at_once]
            cuts += [
                self.cuts(np.ascontiguousarray(values)) if worth else np.empty(0)
                for values, worth in zip(block.T, self._worth_cutting(block), strict=True)
            ]
        return cuts

    def cuts(self, values: Floats) -> Floats:
        """Cuts of one feature, ascending; none where no cut is worth its description.

        Args:
            values: shape (n,), in the order of the classes; NaN is missing and takes no part.
        """
        ordered, below = self._ordered(values[:, None])
        steps = np.flatnonzero(ordered[1:, 0] > ordered[:-1, 0])
        accepted = self._accepted(below[:, steps], below[:, -1])
        return np.array([(ordered[i, 0] + ordered[i + 1, 0]) / 2.0 for i in steps[accepted]])

    def _worth_cutting(self, block: Floats) -> NDArray[np.bool_]:
        """Whether the first cut of each column is accepted, shape (columns,)."""
        ordered, below = self._ordered(block)
        candidates = ordered[1:] > ordered[:-1]
        return self._best_cuts(below[:, :-1], below[:, -1], candidates)[1]

    def _ordered(self, block: Floats) -> tuple[Floats, Integers]:
        """Sorted columns, missing values last, and the class counts up to each row, shape (C, n, columns)."""
        order = np.argsort(block, axis=0)
        ordered = np.take_along_axis(block, order, axis=0)
        classes = np.where(np.isnan(ordered), -1, self.classes[order])
        return ordered, np.cumsum(classes == np.arange(self.n_classes)[:, None, None], axis=1)

    def _accepted(self, below: Integers, everything: Integers) -> list[int]:
        """Indices of the accepted among the candidate cuts of one feature, ascending.

        Args:
            below: class counts below every candidate, shape (C, candidates, 1).
            everything: class counts of all rows, shape (C, 1).
        """
        accepted: list[int] = []
        pending = [(0, below.shape[1], np.zeros_like(everything), everything)]
        while pending:
            first, end, start, stop = pending.pop()
            if first == end:
                continue
            left = below[:, first:end] - start[:, None]
            best, worth = self._best_cuts(left, stop - start, np.ones(left.shape[1:], bool))
            if worth[0]:
                cut = first + int(best[0])
                accepted.append(cut)
                pending += [(first, cut, start, below[:, cut]), (cut + 1, end, below[:, cut], stop)]
        return sorted(accepted)

    def _best_cuts(
        self, left: Integers, counts: Integers, candidates: NDArray[np.bool_]
    ) -> tuple[Integers, NDArray[np.bool_]]:
        """In every column the candidate of least entropy, the first of equals, and if its gain pays for it.

        Args:
            left: class counts left of every place, shape (C, places, columns).
            counts: class counts of the whole interval, shape (C, columns).
            candidates: places where the value changes, shape (places, columns).
        """
        entropies = np.where(candidates, self._split_entropy(left, counts[:, None] - left), np.inf)
        best = entropies.argmin(axis=0)
        left_of_best = np.take_along_axis(left, best[None, None], axis=1)[:, 0]
        gain = self._entropy(counts) - entropies.min(axis=0)
        price = self._price(left_of_best, counts - left_of_best, candidates.sum(axis=0))
        return best, (gain > 0) & (gain > price)

    def _price(self, left: Integers, right: Integers, candidates: Integers) -> Floats:
        """Bits per row that a cut costs, the right side of the MDL criterion, shape (columns,)."""
        counts = left + right
        kinds, kinds_left, kinds_right = (np.count_nonzero(part, axis=0) for part in (counts, left, right))
        saved = kinds * self._entropy(counts) - kinds_right * self._entropy(right)
        saved -= kinds_left * self._entropy(left)
        delta = np.log(np.power(3.0, np.maximum(kinds, 1)) - 2) / LN2 - saved
        return np.asarray((self._ln[candidates] / LN2 + delta) / np.maximum(counts.sum(axis=0), 1))

    def _entropy(self, counts: Integers) -> Floats:
        """Class entropy in bits of counts of shape (C, columns); 0 where there are none."""
        total = counts.sum(axis=0)
        summed = np.zeros(total.shape)
        for per_class in counts:
            summed -= self._x_ln_x[per_class]
        return np.asarray((summed + self._x_ln_x[total]) / (np.maximum(total, 1) * LN2))

    def _split_entropy(self, left: Integers, right: Integers) -> Floats:
        """Class entropy in bits given the side of every place, shape (places, columns)."""
        summed = np.zeros(left.shape[1:])
        for side in (left, right):
            for per_class in side:
                summed += self._x_ln_x[per_class]
            summed -= self._x_ln_x[side.sum(axis=0)]
        total = left[:, 0].sum(axis=0) + right[:, 0].sum(axis=0)
        return np.asarray(-summed / (np.maximum(total, 1) * LN2))


def bins(values: Floats, cuts: Floats) -> Floats:
    """The number of cuts below each value, so that a value on a cut stays left of it; NaN stays NaN."""
    return np.where(np.isnan(values), np.nan, np.searchsorted(cuts, values, side="left"))
