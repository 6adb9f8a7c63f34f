"""What every feature spans in every class: gaps, constants, and features that tell the classes apart alone."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BY_CHANCE = 0.05
"""Features that may be expected to separate the classes by chance, of all that could, before none is told."""


class Spans:
    """The smallest and the largest value of every feature in every class, some rows after the other.

    Args:
        levels: of every feature, 0 where it is numeric.
        classes: how many there are; a case of an unknown class counts apart.

    Attributes:
        rows: that were seen.
        filled: values that are there, shape (classes + 1, features); the last row is of cases of unknown class.
    """

    def __init__(self, levels: NDArray[np.int64], classes: int) -> None:
        shape = (classes + 1, len(levels))
        self.rows = 0
        self.filled = np.zeros(shape, dtype=np.int64)
        self._low, self._high = np.full(shape, np.nan), np.full(shape, np.nan)
        self._levels = levels
        self._met = {
            int(place): np.zeros((levels[place], classes + 1), dtype=bool) for place in levels.nonzero()[0]
        }

    def add(self, values: NDArray[np.float64], codes: NDArray[np.integer]) -> None:
        """Take note of some rows; nominal values are codes from 0, missing ones NaN, and an unknown class is -1."""
        self.rows += len(values)
        for code in np.unique(codes):
            part = values[codes == code]
            self.filled[code] += np.count_nonzero(~np.isnan(part), axis=0)
            self._low[code] = np.fmin(self._low[code], np.fmin.reduce(part, axis=0))
            self._high[code] = np.fmax(self._high[code], np.fmax.reduce(part, axis=0))
        for place, met in self._met.items():
            known = ~np.isnan(values[:, place])
            met[values[known, place].astype(np.int64), codes[known]] = True

    def missing(self) -> NDArray[np.int64]:
        """Missing values of every feature."""
        return np.asarray(self.rows - self.filled.sum(axis=0))

    def constant(self) -> NDArray[np.bool_]:
        """Features that have one value in all rows, of those where they have any."""
        return np.asarray(np.fmin.reduce(self._low, axis=0) == np.fmax.reduce(self._high, axis=0))

    def separating(self) -> NDArray[np.bool_]:
        """Features that tell two classes apart without error: an AUC of 0 or 1, or levels that are of one class each.

        Of features with gaps, the cases count that have a value. Features that few cases have are left out where
        chance alone would do it: with n cases, m of them of one class, one of the two orders separates them with
        probability 2 / C(n, m), and levels at most with 2^levels / C(n, m).
        """
        low, high, filled = self._low[:-1], self._high[:-1], self.filled[:-1]
        if len(low) != 2:
            return np.zeros(len(self._levels), dtype=bool)
        apart: NDArray[np.bool_] = (high[0] < low[1]) | (high[1] < low[0])
        for place, met in self._met.items():
            apart[place] = met[:, :2].any(axis=0).all() and not met[:, :2].all(axis=1).any()
        for place in apart.nonzero()[0].tolist():
            ways = int(self._levels[place]) or 1
            chance = _chance(filled[:, place].tolist(), ways)
            apart[place] = chance * len(self._levels) < BY_CHANCE
        return apart


def _chance(cases: Sequence[int], ways: int) -> float:
    """Probability that 2^ways of the ways to name the classes of cases are the true one."""
    orders = math.lgamma(sum(cases) + 1) - sum(math.lgamma(count + 1) for count in cases)
    return math.exp(min(0.0, ways * math.log(2) - orders))
