"""Correlation filter: the best columns by one score, without those that repeat a better one."""

from dataclasses import dataclass

import numpy as np

from radcompare.errors import ConfigError
from radcompare.selection.class_means import sums_of_squares
from radcompare.selection.numbers import numbers
from radcompare.selection.ranking import ranking
from radcompare.selection.scored import DECIMALS, Search
from radcompare.selection.training_rows import Training


@dataclass(eq=False)
class CorrelationFilter(Search):
    """Walks the columns by falling ANOVA F and drops one that is correlated with a column kept before.

    Of two correlated columns the one with the larger F is kept, of equal F (to 1e-9 of the
    variance) the lower index. Gaps are filled with
    the median, which weakens a correlation. Two columns of which one is nominal are as correlated as the most
    correlated indicators of their levels.

    Args:
        threshold: a column is dropped where its |Pearson r| with a kept one is above it; between 0 and 1.

    Raises:
        ConfigError: `threshold` is out of its range.
    """

    threshold: float = 0.9

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.threshold < 1:
            raise ConfigError(f"correlation: threshold must be between 0 and 1, found {self.threshold}")

    def _found(self, rows: Training) -> list[int]:
        columns = numbers(rows)
        between, _ = sums_of_squares(columns.values, rows.classes)
        # Their share of all squares orders columns as F does, and can be rounded.
        scores = columns.best(np.round(between / len(rows.classes), DECIMALS))
        kept, taken, width = np.empty_like(columns.values), list[int](), 0
        for column in ranking(scores).tolist():
            if len(taken) == self.top:
                break
            own = columns.values[:, columns.of(column)]
            correlated = np.abs(own.T @ kept[:, :width]) > self.threshold * len(own)
            if own.size and not correlated.any():
                taken.append(column)
                kept[:, width : width + own.shape[1]] = own
                width += own.shape[1]
        return taken
