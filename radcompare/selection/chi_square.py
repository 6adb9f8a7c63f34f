"""Chi-square: how far the classes in the bins of a column are from those of all rows."""

from dataclasses import dataclass

import numpy as np

from radcompare.selection.binned import binned
from radcompare.selection.scored import Scorer
from radcompare.selection.training_rows import Floats, Training


@dataclass(eq=False)
class ChiSquare(Scorer):
    """Pearson's chi-square of the bins of a column and the classes, without continuity correction.

    Real values are cut first, as in Weka: scikit-learn's chi2 is for counts, and depends on the units and the
    zero of anything else. A column with more bins has more degrees of freedom, which the score does not allow for.

    Args:
        bins: intervals of equal width; cuts by Fayyad-Irani (MDL) if absent, and 0 for a column without any.
    """

    bins: int | None = None

    def _scores(self, rows: Training) -> Floats:
        table = binned(rows, self.bins)
        scores, n = np.zeros(len(rows.levels)), len(rows.classes)
        squares = [
            np.add.reduceat((counts**2 / rows.class_counts).sum(axis=1) / counts.sum(axis=1).clip(1), first)
            for counts, first in table.counts(rows.classes)
        ]
        scores[table.column] = n * np.maximum(np.concatenate([np.empty(0), *squares]) - 1, 0)
        return scores
