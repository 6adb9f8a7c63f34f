"""Symmetric uncertainty: how much a feature and the outcome tell of each other, from 0 to 1.

Press et al., "Numerical Recipes in C", 2nd ed., 14.4; Hall, "Correlation-based feature selection for machine
learning", 1999. As Weka's SymmetricalUncertAttributeEval, numeric features are first cut by Fayyad-Irani.
"""

from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from scipy.special import xlogy

from radcompare.errors import UnknownNameError
from radcompare.selection.discretise import FayyadIrani, bins
from radcompare.selection.scored import Scorer
from radcompare.selection.training_rows import Floats, Integers, Training

Missing = Literal["merge", "value"]


@dataclass(eq=False)
class SymmetricUncertainty(Scorer):
    """Symmetric uncertainty of every feature with the outcome.

    A numeric feature without an accepted cut scores 0, unless its missing values count as a value.

    Args:
        missing: `merge`: missing values are spread over the others in proportion to their frequency.
            `value`: missing is one more value.

    Attributes:
        scores_: shape (p,), after `fit`.
        cuts_: for every column the accepted cuts, ascending; empty for a nominal one.

    Raises:
        UnknownNameError: `missing` is neither.
    """

    missing: Missing = "merge"
    cuts_: list[Floats] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.missing not in get_args(Missing):
            raise UnknownNameError("treatment of missing values", self.missing, get_args(Missing))

    def _scores(self, rows: Training) -> Floats:
        numeric = np.flatnonzero(rows.levels == 0)
        found = iter(FayyadIrani(rows.classes).table_cuts(np.take(rows.values, numeric, axis=1)))
        self.cuts_ = [np.empty(0) if nominal else next(found) for nominal in rows.levels]
        informative = (rows.levels > 0) | np.fromiter(map(len, self.cuts_), bool, len(self.cuts_))
        if self.missing == "value":
            informative |= np.isnan(rows.values).any(axis=0)
        scores = np.zeros(len(rows.levels))
        for column in np.flatnonzero(informative):
            values = rows.values[:, column]
            codes = values if rows.levels[column] else bins(values, self.cuts_[column])
            counts = contingency(codes, rows.classes, missing=self.missing)
            scores[column] = symmetric_uncertainty(counts)
        return scores


def contingency(codes: Floats, classes: Integers, *, missing: Missing) -> Floats:
    """Counts of every value (rows) in every class (columns), missing values treated as asked.

    Args:
        codes: shape (n,), whole numbers from 0; NaN is missing.
        classes: shape (n,), codes from 0.
        missing: as in `SymmetricUncertainty`. Where all are missing, that is the only value in both cases.
    """
    absent = np.isnan(codes)
    n_values, n_classes = int(np.nan_to_num(codes).max()) + 1, int(classes.max()) + 1
    rows = np.where(absent, n_values, np.nan_to_num(codes)).astype(np.int64)
    counts = np.bincount(rows * n_classes + classes, minlength=(n_values + 1) * n_classes)
    table = counts.reshape(-1, n_classes).astype(np.float64)
    known, unknown = table[:-1], table[-1]
    if missing == "value" or not absent.any() or absent.all():
        return table
    return np.asarray(known + np.outer(known.sum(axis=1) / known.sum(), unknown))


def symmetric_uncertainty(table: Floats) -> float:
    """2 (H_row + H_column - H_joint)/(H_row + H_column); 0 where a single row or column has counts.

    Args:
        table: counts, fractions allowed, shape (values, classes).
    """
    table = table[table.any(axis=1)][:, table.any(axis=0)]
    if min(table.shape) < 2:
        return 0.0
    rows, columns, total = table.sum(axis=1), table.sum(axis=0), table.sum()
    # H_row + H_column - H_joint in the form that is exactly 0 for independent counts.
    shared = xlogy(table, table * total / np.outer(rows, columns)).sum()
    return float(2 * shared / (xlogy(rows, total / rows).sum() + xlogy(columns, total / columns).sum()))
