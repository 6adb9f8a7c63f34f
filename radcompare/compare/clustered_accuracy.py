"""Accuracy, and the difference of two, when one patient has several lesions (clustered cases)."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radcompare.compare import normal
from radcompare.compare.inputs import categories, same_length
from radcompare.compare.obuchowski import cluster_index
from radcompare.compare.proportion import score_interval
from radcompare.compare.result import Comparison, Estimate
from radcompare.errors import TestRefused


def accuracy_interval_clustered(
    y: ArrayLike, predicted: ArrayLike, clusters: ArrayLike, *, confidence: float = 0.95
) -> Estimate:
    """The accuracy over cases, with Wilson's interval at the effective number of cases.

    The effective number is n over the design effect: the variance of a ratio between clusters over the
    variance of independent cases, taken as at least 1. Where all cases are right or all wrong that variance
    says nothing, and the number of clusters takes its place. Rao and Scott (1992), Biometrics 48:577; for
    Wilson's interval Franco et al. (2019), Journal of Survey Statistics and Methodology 7:334.

    Args:
        y: true classes, shape (n,).
        predicted: called classes, shape (n,).
        clusters: the patient of every case, shape (n,).
        confidence: of the interval.

    Raises:
        TestRefused: fewer than 2 clusters, missing values, or different lengths.
    """
    index, (right,) = _right(y, [predicted], clusters)
    value, n = float(right.mean()), len(right)
    effective = float(index.max() + 1)
    if 0.0 < value < 1.0:
        between = _variance_of_mean(right - value, index)
        effective = n / max(1.0, between / (value * (1.0 - value) / n))
    note = f"{n} cases in {index.max() + 1} clusters count as {effective:.0f} independent ones"
    return Estimate(value, score_interval(value, effective, confidence=confidence), note)


def mcnemar_clustered(
    y: ArrayLike,
    predicted_a: ArrayLike,
    predicted_b: ArrayLike,
    clusters: ArrayLike,
    confidence: float = 0.95,
) -> Comparison:
    """McNemar's exact test with patients as the unit: within a patient the two arms may be swapped.

    If the arms are equally good, swapping them in any patient is as likely as not, so p is the share of the
    2^m swaps (m patients with a net difference) whose net gain is at least as large as the one found; all of
    them are counted, none drawn. With one case per patient it is the exact McNemar test. The interval of the
    difference is Wald's with the variance between clusters.

    Args:
        y: true classes, shape (n,).
        predicted_a: classes called by the first arm.
        predicted_b: classes called by the second arm.
        clusters: the patient of every case, shape (n,).
        confidence: of the interval.

    Returns:
        Accuracy of a minus accuracy of b, with the net gain in cases as the statistic.

    Raises:
        TestRefused: fewer than 2 clusters, missing values, or different lengths.
    """
    index, (right_a, right_b) = _right(y, [predicted_a, predicted_b], clusters)
    gain = right_a - right_b
    difference = float(gain.mean())
    net = np.bincount(index, weights=gain).astype(np.int64)
    se = math.sqrt(_variance_of_mean(gain - difference, index))
    swapped = np.abs(net[net != 0])
    return Comparison(
        test="mcnemar-clustered",
        metric="accuracy",
        difference=difference,
        ci=normal.interval(difference, se, confidence=confidence, bounds=(-1.0, 1.0)),
        p=swap_p(swapped, int(net.sum())),
        statistic=float(net.sum()),
        note=f"{len(gain)} cases in {index.max() + 1} clusters; exact p cannot go below "
        f"{swap_p(swapped, int(swapped.sum())):.3g} with {len(swapped)} clusters that differ",
    )


def swap_p(sizes: NDArray[np.int64], net: int) -> float:
    """The share of sign patterns of `sizes` whose sum is at least as far from 0 as `net`; 1 without any size."""
    reach = int(sizes.sum())
    shares = np.zeros(2 * reach + 1)
    shares[reach] = 1.0  # of the sum 0, before any size is added
    for size in sizes.tolist():
        shares = (np.roll(shares, size) + np.roll(shares, -size)) / 2.0
    far = np.abs(np.arange(-reach, reach + 1)) >= abs(net)
    return min(1.0, float(shares[far].sum()))


def _right(
    y: ArrayLike, predicted: list[ArrayLike], clusters: ArrayLike
) -> tuple[NDArray[np.int_], list[NDArray[np.float64]]]:
    """The cluster of every case from 0, and 1.0 for every case that an arm called rightly."""
    truth: NDArray[Any] = categories(y, "outcome")
    called = [categories(classes, "predicted classes") for classes in predicted]
    same_length(truth.size, called)
    index = cluster_index(clusters, truth.size)
    if index.max() < 1:
        raise TestRefused("all cases are of one cluster", "cases of several patients")
    return index, [(classes == truth).astype(np.float64) for classes in called]


def _variance_of_mean(deviations: NDArray[np.float64], index: NDArray[np.int_]) -> float:
    """The variance of a mean over cases, from the sums of their deviations within clusters."""
    sums = np.bincount(index, weights=deviations)
    m = len(sums)
    return float(m / (m - 1) * (sums**2).sum()) / len(deviations) ** 2
