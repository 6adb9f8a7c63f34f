"""DeLong's paired test: do two scores of the same cases have different AUCs?"""

import math

from numpy.typing import ArrayLike

from radcompare.compare import normal
from radcompare.compare.auc import placements
from radcompare.compare.inputs import binary
from radcompare.compare.obuchowski import cluster_index, clustered_variance
from radcompare.compare.result import Comparison


def delong_test(y: ArrayLike, a: ArrayLike, b: ArrayLike, confidence: float = 0.95) -> Comparison:
    """Compare the AUCs of two scores of the same cases, as pROC's `roc.test(paired = TRUE)`.

    One score per case: scores pooled over repeats of a cross-validation are not independent, and the
    p value would be too small. DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44:837.

    Args:
        y: 0 or 1, shape (n,), at least 2 of each.
        a: score of the first arm, higher meaning positive, shape (n,).
        b: score of the second arm, shape (n,).
        confidence: of the interval of the difference.

    Returns:
        AUC of a minus AUC of b, with z as the statistic. A variance of 0 gives p = 1 when the AUCs are
        equal and p = 0, with a note, when they are not, as in pROC.

    Raises:
        TestRefused: too few cases of a class, missing values, or different lengths.
    """
    gap = placements(y, [a, b]).difference()
    return normal.compare(
        test="delong",
        metric="auc",
        difference=float(gap.auc[0]),
        se=math.sqrt(gap.covariance()[0, 0]),
        confidence=confidence,
    )


def delong_clustered(
    y: ArrayLike, a: ArrayLike, b: ArrayLike, clusters: ArrayLike, confidence: float = 0.95
) -> Comparison:
    """Compare two AUCs when patients have several lesions: `delong_test` with patients as the unit.

    The variance is Obuchowski's (1997); with one case in every cluster it is DeLong's exactly.

    Args:
        y: 0 or 1, shape (n,); a cluster may hold both.
        a: score of the first arm, higher meaning positive, shape (n,).
        b: score of the second arm, shape (n,).
        clusters: the patient of every case, numbers or text, shape (n,).
        confidence: of the interval of the difference.

    Raises:
        TestRefused: fewer than 2 clusters with positive or with negative cases, and as `delong_test`.
    """
    labels = binary(y)
    gap = placements(labels, [a, b]).difference()
    index = cluster_index(clusters, labels.size)
    return normal.compare(
        test="delong-clustered",
        metric="auc",
        difference=float(gap.auc[0]),
        se=math.sqrt(clustered_variance(gap, labels, index)),
        confidence=confidence,
        note=f"{labels.size} cases in {index.max() + 1} clusters",
    )
