"""Confidence intervals of one proportion, such as an accuracy."""

import math

from scipy.stats import beta, norm

from radcompare.compare.inputs import tail
from radcompare.compare.result import Estimate, Interval
from radcompare.errors import TestRefused


def wilson(successes: int, n: int, *, confidence: float = 0.95) -> Estimate:
    """A proportion with Wilson's score interval, as R's `prop.test(correct = FALSE)`.

    Its coverage is near the nominal level on average. Wilson (1927), JASA 22:209.

    Args:
        successes: how many of the n cases.
        n: all cases, at least 1.
        confidence: of the interval.

    Raises:
        TestRefused: no cases, or more successes than cases.
    """
    _check(successes, n)
    p = successes / n
    return Estimate(p, score_interval(p, n, confidence=confidence))


def score_interval(p: float, n: float, *, confidence: float = 0.95) -> Interval:
    """Wilson's interval of a proportion p of n cases, which an effective number may replace."""
    z = float(norm.isf(tail(confidence)))
    centre = p + z**2 / (2 * n)
    half_width = z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    shrink = 1 + z**2 / n
    low, high = (centre - half_width) / shrink, (centre + half_width) / shrink
    return 0.0 if p == 0.0 else low, 1.0 if p == 1.0 else high


def clopper_pearson(successes: int, n: int, *, confidence: float = 0.95) -> Estimate:
    """A proportion with the exact interval, as R's `binom.test`.

    Its coverage is at least the nominal level. Clopper and Pearson (1934), Biometrika 26:404.

    Args:
        successes: how many of the n cases.
        n: all cases, at least 1.
        confidence: of the interval.

    Raises:
        TestRefused: no cases, or more successes than cases.
    """
    _check(successes, n)
    beyond = tail(confidence)
    low = 0.0 if successes == 0 else float(beta.ppf(beyond, successes, n - successes + 1))
    high = 1.0 if successes == n else float(beta.isf(beyond, successes + 1, n - successes))
    return Estimate(successes / n, (low, high))


def _check(successes: int, n: int) -> None:
    if n < 1 or not 0 <= successes <= n:
        raise TestRefused(
            f"{successes} of {n} cases is no proportion", "give at least one case, and at most n successes"
        )
