"""The variance of an AUC when one patient has several lesions (clustered cases).

Obuchowski (1997), "Nonparametric analysis of clustered ROC curve data", Biometrics 53:567: DeLong's
structural components are summed within clusters. With one case in every cluster the cross term vanishes
and what is left is DeLong's variance exactly, without any further factor.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radcompare.compare import normal
from radcompare.compare.auc import Placements, placements
from radcompare.compare.inputs import binary, categories, same_length
from radcompare.compare.result import Estimate
from radcompare.errors import TestRefused


def auc_interval_clustered(
    y: ArrayLike, score: ArrayLike, clusters: ArrayLike, *, confidence: float = 0.95
) -> Estimate:
    """The AUC over cases, with an interval that takes patients as the unit, cut at 0 and 1.

    Args:
        y: 0 or 1, shape (n,); a cluster may hold both.
        score: higher means positive, shape (n,).
        clusters: the patient of every case, numbers or text, shape (n,).
        confidence: of the interval.

    Raises:
        TestRefused: fewer than 2 clusters with positive or with negative cases, and as `auc_interval`.
    """
    labels = binary(y)
    components = placements(labels, [score])
    index = cluster_index(clusters, labels.size)
    se = float(np.sqrt(clustered_variance(components, labels, index)))
    area = float(components.auc[0])
    ci = normal.interval(area, se, confidence=confidence, bounds=(0.0, 1.0))
    return Estimate(area, ci, f"{labels.size} cases in {index.max() + 1} clusters")


def cluster_index(clusters: ArrayLike, n: int) -> NDArray[np.int_]:
    """Number the clusters from 0, shape (n,).

    Raises:
        TestRefused: a cluster is missing, or there is not one for every case.
    """
    names: NDArray[Any] = categories(clusters, "clusters")
    same_length(n, [names])
    return np.unique(names, return_inverse=True)[1]


def clustered_variance(components: Placements, y: NDArray[np.bool_], index: NDArray[np.int_]) -> float:
    """Obuchowski's variance of one AUC, or of the difference of two.

    S10/n_pos + S01/n_neg + 2 S11/(n_pos n_neg), with factors I10/(I10 - 1), I01/(I01 - 1) and I/(I - 1)
    for the clusters with a positive case, with a negative case, and all of them.

    Args:
        components: of one score or of one difference, k = 1.
        y: True for a positive case, shape (n,).
        index: the cluster of every case, numbered from 0, shape (n,).

    Raises:
        TestRefused: fewer than 2 clusters with positive or with negative cases.
    """
    clusters = int(index.max()) + 1
    with_positive, with_negative = np.unique(index[y]).size, np.unique(index[~y]).size
    if min(with_positive, with_negative) < 2:
        raise TestRefused(
            f"{with_positive} clusters with positive and {with_negative} with negative cases",
            "at least 2 of each needed: report the AUCs without a test",
        )
    positive = _deviations(components.positive[0], index[y], clusters)
    negative = _deviations(components.negative[0], index[~y], clusters)
    scaled = (
        _inflation(with_positive) * (positive @ positive)
        + _inflation(with_negative) * (negative @ negative)
        + _inflation(clusters) * 2.0 * (positive @ negative)
    )
    # The sum is a sum of squares plus positive terms, so only rounding can take it below 0.
    return max(0.0, float(scaled)) / (components.n_pos * components.n_neg) ** 2


def _deviations(counts: NDArray[np.float64], index: NDArray[np.int_], clusters: int) -> NDArray[np.float64]:
    """Each cluster's sum of components minus what its number of cases would give on average.

    The products are half-integers, hence exact, so that a deviation of 0 is 0.
    """
    sums = np.bincount(index, weights=counts, minlength=clusters)
    sizes = np.bincount(index, minlength=clusters)
    return np.asarray((sums * counts.size - sizes * counts.sum()) / counts.size)


def _inflation(clusters: int) -> float:
    return clusters / (clusters - 1)
