"""Average precision: the area under the precision-recall curve, without interpolation."""

import numpy as np
from numpy.typing import ArrayLike

from radcompare.compare.inputs import binary, scores_of_cases
from radcompare.errors import TestRefused


def average_precision(y: ArrayLike, score: ArrayLike) -> float:
    """The precision at each threshold, weighted by the recall that the threshold adds.

    The sum of (R_k - R_{k-1}) P_k over the distinct scores from high to low, as scikit-learn's
    `average_precision_score`: tied cases are called together, and no line is drawn between the points,
    which would be too optimistic (Davis and Goadrich (2006), ICML 23:233).

    A useless score has the share of positives as its average precision, and so has a constant one,
    exactly. Compare it across data sets only if they have the same share. Without a negative case it is 1.

    Args:
        y: 0 or 1, shape (n,), at least one positive case.
        score: higher means positive, shape (n,); infinities are allowed.

    Raises:
        TestRefused: no positive case (recall is 0/0; scikit-learn warns and returns 0), missing values,
            or different lengths.
    """
    labels = binary(y)
    values = scores_of_cases([score], labels.size)[0]
    n_pos = int(np.count_nonzero(labels))
    if n_pos == 0:
        raise TestRefused(
            f"0 positive cases among {labels.size}: average precision needs at least one",
            "check that the class of interest is coded as 1; without it only the specificity can be given",
        )
    order = np.argsort(-values, kind="stable")
    ranked = values[order]
    last_of_tie = np.append(ranked[1:] != ranked[:-1], True)
    called = np.arange(1, labels.size + 1)[last_of_tie]
    hits = np.cumsum(labels[order])[last_of_tie]
    return float(np.diff(hits, prepend=0) @ (hits / called) / n_pos)
