"""Variance: how much a column varies, whatever the outcome."""

from dataclasses import dataclass

import numpy as np

from radcompare.selection.difference import features
from radcompare.selection.numbers import varying
from radcompare.selection.scored import Scorer
from radcompare.selection.training_rows import Floats, Integers, Training


@dataclass(eq=False)
class Variance(Scorer):
    """Variance of the known values of a column; the outcome is not looked at.

    Numeric columns are scaled to 0..1 first, as features in large units would come first otherwise. A nominal
    column has (1 - sum of squared level frequencies)/2: half the mean squared difference of two rows that differ
    by 1 where their levels do, which is the variance where there are two.

    Args:
        scaled: False to take numeric values in their units, as scikit-learn's VarianceThreshold does.
    """

    scaled: bool = True

    def _scores(self, rows: Training) -> Floats:
        span = features(rows, "exact").span
        varies, nominal = varying(rows), rows.levels > 0
        numeric = varies & ~nominal
        scores = np.zeros(len(nominal))
        scores[numeric] = np.nanvar((rows.values[:, numeric] - rows.low[numeric]) / span[numeric], axis=0)
        if not self.scaled:
            scores[numeric] *= span[numeric] ** 2
        for column in np.flatnonzero(varies & nominal):
            codes = rows.values[:, column]
            scores[column] = level_variance(codes[~np.isnan(codes)].astype(np.int64))
        return scores


def level_variance(codes: Integers) -> float:
    """(1 - sum of squared frequencies)/2 of the levels of a nominal column without gaps."""
    share = np.bincount(codes) / len(codes)
    return float((1 - (share**2).sum()) / 2)
