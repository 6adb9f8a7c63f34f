"""How good predicted probabilities are as probabilities: Brier score, log loss and calibration."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import expit, log_expit, logit, xlog1py, xlogy

from radcompare.compare.inputs import binary, numbers, same_length
from radcompare.errors import ConfigError, TestRefused

ONE_CLASS = "all cases are of one class, so slope and intercept have no finite value"
CONSTANT = "all probabilities are equal, so there is no slope"
SEPARATED = "the probabilities separate the classes without overlap, so the slope is infinite"
SEPARATED_WRONGLY = (
    "the probabilities separate the classes the wrong way round, so the slope is minus infinity"
)
NO_SLOPE = "the classes overlap too little to tell the slope from an infinite one"
NO_INTERCEPT = "every probability stays near 0 or 1 whatever the intercept, so the data do not determine it"

_FLAT = 1e-7
"""The least information per case. Rounding moves an estimate by about 1e-16 over this."""
_STEPS = 100
"""Newton needs about 5, and 30 where the classes hardly overlap."""


@dataclass(frozen=True)
class Recalibration:
    """What would have to be done to the logits of the probabilities to make them fit the outcomes.

    Attributes:
        slope: b of logit P(y = 1) = a + b logit(p); ideally 1. Below 1 the probabilities are too extreme.
            NaN where undefined.
        intercept: calibration-in-the-large, a of logit P(y = 1) = a + logit(p), the slope held at 1;
            ideally 0. Below 0 the probabilities are too high on the whole. NaN where undefined.
        note: why a value is undefined; empty if both are defined.
    """

    slope: float
    intercept: float
    note: str = ""


@dataclass(frozen=True)
class CalibrationCurve:
    """The bins of a calibration plot that hold cases, from low to high; each of shape (bins in use,)."""

    predicted: NDArray[np.float64]
    observed: NDArray[np.float64]
    count: NDArray[np.int_]


def outcomes_and_probabilities(y: ArrayLike, p: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Outcomes as booleans and the probabilities of class 1, each of shape (n,).

    Raises:
        TestRefused: no cases, missing values, other outcomes than 0 and 1, a probability below 0 or
            above 1, or different lengths.
    """
    labels, probabilities = binary(y), numbers(p, "probability")
    same_length(labels.size, [probabilities])
    outside = probabilities[(probabilities < 0.0) | (probabilities > 1.0)]
    if outside.size:
        raise TestRefused(
            f"probability: expected 0 to 1, found {outside[0]:.17g}",
            "give the probability of class 1; a score of another kind has an AUC but no calibration",
        )
    return labels, probabilities


def brier(y: ArrayLike, p: ArrayLike) -> float:
    """The mean squared difference of probability and outcome; 0 is best, always saying 0.5 gives 0.25.

    Brier (1950), Monthly Weather Review 78:1, halved as is usual for two classes.

    Args:
        y: 0 or 1, shape (n,); one class only is allowed.
        p: probability of class 1, shape (n,).

    Raises:
        TestRefused: as `outcomes_and_probabilities`.
    """
    labels, probabilities = outcomes_and_probabilities(y, p)
    return float(np.mean((probabilities - labels) ** 2))


def log_loss(y: ArrayLike, p: ArrayLike) -> float:
    """The mean of -log(probability given to what happened), in nats; 0 is best.

    One case that was called impossible and happened (p exactly 0 or 1, and wrong) makes it infinite, as
    the definition says. scikit-learn clips p to [eps, 1 - eps] and returns a finite number instead, but
    that number depends on eps alone: 36 nats for such a case in double precision, 16 in single.
    A report without infinities has to write that there is no value, and why.

    Args:
        y: 0 or 1, shape (n,); one class only is allowed.
        p: probability of class 1, shape (n,).

    Returns:
        The loss, possibly `math.inf`, never NaN.

    Raises:
        TestRefused: as `outcomes_and_probabilities`.
    """
    labels, probabilities = outcomes_and_probabilities(y, p)
    gains = xlogy(labels, probabilities) + xlog1py(~labels, -probabilities)
    return 0.0 - float(np.mean(gains))  # not a bare minus: a perfect loss is 0.0, and not -0.0


def calibration_slope_intercept(y: ArrayLike, p: ArrayLike) -> Recalibration:
    """The calibration slope and calibration-in-the-large, by maximum likelihood.

    Cox (1958), Biometrika 45:562; Van Calster et al. (2019), BMC Medicine 17:230. They are two models:
    the slope is fitted with an intercept of its own, the intercept with the slope held at 1.

    Without a finite estimate the value is NaN and the note says why: a probability of exactly 0 or 1
    (its logit is infinite, and clipping would make the answer depend on the clip), one class only, equal
    probabilities (no slope), classes that do not overlap along p (no slope; Albert and Anderson (1984),
    Biometrika 71:1), or data that do not determine a value in double precision.

    Args:
        y: 0 or 1, shape (n,).
        p: probability of class 1, shape (n,).

    Raises:
        TestRefused: as `outcomes_and_probabilities`.
    """
    labels, probabilities = outcomes_and_probabilities(y, p)
    reasons = _why_neither(labels, probabilities)
    if reasons:
        return Recalibration(math.nan, math.nan, "; ".join(reasons))
    logits = logit(probabilities)
    intercept, no_intercept = _intercept(labels, logits)
    slope, no_slope = _slope(labels, logits)
    return Recalibration(slope, intercept, "; ".join(part for part in (no_slope, no_intercept) if part))


def calibration_curve(y: ArrayLike, p: ArrayLike, bins: int = 10) -> CalibrationCurve:
    """Mean probability and share of positives in bins of equal width; empty bins are left out.

    Bin i of m holds (i - 1)/m < p <= i/m: a value on an edge counts in the lower bin, and 0 in the first.
    So do Guo et al. (2017) and scikit-learn.

    Args:
        y: 0 or 1, shape (n,); one class only is allowed.
        p: probability of class 1, shape (n,).
        bins: how many, at least 1.

    Raises:
        TestRefused: as `outcomes_and_probabilities`.
        ConfigError: no bins.
    """
    if bins < 1:
        raise ConfigError(f"{bins} bins: at least 1 needed", "10 is usual")
    labels, probabilities = outcomes_and_probabilities(y, p)
    # i / m and not i times the width, so that 0.3 lies on the edge 3/10 as it is written.
    bin_of = np.searchsorted(np.arange(1, bins) / bins, probabilities, side="left")
    count = np.bincount(bin_of, minlength=bins)
    used = count > 0
    predicted = np.bincount(bin_of, weights=probabilities, minlength=bins)[used] / count[used]
    observed = np.bincount(bin_of, weights=labels, minlength=bins)[used] / count[used]
    return CalibrationCurve(predicted, observed, count[used])


def expected_calibration_error(y: ArrayLike, p: ArrayLike, bins: int = 10) -> float:
    """The mean of |mean probability - share of positives| over equal-width bins, weighted by cases.

    Naeini et al. (2015), AAAI 29:2901; Guo et al. (2017), ICML 34:1321, here with the probability of class 1
    in place of the confidence in the predicted class. It depends on the number of bins, and chance
    alone keeps it above 0 for perfect probabilities: with few cases per bin it is mostly noise.

    Args:
        y: 0 or 1, shape (n,); one class only is allowed.
        p: probability of class 1, shape (n,).
        bins: how many, at least 1; edges as in `calibration_curve`.

    Raises:
        TestRefused: as `outcomes_and_probabilities`.
        ConfigError: no bins.
    """
    curve = calibration_curve(y, p, bins)
    gaps = np.abs(curve.predicted - curve.observed)
    return float(gaps @ curve.count / curve.count.sum())


def _why_neither(labels: NDArray[np.bool_], probabilities: NDArray[np.float64]) -> list[str]:
    """What leaves both slope and intercept undefined; empty if nothing does."""
    certain = int(np.count_nonzero((probabilities == 0.0) | (probabilities == 1.0)))
    infinite = f"{certain} of {labels.size} probabilities are exactly 0 or 1, so their logit is infinite"
    one_class = labels.all() or not labels.any()
    return [infinite] * bool(certain) + [ONE_CLASS] * bool(one_class)


def _intercept(labels: NDArray[np.bool_], logits: NDArray[np.float64]) -> tuple[float, str]:
    """The a at which expit(logits + a) sums to the number of positives, or NaN and why."""
    centre = logit(labels.mean())
    # Beyond these limits every probability is below, or above, the share of positives.
    low, high = centre - logits.max() - 1.0, centre - logits.min() + 1.0
    n_pos = np.count_nonzero(labels)
    root = brentq(lambda a: expit(logits + a).sum() - n_pos, low, high, xtol=1e-15, rtol=1e-15, maxiter=1000)
    if np.mean(_variance(logits + root)) < _FLAT:
        return math.nan, NO_INTERCEPT
    return float(root), ""


def _slope(labels: NDArray[np.bool_], logits: NDArray[np.float64]) -> tuple[float, str]:
    """The slope of a logistic regression of the labels on the logits, or NaN and why."""
    positive, negative = logits[labels], logits[~labels]
    if logits.min() == logits.max():
        return math.nan, CONSTANT
    if negative.max() <= positive.min():
        return math.nan, SEPARATED
    if positive.max() <= negative.min():
        return math.nan, SEPARATED_WRONGLY
    spread = logits.std()
    standardised = _standardised_slope(labels, (logits - logits.mean()) / spread)
    return (math.nan, NO_SLOPE) if standardised is None else (float(standardised / spread), "")


def _standardised_slope(labels: NDArray[np.bool_], x: NDArray[np.float64]) -> float | None:
    """Newton's method with halved steps; x has mean 0 and variance 1. None if the maximum is too flat."""
    design = np.column_stack([np.ones_like(x), x])
    sign = np.where(labels, 1.0, -1.0)
    beta = np.array([logit(labels.mean()), 0.0])
    for _ in range(_STEPS):
        eta = design @ beta
        information = (design.T * _variance(eta)) @ design / x.size
        if np.linalg.eigvalsh(information)[0] < _FLAT:
            return None
        step = np.linalg.solve(information, design.T @ (sign * expit(-sign * eta)) / x.size)
        if np.abs(step).max() < 1e-8:  # the error after it is of the order of its square
            return float((beta + step)[1])
        reached = log_expit(sign * eta).sum()
        while log_expit(sign * (design @ (beta + step))).sum() < reached * (1.0 + 1e-12):
            step /= 2.0
        beta = beta + step
    return None


def _variance(eta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of an outcome with these log odds: q (1 - q), without the rounding of 1 - q."""
    return np.asarray(expit(eta) * expit(-eta))
