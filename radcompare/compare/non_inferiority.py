"""Is an arm no worse than the reference by more than a margin?

The margin is what the user can do with losing, fixed before the data are seen. One-sided at (1 - confidence) / 2, so
that the answer is read off the lower end of the usual interval: shown where it lies above minus the margin.
"""

import math
from dataclasses import dataclass

import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.stats import norm
from scipy.stats import t as student

from radcompare.compare.inputs import tail
from radcompare.compare.mcnemar import discordance
from radcompare.compare.result import Comparison
from radcompare.errors import ConfigError, TestRefused

Z_TESTS = ("delong", "delong-clustered", "mcnemar-clustered", "nadeau-bengio")
"""Tests whose interval is that of z or t around the difference."""
COUNTS = ("mcnemar-exact", "mcnemar-midp")
"""Tests of two accuracies whose part is taken by Tango's."""


@dataclass(frozen=True)
class Margin:
    """What one test says of a loss by the margin or more.

    Attributes:
        test, metric: the name of the test, and what is compared.
        difference: metric of the first arm minus that of the reference.
        lower: the lower end of the interval of the difference.
        p: one-sided, of the hypothesis that the first arm is worse by the margin or more.
    """

    test: str
    metric: str
    difference: float
    lower: float
    p: float


def against_margin(test: Comparison, rows: pd.DataFrame, margin: float, confidence: float = 0.95) -> Margin:
    """The question of a two-sided test, asked of the margin.

    Args:
        test: what the test of the difference said.
        rows: one per case: `y_true`, `predicted_a`, `predicted_b`, of the arm and the reference.
        margin: above 0 and below 1.
        confidence: that of the test.

    Raises:
        TestRefused: it has no such form.
        ConfigError: a margin that is not above 0 and below 1.
    """
    if test.test in COUNTS:
        y, a, b = (rows[name] for name in ("y_true", "predicted_a", "predicted_b"))
        return not_worse_accuracy(y, a, b, margin, confidence)
    if test.test not in Z_TESTS or test.ci is None:
        raise TestRefused(
            f"non-inferiority is not tested by {test.test}", "the lower end of its interval, or another test"
        )
    beyond = tail(confidence)
    quantile = float(norm.isf(beyond) if test.df is None else student.isf(beyond, test.df))
    # Of the lower half alone: the other may be cut off where no difference can be.
    se = (test.difference - test.ci[0]) / quantile
    return not_worse(test.difference, se, margin, confidence, df=test.df, test=test.test, metric=test.metric)


def not_worse(
    difference: float,
    se: float,
    margin: float,
    confidence: float = 0.95,
    *,
    df: float | None = None,
    test: str,
    metric: str,
) -> Margin:
    """Test a difference against minus the margin by (difference + margin) / se.

    Args:
        difference: first arm minus reference.
        se: its standard error; 0 decides by the difference alone.
        margin: above 0 and below 1.
        confidence: of the two-sided interval whose lower end counts.
        df: degrees of freedom of t; None for z.
        test, metric: for the result.

    Raises:
        ConfigError: a margin that is not above 0 and below 1.
    """
    _check(margin)
    beyond = tail(confidence)
    quantile = float(norm.isf(beyond) if df is None else student.isf(beyond, df))
    lower = difference - quantile * se
    gap = difference + margin
    if se == 0:
        return Margin(test, metric, difference, lower, float(gap <= 0))
    p = float(norm.sf(gap / se) if df is None else student.sf(gap / se, df))
    return Margin(test, metric, difference, lower, p)


def not_worse_accuracy(
    y: ArrayLike,
    predicted_a: ArrayLike,
    predicted_b: ArrayLike,
    margin: float,
    confidence: float = 0.95,
) -> Margin:
    """The same for two accuracies on the same cases, by Tango's score test.

    z = (b - c + n margin) / sqrt(n (2 q - margin (1 + margin))), with b and c the cases that only the first arm and
    only the reference got right, and q the likeliest share of the latter, were the loss equal to the margin. Tango
    (1998), Statistics in Medicine 17:891. The lower end is where z meets its limit, so that it agrees with p.

    Raises:
        TestRefused: as `mcnemar_exact`.
        ConfigError: a margin that is not above 0 and below 1.
    """
    _check(margin)
    gains, losses, n = discordance(y, predicted_a, predicted_b)
    limit = float(norm.isf(tail(confidence)))
    z = tango(gains, losses, n, -margin)
    lower = tango_limit(gains, losses, n, limit)
    return Margin("tango", "accuracy", (gains - losses) / n, lower, float(norm.sf(z)))


def tango(gains: int, losses: int, n: int, difference: float) -> float:
    """Tango's z of a paired difference of proportions, for the hypothesis that it is `difference`.

    Args:
        gains, losses: cases that only the first, only the second arm got right.
        n: all cases.
        difference: above -1 and below 1.
    """
    share = likeliest_losses(gains, losses, n, difference)
    gap = gains - losses - n * difference
    variance = n * (2 * share + difference * (1 - difference))
    if variance <= 0:
        return 0.0 if gap == 0 else math.copysign(math.inf, gap)
    return gap / math.sqrt(variance)


def likeliest_losses(gains: int, losses: int, n: int, difference: float) -> float:
    """The likeliest share of losses q where that of gains is q + difference: the larger root of 2 n q² + B q + C."""
    linear = -gains - losses + (2 * n - gains + losses) * difference
    constant = -losses * difference * (1 - difference)
    root = math.sqrt(max(0.0, linear**2 - 8 * n * constant))
    return max(0.0, -difference, (root - linear) / (4 * n))


def tango_limit(gains: int, losses: int, n: int, limit: float) -> float:
    """The smallest difference for which z does not exceed `limit`; -1 where there is none."""
    edge = -1 + 1e-12
    observed = (gains - losses) / n
    if observed <= edge or tango(gains, losses, n, edge) <= limit:
        return -1.0
    found: float = brentq(
        lambda d: tango(gains, losses, n, d) - limit, edge, min(observed, 1 - 1e-12), xtol=1e-14
    )
    return found


def _check(margin: float) -> None:
    if not 0 < margin < 1:
        raise ConfigError(
            f"margin {margin:g} is not above 0 and below 1",
            "give the largest loss that does not matter, such as 0.05",
        )
