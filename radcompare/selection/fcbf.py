"""FCBF: columns that tell more of the classes than any better column tells of them.

Yu & Liu, "Feature selection for high-dimensional data: a fast correlation-based filter solution", ICML 2003.
"""

from dataclasses import dataclass

import numpy as np

from radcompare.errors import ConfigError
from radcompare.selection.binned import binned
from radcompare.selection.ranking import ranking
from radcompare.selection.scored import DECIMALS, Search
from radcompare.selection.training_rows import Integers, Training


@dataclass(eq=False)
class Fcbf(Search):
    """Fast correlation-based filter: the predominant columns, by falling symmetric uncertainty with the classes.

    In that order (the lowest index of equals, to 1e-9) every column that is left is taken, and removes each
    later one whose symmetric uncertainty with it is at least that with the classes. The search may end before
    `top`. Columns are put into bins; gaps take the bin of the median or the most frequent level.

    Args:
        delta: a column needs a symmetric uncertainty with the classes above it, from 0 to below 1.
        bins: intervals of equal width; cuts by Fayyad-Irani (MDL) if absent.

    Raises:
        ConfigError: `delta` is out of its range.
    """

    delta: float = 0.0
    bins: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.delta < 1:
            raise ConfigError(f"fcbf: delta must be from 0 to below 1, found {self.delta}")

    def _found(self, rows: Training) -> Integers:
        table = binned(rows, self.bins)
        relevance = np.round(table.uncertainty(rows.classes), DECIMALS)
        left, taken = relevance > self.delta, list[int]()
        for best in ranking(relevance).tolist():
            if len(taken) == self.top:
                break
            if left[best]:
                taken.append(best)
                left &= np.round(table.uncertainty(table.codes[best]), DECIMALS) < relevance
        return table.column[taken]
