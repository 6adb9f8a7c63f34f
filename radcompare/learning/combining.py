"""Several models' answers made one: the mean, the median or the vote, and weights that are learned."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from radcompare.cnn_settings import How
from radcompare.errors import DataError

CUT = 0.5
"""The probability from which a case is positive."""
TIE = 0.5
"""The score of a vote that has no majority."""

Numbers = NDArray[np.float64]
Classes = NDArray[np.int64]


@dataclass(frozen=True)
class Combined:
    """What the members say together.

    Attributes:
        score: the combined probability; of a vote 0, 1, or `TIE`. Shape (cases,).
        predicted: class 0 or 1.
        probability: as the score; NaN of a vote, which has none.
    """

    score: Numbers
    predicted: Classes
    probability: Numbers


def combined(
    probabilities: Numbers, predicted: Classes, how: How, weights: Numbers | None = None
) -> Combined:
    """Combine members case by case; the order of the members does not matter.

    A vote that is tied goes by the mean probability, and is negative where a member has none.

    Args:
        probabilities: of the positive class, shape (members, cases); a vote may do without: NaN.
        predicted: classes 0 or 1, same shape; a vote alone looks at them.
        how: mean and median are of the probabilities, vote is the majority of `predicted`.
        weights: of the members for `weighted`, at least 0 and not all 0; they need not sum to 1.

    Raises:
        DataError: a probability is missing or weights are, or a weight cannot be used.
    """
    if how == "vote":
        return _vote(probabilities, predicted)
    _refuse_missing(probabilities)
    if how == "median":
        probability: Numbers = np.median(probabilities, axis=0)
    else:
        probability = _mean(probabilities, _checked(weights) if how == "weighted" else None)
    return Combined(probability, (probability >= CUT).astype(np.int64), probability)


def learned_weights(probabilities: Numbers, y: Classes) -> Numbers:
    """Weights by stacking: the non-negative least squares of the outcome, made to sum to 1.

    Breiman (1996), Machine Learning 24:49. Members that say the same share one weight; where none is of use all
    weigh alike. To be learned on cases that no member was trained on.

    Args:
        probabilities: of the positive class, shape (members, cases).
        y: classes 0 or 1, shape (cases,).

    Returns:
        One weight per member.

    Raises:
        DataError: a probability is missing.
    """
    _refuse_missing(probabilities)
    distinct, which, alike = np.unique(probabilities, axis=0, return_inverse=True, return_counts=True)
    found, _ = nnls(distinct.T, y.astype(np.float64), maxiter=100 * len(distinct))
    weights: Numbers = (found / alike)[which.reshape(-1)]
    return weights / weights.sum() if weights.any() else np.full(len(weights), 1 / len(weights))


def _vote(probabilities: Numbers, predicted: Classes) -> Combined:
    lead = 2 * predicted.sum(axis=0) - len(predicted)  # more than 0: most say positive
    score = np.where(lead > 0, 1.0, np.where(lead < 0, 0.0, TIE))
    positive = np.where(lead == 0, _mean(probabilities) >= CUT, lead > 0)
    return Combined(score, positive.astype(np.int64), np.full(len(score), np.nan))


def _mean(probabilities: Numbers, weights: Numbers | None = None) -> Numbers:
    """The weighted mean, whatever the order of the members, and never beyond the least and largest of them."""
    each = np.ones(len(probabilities)) if weights is None else weights / weights.max()
    total = np.sort(probabilities * each[:, None], axis=0).sum(axis=0)
    lowest, highest = probabilities.min(axis=0), probabilities.max(axis=0)
    within: Numbers = np.clip(total / np.sort(each).sum(), lowest, highest)  # which rounding may lead out of
    return within


def _refuse_missing(probabilities: Numbers) -> None:
    missing = int(np.isnan(probabilities).any(axis=0).sum())
    if missing:
        problem = f"{missing} of {probabilities.shape[1]} cases have no probability of some member"
        raise DataError(problem, "combine by vote, or take members with probabilities")


def _checked(weights: Numbers | None) -> Numbers:
    if weights is None:
        raise DataError("a weighted mean without weights", "give one for every member, or take the mean")
    if not (np.isfinite(weights) & (weights >= 0)).all() or not weights.any():
        raise DataError(
            f"weights {weights.tolist()}: expected finite numbers of 0 and more, and not all of them 0",
            "give the share that every member has in the mean",
        )
    return weights
