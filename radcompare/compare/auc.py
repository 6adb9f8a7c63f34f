"""The area under the ROC curve, the curve itself, and DeLong's covariance of several areas."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from radcompare.compare import normal
from radcompare.compare.inputs import binary, both_classes, scores_of_cases
from radcompare.compare.result import Estimate

UNDEFINED = "without both classes there is no AUC: compare accuracy by mcnemar-exact"
NO_VARIANCE_ESTIMATE = (
    "DeLong's variance needs 2 cases of each class: give a Hanley-McNeil interval, or use mcnemar-exact"
)


@dataclass(frozen=True)
class Placements:
    """DeLong's structural components of k scores, before the division by the size of the other class.

    Half-integers are exact in floating point, and so are their sums: a variance that is 0 on paper is
    0 here, and equal scores have a difference of exactly 0.

    Attributes:
        positive: for each positive case the number of negatives scored below it, ties counting half;
            shape (k, n_pos). V10 is this over n_neg.
        negative: for each negative case the number of positives scored above it; shape (k, n_neg).
            V01 is this over n_pos.
    """

    positive: NDArray[np.float64]
    negative: NDArray[np.float64]

    @property
    def n_pos(self) -> int:
        """The number of positive cases."""
        return int(self.positive.shape[1])

    @property
    def n_neg(self) -> int:
        """The number of negative cases."""
        return int(self.negative.shape[1])

    @property
    def auc(self) -> NDArray[np.float64]:
        """The area under each curve (or, of a contrast, the difference), shape (k,)."""
        return np.asarray(self.positive.sum(axis=1) / (self.n_pos * self.n_neg))

    def covariance(self) -> NDArray[np.float64]:
        """cov(V10)/n_pos + cov(V01)/n_neg, shape (k, k); both classes need two cases."""
        return np.asarray(
            _covariance_of_mean(self.positive) / self.n_neg**2
            + _covariance_of_mean(self.negative) / self.n_pos**2
        )

    def difference(self) -> "Placements":
        """Of two scores: the components of the first area minus the second."""
        return Placements(self.positive[:1] - self.positive[1:2], self.negative[:1] - self.negative[1:2])


class RocCurve(NamedTuple):
    """The corners of the curve: a case is called positive when its score is at least the threshold."""

    fpr: NDArray[np.float64]
    tpr: NDArray[np.float64]
    thresholds: NDArray[np.float64]


def placements(y: ArrayLike, scores: Sequence[ArrayLike], *, each: int = 2) -> Placements:
    """The structural components of several scores of the same cases, by midranks, in O(n log n).

    With Z the midranks of all cases, X those among the positives and Y among the negatives, the counts
    are Z+ - X and n_pos - (Z- - Y): Sun and Xu (2014), IEEE Signal Processing Letters 21:1389.

    Args:
        y: 0 or 1 (or booleans), shape (n,).
        scores: k arrays of shape (n,), higher meaning positive; infinities are allowed.
        each: the fewest cases of a class; 1 will do for an AUC, DeLong's variance needs 2.

    Raises:
        TestRefused: too few cases of a class, missing values, or different lengths.
    """
    labels = binary(y)
    values = scores_of_cases(scores, labels.size)
    n_pos, _ = both_classes(labels, each, UNDEFINED if each < 2 else NO_VARIANCE_ESTIMATE)
    pooled = rankdata(values, axis=1)
    above = pooled[:, labels] - rankdata(values[:, labels], axis=1)
    below = pooled[:, ~labels] - rankdata(values[:, ~labels], axis=1)
    return Placements(positive=above, negative=n_pos - below)


def auc(y: ArrayLike, score: ArrayLike) -> float:
    """The area under the ROC curve: P(positive scored above negative) + half of P(tie).

    Args:
        y: 0 or 1, shape (n,), at least one case of each.
        score: higher means positive, shape (n,).

    Raises:
        TestRefused: one class only (the AUC is undefined), missing values, or different lengths.
    """
    return float(placements(y, [score], each=1).auc[0])


def auc_interval(y: ArrayLike, score: ArrayLike, *, confidence: float = 0.95) -> Estimate:
    """The AUC with DeLong's interval, cut at 0 and 1, as pROC's `ci.auc`.

    Raises:
        TestRefused: as `placements`, with at least 2 cases of each class.
    """
    components = placements(y, [score])
    area = float(components.auc[0])
    se = float(np.sqrt(components.covariance()[0, 0]))
    note = "" if se > 0 else "DeLong's variance is 0 here, so the interval has no width and says too much"
    return Estimate(area, normal.interval(area, se, confidence=confidence, bounds=(0.0, 1.0)), note)


def delong_covariance(
    y: ArrayLike, scores: Sequence[ArrayLike]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The AUCs of several scores of the same cases and their covariance matrix.

    DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44:837.

    Returns:
        AUCs, shape (k,), and covariance, shape (k, k).

    Raises:
        TestRefused: as `placements`, with at least 2 cases of each class.
    """
    components = placements(y, scores)
    return components.auc, components.covariance()


def roc_curve(y: ArrayLike, score: ArrayLike) -> RocCurve:
    """The ROC curve from (0, 0) to (1, 1), points on a straight line left out.

    Tied scores of both classes make one sloping step, so the trapezoid area is the AUC.

    Returns:
        fpr, tpr and thresholds, each of shape (corners,); the first threshold is infinite.

    Raises:
        TestRefused: as `auc`.
    """
    labels = binary(y)
    values = scores_of_cases([score], labels.size)[0]
    n_pos, n_neg = both_classes(labels, 1, UNDEFINED)
    order = np.argsort(-values, kind="stable")
    ranked, hits = values[order], labels[order]
    last_of_tie = np.append(ranked[1:] != ranked[:-1], True)
    true_positives = np.append(0, np.cumsum(hits)[last_of_tie])
    false_positives = np.append(0, np.cumsum(~hits)[last_of_tie])
    thresholds = np.append(np.inf, ranked[last_of_tie])
    kept = _corners(false_positives, true_positives)
    return RocCurve(false_positives[kept] / n_neg, true_positives[kept] / n_pos, thresholds[kept])


def _covariance_of_mean(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    n = counts.shape[1]
    centred = counts - counts.sum(axis=1, keepdims=True) / n
    return np.asarray(centred @ centred.T / ((n - 1) * n))


def _corners(x: NDArray[np.int_], y: NDArray[np.int_]) -> NDArray[np.bool_]:
    """True where the path turns, and at both ends."""
    dx, dy = np.diff(x), np.diff(y)
    turns = dx[:-1] * dy[1:] != dx[1:] * dy[:-1]
    return np.concatenate(([True], turns, [True]))
