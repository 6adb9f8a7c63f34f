"""How much a neighbour counts in Relief-F: by its rank, and by its class and that of the row that asks."""

import numpy as np

from radcompare.selection.training_rows import Floats, Integers


def rank_weights(found: int, sigma: float | None) -> Floats:
    """exp(-(rank/sigma)^2) of the neighbours found, nearest first, rank from 0; all 1 without sigma.

    They are not yet normalised: divide by their sum.
    """
    return np.asarray(np.exp(-((np.arange(found) / (np.inf if sigma is None else sigma)) ** 2)))


def class_weight(counts: Integers, own: int, other: int) -> float:
    """-1 for hits, P_c/(1 - P_own) for misses, which is 1 with two classes.

    Args:
        counts: rows per class.
        own: class of the row that asks.
        other: class of its neighbour.
    """
    return -1.0 if own == other else float(counts[other] / (counts.sum() - counts[own]))
