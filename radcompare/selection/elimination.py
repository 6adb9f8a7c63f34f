"""Recursive feature elimination: fit a linear support vector machine, drop the columns that weigh least, repeat.

Guyon, Weston, Barnhill & Vapnik, "Gene selection for cancer classification using support vector machines",
Machine Learning 46 (2002).
"""

from dataclasses import dataclass

import numpy as np
from sklearn.svm import SVC

from radcompare.errors import ConfigError
from radcompare.selection.numbers import Numbers, numbers
from radcompare.selection.scored import DECIMALS, Scorer, by_order
from radcompare.selection.training_rows import Floats, Integers, Training


@dataclass(eq=False)
class RecursiveElimination(Scorer):
    """Columns in the reverse order of their elimination by a linear support vector machine, C = 1.

    Columns are standardised, gaps filled with the median. The weight of a column is the sum of its squared
    coefficients, over pairs of classes and over the indicators of a nominal one. In every round the given share
    of the columns that are left is dropped, at least one: those of the least weight, the highest index of equals.
    The order does not depend on how many are wanted.

    Args:
        step: share that is dropped in a round, from 0 (one column) to below 1.

    Attributes:
        scores_: 1, 1/2, 1/3, ... from the last column that was left to the first that was dropped; 0 for those
            that do not vary.

    Raises:
        ConfigError: `step` is out of its range.
    """

    step: float = 0.1

    def __post_init__(self) -> None:
        if not 0 <= self.step < 1:
            raise ConfigError(f"rfe: step must be from 0 to below 1, found {self.step}")

    def _scores(self, rows: Training) -> Floats:
        columns = numbers(rows)
        left, dropped = np.unique(columns.column), list[int]()
        while len(left) > 1:
            weights = _weights(columns, left, rows.classes)
            by_weight = np.lexsort((-left, weights))
            worst = by_weight[: max(1, int(self.step * len(left)))]
            dropped += left[worst].tolist()
            left = np.delete(left, worst)
        order = np.array([*dropped, *left], np.int64)[::-1]
        return by_order(order, columns.columns)


def _weights(columns: Numbers, left: Integers, classes: Integers) -> Floats:
    """Length of the coefficients of every column that is left, as a share of the longest, rounded."""
    use = np.isin(columns.column, left)
    fitted = SVC(kernel="linear", C=1.0).fit(columns.values[:, use], classes)
    squares = np.bincount(columns.column[use], (fitted.coef_**2).sum(axis=0), columns.columns)[left]
    shares = np.sqrt(squares / max(squares.max(), np.finfo(np.float64).tiny))
    return np.asarray(np.round(shares, DECIMALS))
