"""Mutual information of a column and the classes, estimated from distances to nearest neighbours.

Ross, "Mutual information between discrete and continuous data sets", PLoS ONE 9 (2014), by scikit-learn.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.feature_selection import mutual_info_classif

from radcompare.errors import ConfigError
from radcompare.selection.numbers import scaled, varying
from radcompare.selection.scored import Scorer
from radcompare.selection.training_rows import Floats, Training


@dataclass(eq=False)
class MutualInformation(Scorer):
    """Mutual information with the classes in nats, without discretisation (`mim` is the one with).

    Nominal columns are counted exactly. Gaps are filled with the median or the most frequent level: the
    estimator allows none. Rows that are alone in their class are left out for numeric columns.

    Args:
        nearest: neighbours that the estimate looks at; fewer give less bias and more variance.
        seed: of the noise of 1e-10 that separates equal values.

    Raises:
        ConfigError: `nearest` is less than 1.
    """

    nearest: int = 3
    seed: int = 1

    def __post_init__(self) -> None:
        if self.nearest < 1:
            raise ConfigError(f"mutual-information: nearest must be at least 1, found {self.nearest}")

    def _scores(self, rows: Training) -> Floats:
        scores = np.zeros(len(rows.levels))
        useful = np.flatnonzero(varying(rows) & ((rows.levels > 0) | (rows.class_counts.max() > 1)))
        if len(useful):
            scores[useful] = mutual_info_classif(
                scaled(rows)[:, useful],
                rows.classes,
                discrete_features=rows.levels[useful] > 0,
                n_neighbors=self.nearest,
                random_state=self.seed,
            )
        return scores
