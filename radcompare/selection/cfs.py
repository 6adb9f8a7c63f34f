"""CFS: columns that tell of the classes and not of each other.

Hall, "Correlation-based feature selection for machine learning", PhD thesis, Waikato 1999.
"""

from dataclasses import dataclass

import numpy as np

from radcompare.selection.binned import binned
from radcompare.selection.scored import DECIMALS, Search
from radcompare.selection.training_rows import Floats, Integers, Training


@dataclass(eq=False)
class Cfs(Search):
    """Correlation-based feature selection, greedy forward, as Weka's CfsSubsetEval -L with GreedyStepwise.

    The merit of k columns is k mean(SU with the classes)/sqrt(k + k(k - 1) mean(SU of pairs)). The column that
    raises it most is taken (the lowest index of equals, to 1e-9) until none does, so the search may end before
    `top`. Columns are put into bins; gaps take the bin of the median or the most frequent level, where Weka
    spreads them.

    Args:
        bins: intervals of equal width; cuts by Fayyad-Irani (MDL) if absent.

    Attributes:
        merits_: the merit after every taken column.
    """

    bins: int | None = None

    def _found(self, rows: Training) -> Integers:
        table = binned(rows, self.bins)
        relevance = table.uncertainty(rows.classes)
        taken, self.merits_ = list[int](), list[float]()
        redundancy, told, shared = np.zeros(len(relevance)), 0.0, 0.0
        while len(taken) < min(self.top, len(relevance)):
            merits = _merits(told + relevance, shared + redundancy, len(taken) + 1)
            merits[taken] = -np.inf
            best = int(merits.argmax())
            if merits[best] <= (self.merits_[-1] if taken else 0):
                break
            taken.append(best)
            self.merits_.append(float(merits[best]))
            told, shared = told + relevance[best], shared + redundancy[best]
            redundancy += table.uncertainty(table.codes[best])
        return table.column[taken]


def _merits(told: Floats, shared: Floats, k: int) -> Floats:
    """Merits of k columns from their summed SU with the classes and the summed SU of their pairs."""
    return np.round(told / np.sqrt(k + 2 * shared), DECIMALS)
