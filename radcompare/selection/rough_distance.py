"""Distances that are exact only where the nearest rows depend on it; the rest in single precision, by torch.

SciPy adds differences two at a time; torch in single precision eight or more. The k nearest rows of a class
follow from rough distances wherever the k-th and the next differ by more than twice the error. The other rows
are measured exactly, so that what is found does not depend on whether torch was used.
"""

import numpy as np
from numpy.typing import NDArray

from radcompare.selection.difference import Features
from radcompare.selection.distance import distances
from radcompare.selection.nearest import CLEAR
from radcompare.selection.training_rows import Floats, Integers

WORTH_AN_IMPORT = 4e9
"""How many differences must be added for torch to save the second that importing it takes."""
LARGEST_SHARE_MEASURED_AGAIN = 0.5
UNIT = 2.0**-24
"""Relative error of one operation in single precision."""
ADDED_IN_SEQUENCE = 32
"""At most: a block of 128 columns in eight lanes, and the sum of the lanes."""


def nearest_distances(features: Features, rows: Integers, k: int, *, ordered: bool) -> Floats:
    """Distances from some rows to all n, shape (rows, n), right to find the k nearest of every class.

    Args:
        features: the columns.
        rows: indices of the rows asked about.
        k: how many of each class are to be the same as by `distances`.
        ordered: whether their order is to be the same too.
    """
    n, p = features.training.values.shape
    if not np.array_equal(rows, np.arange(n)) or not _worth_it(differences(n, p)):
        return distances(features, rows)
    rough = distances(features, rows, all_pairs=_single_precision)
    error = UNIT * (ADDED_IN_SEQUENCE * float(rough.max(initial=0.0)) + 2 * p)
    unclear = np.flatnonzero(~_clear(rough, features.training.classes, k, 2 * error + CLEAR, ordered=ordered))
    if len(unclear) > LARGEST_SHARE_MEASURED_AGAIN * n:
        return distances(features, rows)
    rough[unclear] = distances(features, unclear)
    return rough


def differences(n: int, p: int) -> float:
    """How many differences of two values are added for the distances of all pairs of n rows in p columns."""
    return n * (n - 1) / 2 * p


def _worth_it(additions: float) -> bool:
    """The size of the table decides, never whether this process has torch loaded: every one goes the same way."""
    return additions >= WORTH_AN_IMPORT


def _single_precision(values: Floats) -> Floats:
    """City-block distances of all pairs of rows in SciPy's condensed form."""
    from torch import from_numpy
    from torch.nn.functional import pdist

    return np.asarray(pdist(from_numpy(values.astype(np.float32)), p=1.0).numpy(), np.float64)


def _clear(measured: Floats, classes: Integers, k: int, slack: float, *, ordered: bool) -> NDArray[np.bool_]:
    """Whether in every class the k nearest are nearer than the next by more than the slack, shape (n,).

    Args:
        measured: shape (n, n).
        classes: of the rows.
        k: how many are nearest.
        slack: what makes a difference clear.
        ordered: whether each of them must be clearly nearer than the next.
    """
    clear = np.ones(len(measured), bool)
    for other in range(int(classes.max()) + 1):
        members = np.flatnonzero(classes == other)
        last = min(k, len(members) - 1)
        candidates = measured[:, members]
        candidates[members, np.arange(len(members))] = np.inf
        nearest = np.sort(np.partition(candidates, last, axis=1)[:, : last + 1], axis=1)
        gaps = nearest[:, 1:] - nearest[:, :-1] > slack
        clear &= (gaps if ordered else gaps[:, k - 1 :]).all(axis=1)
    return clear
