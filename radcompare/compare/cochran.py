"""Cochran's Q: are several arms right on the same cases equally often?"""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2

from radcompare.compare.inputs import categories, same_length
from radcompare.errors import TestRefused
from radcompare.tables.results import Omnibus

NAME = "cochran-q"
FEWEST_ARMS = 3
FEWEST_CASES, FEWEST_ANSWERS = 4, 24
"""Below so many cases that tell the arms apart, or answers on them, the chi-squared approximation does not hold."""
MOST_STATES = 200_000
"""Different sums of right answers that the exact distribution may hold."""


def cochran_q(y: ArrayLike, predicted: Sequence[ArrayLike]) -> Omnibus:
    """Compare the accuracies of three or more arms on the same cases.

    Q = (k - 1) (k sum C_j² - N²) / (k N - sum R_i²), C_j the cases that arm j got right, R_i the arms that got
    case i right, N all right answers; chi-squared with k - 1 degrees of freedom. Cochran (1950), Biometrika 37:256.
    With fewer than 4 cases that tell arms apart, or 24 answers on them (Tate and Brown 1970, JASA 65:155), p is that
    of the exact distribution: the right answers of a case fall on any of the arms with equal chance.

    Args:
        y: the true labels, numbers or text, any number of classes, shape (n,).
        predicted: the labels that every arm gave, each of shape (n,).

    Returns:
        Q with p; 0 and 1 where no case tells the arms apart.

    Raises:
        TestRefused: fewer than three arms, no cases, missing labels or different lengths.
    """
    if len(predicted) < FEWEST_ARMS:
        raise TestRefused(f"{len(predicted)} arms: the test is for three or more", "mcnemar-exact")
    truth = categories(y, "outcome")
    given = [categories(labels, f"predicted {number}") for number, labels in enumerate(predicted, start=1)]
    same_length(truth.size, given)
    if len({array.dtype.kind == "U" for array in (truth, *given)}) > 1:
        raise TestRefused("some labels are numbers and some text", "code the outcome and all arms alike")
    right = np.stack([labels == truth for labels in given], axis=1).astype(np.int64)
    arms = right.shape[1]
    telling = right[(right.sum(axis=1) > 0) & (right.sum(axis=1) < arms)]
    spread, scale = _parts(telling)
    if scale == 0:
        note = "no case tells the arms apart"
        return Omnibus(NAME, "accuracy", arms, truth.size, 0.0, float(arms - 1), 1.0, note)
    statistic = spread / scale
    told = f"{len(telling)} cases tell the arms apart"
    if len(telling) < FEWEST_CASES or telling.size < FEWEST_ANSWERS:
        p = exact_p(telling)
        return Omnibus(NAME, "accuracy", arms, truth.size, statistic, None, p, f"{told}: p is exact")
    p = float(chi2.sf(statistic, arms - 1))
    return Omnibus(NAME, "accuracy", arms, truth.size, statistic, float(arms - 1), p, told)


def exact_p(right: NDArray[np.int64]) -> float:
    """The share of the ways to deal every case's right answers to the arms for which Q is as large.

    Args:
        right: 1 where an arm got a case right, else 0, shape (cases, arms).
    """
    arms = right.shape[1]
    ways: Counter[tuple[int, ...]] = Counter({(0,) * arms: 1})
    for hits in right.sum(axis=1).tolist():
        longer: Counter[tuple[int, ...]] = Counter()
        for chosen in combinations(range(arms), hits):
            for sums, count in ways.items():
                # Which arm is which does not matter to Q: sorted sums keep the table small.
                longer[tuple(sorted(s + (arm in chosen) for arm, s in enumerate(sums)))] += count
        ways = longer
        if len(ways) > MOST_STATES:
            raise TestRefused(f"{arms} arms are too many for an exact p of so few cases", "fewer arms")
    observed = sum(int(total) ** 2 for total in right.sum(axis=0))
    as_large = sum(count for sums, count in ways.items() if sum(s**2 for s in sums) >= observed)
    every = 1
    for hits in right.sum(axis=1).tolist():
        every *= comb(arms, hits)
    return as_large / every


def _parts(right: NDArray[np.int64]) -> tuple[int, int]:
    """Numerator and denominator of Q as whole numbers."""
    arms, total = right.shape[1], int(right.sum())
    columns, rows = right.sum(axis=0), right.sum(axis=1)
    spread = (arms - 1) * (arms * int((columns**2).sum()) - total**2)
    return spread, arms * total - int((rows**2).sum())
