"""The AUC of more than two classes: Hand and Till's M, and every class against the rest."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radcompare.compare.inputs import categories, same_length, scores_of_cases
from radcompare.compare.resampling import Weights, weighted_auc
from radcompare.errors import TestRefused

AREA = "hand_till"
"""The name of the metric."""
Codes = NDArray[np.int64]
Scores = NDArray[np.float64]


def coded(y: ArrayLike, scores: Sequence[ArrayLike], classes: Sequence[str]) -> tuple[Codes, Scores]:
    """The class of every case as its number, shape (n,), and the scores, shape (classes, n).

    Args:
        y: the name of every case's class, shape (n,).
        scores: of every class, each of shape (n,), higher meaning that class.
        classes: their names, in the order of the scores.

    Raises:
        TestRefused: a class without a case or without scores, missing values, or different lengths.
    """
    names = categories(y, "outcome").astype(str)
    values = scores_of_cases(scores, names.size)
    same_length(len(classes), [values[:, 0]])
    position = {name: number for number, name in enumerate(classes)}
    strange = [name for name in dict.fromkeys(names.tolist()) if name not in position]
    if strange:
        raise TestRefused(f"outcome: no scores of class {strange[0]!r}", "give scores of every class")
    codes = np.array([position[name] for name in names.tolist()], dtype=np.int64)
    without = [
        name
        for name, count in zip(classes, np.bincount(codes, minlength=len(classes)), strict=True)
        if not count
    ]
    if without:
        raise TestRefused(f"no case is of class {without[0]!r}", "leave out its column of scores")
    return codes, values


def hand_till(codes: Codes, scores: Scores) -> float:
    """M, the mean over pairs of classes of how well each class's own score tells the two apart.

    M = 2 / (c (c - 1)) sum over i < j of (A(i|j) + A(j|i)) / 2, A(i|j) the AUC of the score of class i among the
    cases of i and j. Hand and Till (2001), Machine Learning 45:171.

    Args:
        codes: the class of every case, 0 to c - 1, shape (n,), every class at least once.
        scores: shape (c, n).
    """
    return float(weighted_hand_till(codes, scores, np.ones((1, codes.size)))[0])


def weighted_hand_till(codes: Codes, scores: Scores, weights: Weights) -> NDArray[np.float64]:
    """M of every sample, shape (samples,); NaN for one that lacks a class.

    Args:
        codes, scores: as of `hand_till`.
        weights: how often each case is in each sample, shape (samples, n).
    """
    pairs = []
    for i, j in combinations(range(len(scores)), 2):
        both = np.flatnonzero((codes == i) | (codes == j))
        for own in (i, j):
            pairs.append(weighted_auc(codes[both] == own, scores[own, both], weights[:, both]))
    return np.asarray(np.mean(pairs, axis=0))
