"""Scores that are equal but for rounding errors made equal, so that their features rank in column order.

A radiomics table often has a feature twice in different units. Which of the two comes out larger by one bit is
an accident of the order of additions, and a selection should not hang on it.
"""

import numpy as np

from radcompare.selection.training_rows import Floats

WITHIN = 1e-12


def equalised(scores: Floats) -> Floats:
    """Scores of which none is nearer than 1e-12 to another without being equal to it.

    Runs of nearly equal scores become their lowest one, or 0 if they reach across it.

    Args:
        scores: shape (p,), on a scale where rounding errors are far below 1e-12.

    >>> equalised(np.array([0.3, 0.1 + 0.2, 1e-17, -1e-17])).tolist()
    [0.3, 0.3, 0.0, 0.0]
    """
    order = np.argsort(scores, kind="stable")
    ascending = scores[order]
    starts = np.flatnonzero(np.diff(ascending, prepend=-np.inf) > WITHIN)
    sizes = np.diff(starts, append=len(scores))
    lowest, highest = ascending[starts], ascending[starts + sizes - 1]
    equal = np.empty_like(scores)
    equal[order] = np.repeat(np.where((lowest <= 0) & (highest >= 0), 0.0, lowest), sizes)
    return equal
