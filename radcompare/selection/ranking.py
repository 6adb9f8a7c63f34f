"""From scores to a choice: the order of features, and the best k."""

import numpy as np
from numpy.typing import ArrayLike

from radcompare.errors import ConfigError
from radcompare.selection.training_rows import Integers


def ranking(scores: ArrayLike) -> Integers:
    """Column indices by descending score; of equal scores the lowest index comes first.

    >>> ranking([0.1, 0.3, 0.1]).tolist()
    [1, 0, 2]
    """
    return np.argsort(-np.asarray(scores, np.float64), kind="stable")


def top(scores: ArrayLike, k: int) -> Integers:
    """The k best columns, best first; all of them where there are no more than k.

    Raises:
        ConfigError: k is less than 1.
    """
    if k < 1:
        raise ConfigError(f"top: expected at least 1 feature, found {k}", "ask for one feature or more")
    return ranking(scores)[:k]
