"""Whether the order of the rows tells the class: cases that came class by class, or a table that was sorted by it."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SURE = 0.001
"""p from which the order is told."""
SMALLEST = 1e-99
"""p below which its size is not told."""


@dataclass(frozen=True)
class OrderEffect:
    """How well the number of the row predicts one of two classes.

    Attributes:
        auc: of the row number; 1 where all rows of the class coded 1 stand below all others, 0 where above them.
        p: two-sided, of the rank-sum test.
    """

    auc: float
    p: float

    def in_words(self) -> str:
        """The effect as a message tells it."""
        p = f"p = {self.p:.1g}" if self.p >= SMALLEST else f"p < {SMALLEST:g}"
        return f"the row number alone has an AUC of {self.auc:.2f}, rank-sum test {p}"


def order_predicts(codes: NDArray[np.integer], sure: float = SURE) -> OrderEffect | None:
    """Test the row numbers of two classes.

    Args:
        codes: 0 or 1 for every row, in the order of the table, shape (rows,).
        sure: p from which an effect is none.

    Returns:
        None where p is not below `sure`, or one class has no row.
    """
    ones = np.flatnonzero(codes) + 1
    return effect_of_sum(int(ones.sum()), len(ones), len(codes), sure)


def effect_of_sum(rank_sum: int, ones: int, rows: int, sure: float = SURE) -> OrderEffect | None:
    """The same from the sum of the row numbers, from 1, of the rows coded 1.

    By the normal approximation of Mann and Whitney 1947 (Ann Math Stat 18:50); row numbers have no ties.
    """
    pairs = ones * (rows - ones)
    if not pairs:
        return None
    above = rank_sum - ones * (ones + 1) / 2
    deviation = (above - pairs / 2) / math.sqrt(pairs * (rows + 1) / 12)
    p = math.erfc(abs(deviation) / math.sqrt(2))
    return OrderEffect(above / pairs, p) if p < sure else None
