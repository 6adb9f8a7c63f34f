"""The cut of a score that is no probability, learned on training rows."""

import numpy as np
from numpy.typing import NDArray

from radcompare.errors import DataError


def best_cut(scores: NDArray[np.float64], y: NDArray[np.int64]) -> float:
    """The cut with the best balanced accuracy (Youden's index), a case above it counting as positive.

    Args:
        scores: finite, shape (cases,).
        y: classes 0 or 1, shape (cases,).

    Returns:
        The midpoint between two neighbouring scores, the lowest one of several that are as good; or minus
        infinity if none is better than to call every case positive.

    Raises:
        DataError: the cases are of one class only, or there is none.
    """
    if len(np.unique(y)) < 2:
        problem = f"no cut of a score can be learned: {len(y)} training cases have one and all of one class"
        raise DataError(problem, "use fewer folds, or give the missing scores")
    values = np.unique(scores)
    cuts = np.concatenate([[-np.inf], values[:-1] / 2 + values[1:] / 2])
    positives, negatives = np.sort(scores[y == 1]), np.sort(scores[y == 0])
    found = len(positives) - np.searchsorted(positives, cuts, side="right")
    cleared = np.searchsorted(negatives, cuts, side="right")
    return float(
        cuts[np.argmax(found * len(negatives) + cleared * len(positives))]
    )  # whole numbers tie exactly
