"""Gini index: how much purer the classes are on the two sides of the best cut of a column.

Breiman, Friedman, Olshen & Stone, "Classification and regression trees", 1984: the first split of a tree that
sees this column alone.
"""

from dataclasses import dataclass

import numpy as np

from radcompare.selection.numbers import numbers
from radcompare.selection.scored import Scorer
from radcompare.selection.training_rows import Floats, Integers, Training

ENTRIES_AT_ONCE = 2**18


@dataclass(eq=False)
class GiniIndex(Scorer):
    """Largest decrease of the Gini impurity 1 - sum p_c^2 by one cut, from 0 to the impurity of the outcome.

    Cuts lie between neighbouring values; a nominal column is cut into one level and the others. Gaps are filled
    with the median, or the most frequent level. The original index is the impurity that is left: small is good.
    """

    def _scores(self, rows: Training) -> Floats:
        columns = numbers(rows, ranked=True)
        at_once = max(1, ENTRIES_AT_ONCE // len(rows.classes))
        blocks = range(0, columns.values.shape[1], at_once)
        found = [gini_decrease(columns.values[:, start : start + at_once], rows.classes) for start in blocks]
        return columns.best(np.concatenate([np.empty(0), *found]))


def gini_decrease(values: Floats, classes: Integers) -> Floats:
    """Decrease of the Gini impurity by the best cut of every column.

    Args:
        values: shape (n, columns), nothing missing.
        classes: shape (n,), codes from 0.

    Returns:
        Shape (columns,); 0 for a column that does not vary.
    """
    order = np.argsort(values, axis=0)
    ordered = np.take_along_axis(values, order, axis=0)
    member = classes[order[:-1]] == np.arange(classes.max() + 1)[:, None, None]
    below, counts = np.cumsum(member, axis=1), np.bincount(classes)
    n_below = np.arange(1, len(classes))[:, None]
    pure = (below**2).sum(axis=0) / n_below
    pure += ((counts[:, None, None] - below) ** 2).sum(axis=0) / (len(classes) - n_below)
    pure[ordered[1:] == ordered[:-1]] = 0
    decrease = pure.max(axis=0, initial=0) / len(classes) - (counts**2).sum() / len(classes) ** 2
    return np.asarray(np.maximum(decrease, 0))
