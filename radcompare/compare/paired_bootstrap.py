"""The bootstrap test of two AUCs of the same cases, for independent cases or for patients."""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radcompare.compare import normal
from radcompare.compare.bca import OfWeights, bca_limits, bootstrap
from radcompare.compare.inputs import binary, scores_of_cases
from radcompare.compare.multiclass import AREA, Codes, Scores, weighted_hand_till
from radcompare.compare.resampling import (
    Units,
    Weights,
    both_classes_in_units,
    over_pairs,
    units,
    units_of_classes,
    weighted_wins,
)
from radcompare.compare.result import Comparison


def paired_bootstrap_auc(
    y: ArrayLike,
    a: ArrayLike,
    b: ArrayLike,
    groups: ArrayLike | None = None,
    confidence: float = 0.95,
    *,
    resamples: int = 2000,
    seed: int = 1,
) -> Comparison:
    """Compare the AUCs of two scores of the same cases by resampling cases, or patients.

    z is the difference over the standard deviation of the resampled differences, and p is its normal tail, as
    pROC's `roc.test(method = "bootstrap")`: it is not held down by the number of resamples. The interval is
    BCa, which follows the skewness that z leaves out, so near p = 0.05 the two may disagree on 0.

    Args:
        y: 0 or 1, shape (n,), at least 2 of each.
        a: score of the first arm, higher meaning positive, shape (n,).
        b: score of the second arm, shape (n,).
        groups: the patient of every case, numbers or text, shape (n,); None where cases are independent.
        confidence: of the interval of the difference.
        resamples: at least 100.
        seed: of the draws.

    Returns:
        AUC of a minus AUC of b, with z as the statistic. Where every resample gives the same difference there
        is no interval; p is then 1 for a difference of 0, and 0, with a note, for another. Where the
        difference lies outside all resamples the interval is the percentile one, and the note says so.

    Raises:
        TestRefused: fewer than 2 cases of a class or 2 patients with cases of it, more than 10 % of the
            resamples without a class, missing values, or different lengths.
        ConfigError: fewer than 100 resamples, a negative seed, or a confidence that is none.
    """
    labels = binary(y)
    score_a, score_b = scores_of_cases([a, b], labels.size)
    drawn = units(labels, groups)
    both_classes_in_units(labels, drawn)

    def gap(weights: Weights) -> NDArray[np.float64]:
        wins = weighted_wins(labels, score_a, weights) - weighted_wins(labels, score_b, weights)
        return over_pairs(wins, labels, weights)

    return _compared(gap, drawn, "auc", confidence, resamples, seed)


def paired_bootstrap_hand_till(
    codes: Codes,
    a: Scores,
    b: Scores,
    groups: ArrayLike | None = None,
    confidence: float = 0.95,
    *,
    resamples: int = 2000,
    seed: int = 1,
) -> Comparison:
    """The same for Hand and Till's M of more than two classes; cases are resampled within their class.

    Args:
        codes: the class of every case, 0 to c - 1, shape (n,), every class at least once.
        a: scores of the first arm, shape (c, n).
        b: scores of the second arm, shape (c, n).
        groups, confidence, resamples, seed: as of `paired_bootstrap_auc`.

    Raises:
        TestRefused: M is undefined without one of the cases or patients, or in more than 10 % of the resamples.
        ConfigError: as `paired_bootstrap_auc`.
    """

    def gap(weights: Weights) -> NDArray[np.float64]:
        return weighted_hand_till(codes, a, weights) - weighted_hand_till(codes, b, weights)

    return _compared(gap, units_of_classes(codes, groups), AREA, confidence, resamples, seed)


def _compared(
    gap: OfWeights, drawn: Units, metric: str, confidence: float, resamples: int, seed: int
) -> Comparison:
    found = bootstrap(gap, drawn, resamples=resamples, seed=seed)
    ci, remark = bca_limits(found, confidence)
    result = normal.compare(
        test="bootstrap",
        metric=metric,
        difference=found.estimate,
        se=0.0 if found.constant else float(found.replicates.std(ddof=1)),
        confidence=confidence,
        note="; ".join(part for part in (found.note, remark) if part),
    )
    return replace(result, ci=ci)
