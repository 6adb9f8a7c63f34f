"""The bias-corrected and accelerated bootstrap interval (BCa) of any figure of a sample.

Efron (1987), Journal of the American Statistical Association 82:171; DiCiccio and Efron (1996), Statistical
Science 11:189. Acceleration over strata as in Davison and Hinkley (1997), Bootstrap Methods, section 5.4.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from radcompare.compare.auc import auc
from radcompare.compare.inputs import binary, categories, numbers, same_length, tail
from radcompare.compare.resampling import Units, Weights, both_classes_in_units, units, weighted_auc
from radcompare.compare.result import Estimate, Interval
from radcompare.errors import ConfigError, TestRefused

Statistic = Callable[[NDArray[np.bool_], NDArray[Any]], float]
"""A figure of a sample, from its outcomes and values; NaN, or `TestRefused`, where it is undefined."""

OfWeights = Callable[[Weights], NDArray[np.float64]]
"""The same figure of many samples: weights of shape (samples, n) in, shape (samples,) out."""

SAME_VALUE = "BCa is undefined where every resample gives the same value"
ONE_SIDED = "the estimate lies outside all resamples, where BCa is undefined: a percentile interval is given"
NO_ACCELERATION = "leaving out any one changes nothing, so the interval is corrected for bias only"
FEWEST = 100
"""Resamples; fewer say nothing about the tails."""
MOST_SKIPPED = 0.1
"""Share of the resamples that may be without a value."""
_ROUNDING = 1e-12
"""Values closer than this are the same value, differently rounded."""


@dataclass(frozen=True)
class Bootstrap:
    """A figure, its resamples, and its jackknife.

    Attributes:
        estimate: the figure of all cases.
        replicates: of the resamples in which it is defined, shape (at most resamples,).
        left_out: without one unit, for every unit of each stratum; a list of shapes (units of the stratum,).
        note: how many resamples of what, and how many were skipped.
    """

    estimate: float
    replicates: NDArray[np.float64]
    left_out: list[NDArray[np.float64]]
    note: str

    @property
    def constant(self) -> bool:
        """Whether every resample gives the same value."""
        return float(np.ptp(self.replicates)) <= _ROUNDING * max(1.0, abs(self.estimate))


def bca_interval(
    statistic: Statistic,
    y: ArrayLike,
    values: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 1,
) -> Estimate:
    """A figure of a sample with its BCa interval.

    Cases are resampled within their class, or patients with all their cases (see `resampling.units`). For
    `compare.auc.auc` all resamples are computed at once; any other function is called for each of them.

    Args:
        statistic: the figure, from the outcomes and the values of a sample.
        y: 0 or 1, shape (n,).
        values: what `statistic` takes beside the outcomes: scores or called classes, shape (n,), or one
            column for each arm, shape (n, k).
        groups: the patient of every case, shape (n,); None where cases are independent.
        confidence: of the interval.
        resamples: at least 100.
        seed: of the draws.

    Returns:
        The figure and its interval. Where every resample gives the same value, as with an AUC of 1, there is
        none, and the note says why. Where the estimate lies outside all resamples it is the percentile
        interval, and the note says so.

    Raises:
        TestRefused: the figure is undefined for all cases, in more than 10 % of the resamples, or without one
            of the cases or patients; an AUC of fewer than 2 cases of a class; missing values; different
            lengths.
        ConfigError: fewer than 100 resamples, a negative seed, or a confidence that is none.
    """
    labels = binary(y)
    drawn = units(labels, groups)
    if statistic is auc:
        score = numbers(values, "score")
        same_length(labels.size, [score])
        both_classes_in_units(labels, drawn)
        evaluate: OfWeights = partial(weighted_auc, labels, score)
    else:
        evaluate = _one_by_one(statistic, labels, _values(values, labels.size))
    found = bootstrap(evaluate, drawn, resamples=resamples, seed=seed)
    ci, remark = bca_limits(found, confidence)
    return Estimate(found.estimate, ci, "; ".join(part for part in (found.note, remark) if part))


def bootstrap(evaluate: OfWeights, drawn: Units, *, resamples: int, seed: int) -> Bootstrap:
    """Compute a figure for all cases, for resamples, and without each unit in turn.

    Raises:
        TestRefused: the figure is NaN for all cases, without one unit, or in more than 10 % of the resamples.
        ConfigError: fewer than 100 resamples, or a negative seed.
    """
    if resamples < FEWEST:
        raise ConfigError(f"{resamples} resamples are too few", f"give at least {FEWEST}; 2000 are usual")
    estimate = float(evaluate(np.ones((1, drawn.n)))[0])
    if math.isnan(estimate):
        raise TestRefused("the figure is undefined for these cases", "leave its interval out")
    found = np.concatenate([evaluate(weights) for weights in drawn.draws(resamples, seed)])
    skipped = int(np.count_nonzero(np.isnan(found)))
    if skipped > MOST_SKIPPED * resamples:
        raise TestRefused(
            f"the figure is undefined in {skipped} of {resamples} resamples of {drawn.count} {drawn.noun}",
            "report it without a bootstrap; the AUC has delong or delong-clustered",
        )
    without = np.concatenate([evaluate(weights) for weights in drawn.left_out()])
    if np.isnan(without).any():
        raise TestRefused(
            f"the figure is undefined without one of the {drawn.count} {drawn.noun}",
            "report it without a bootstrap, or give more of its class",
        )
    note = f"{resamples} resamples of {drawn.count} {drawn.noun}"
    note += f", {skipped} of them skipped because the figure is undefined there" if skipped else ""
    strata = [without[stratum] for stratum in drawn.strata]
    return Bootstrap(estimate, found[~np.isnan(found)], strata, note)


def bca_limits(found: Bootstrap, confidence: float) -> tuple[Interval | None, str]:
    """The BCa interval, and what must be said of it.

    z0 is the normal quantile of the share of replicates below the estimate, ties counted half. Quantiles are
    interpolated linearly.

    Returns:
        The limits, or None where every resample gives the same value; a remark, empty if there is none.

    Raises:
        ConfigError: the confidence is not strictly between 0 and 1.
    """
    beyond = tail(confidence)
    if found.constant:
        return None, SAME_VALUE
    gaps = found.replicates - found.estimate
    gaps[np.abs(gaps) <= _ROUNDING * max(1.0, abs(found.estimate))] = 0.0
    share = float(np.mean(gaps < 0.0) + np.mean(gaps <= 0.0)) / 2.0
    if share in (0.0, 1.0):
        return _quantiles(found.replicates, beyond, 1.0 - beyond), ONE_SIDED
    pull = acceleration(found.left_out)
    bias, z = float(norm.ppf(share)), float(norm.isf(beyond))
    limits = _quantiles(found.replicates, _level(bias, -z, pull or 0.0), _level(bias, z, pull or 0.0))
    return limits, NO_ACCELERATION if pull is None else ""


def acceleration(left_out: list[NDArray[np.float64]]) -> float | None:
    """The acceleration from the jackknife of each stratum; None where nothing changes the figure.

    With u = (m - 1)/m (mean - value) for the m units of a stratum: sum u^3 / (6 (sum u^2)^1.5), both sums over
    all strata. It is at most 1/6.
    """
    influence = np.concatenate([(v.mean() - v) * (v.size - 1) / v.size for v in left_out])
    largest = float(np.abs(influence).max())
    if largest <= _ROUNDING * max(1.0, *(float(np.abs(values).max()) for values in left_out)):
        return None
    scaled = influence / largest  # cubes of small numbers vanish
    return float((scaled**3).sum() / (6.0 * (scaled**2).sum() ** 1.5))


def _level(bias: float, z: float, pull: float) -> float:
    """Which quantile of the replicates is the limit that the normal quantile z would give."""
    shift = bias + z
    stretch = 1.0 - pull * shift
    # Beyond the pole the limit has run off to the end; it takes an estimate almost outside the resamples.
    return float(norm.cdf(bias + shift / stretch)) if stretch > 0.0 else float(shift > 0.0)


def _quantiles(replicates: NDArray[np.float64], lower: float, upper: float) -> Interval:
    low, high = np.quantile(replicates, [lower, upper]).tolist()
    return low, high


def _one_by_one(statistic: Statistic, y: NDArray[np.bool_], values: NDArray[Any]) -> OfWeights:
    cases = np.arange(y.size)

    def value(weights: NDArray[np.float64]) -> float:
        sample = np.repeat(cases, weights.astype(np.intp))
        try:
            return float(statistic(y[sample], values[sample]))
        except TestRefused:
            return math.nan

    return lambda weights: np.array([value(row) for row in weights])


def _values(values: ArrayLike, n: int) -> NDArray[Any]:
    """One or several values for each of the n cases, none missing."""
    array = np.asarray(values)
    if array.ndim != 2:
        array = categories(array, "values")
        same_length(n, [array])
        return array
    columns = [
        categories(column, f"values of arm {number}") for number, column in enumerate(array.T, start=1)
    ]
    same_length(n, columns)
    return np.stack(columns, axis=1)
