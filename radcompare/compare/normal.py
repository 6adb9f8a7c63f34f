"""What the normal approximation gives: an interval around an estimate, z and p of a difference."""

import math

from scipy.stats import norm

from radcompare.compare.inputs import tail
from radcompare.compare.result import Comparison, Interval

NO_VARIANCE = (
    "the estimated variance is 0, so z is infinite and p is 0 only as the limit of the formula: "
    "report an exact test beside it"
)


def interval(
    value: float,
    se: float,
    *,
    confidence: float = 0.95,
    bounds: Interval = (-math.inf, math.inf),
) -> Interval:
    """The Wald interval value ± z se, cut at the bounds of the quantity."""
    half_width = float(norm.isf(tail(confidence))) * se
    lowest, highest = bounds
    return max(lowest, value - half_width), min(highest, value + half_width)


def compare(
    *, test: str, metric: str, difference: float, se: float, confidence: float = 0.95, note: str = ""
) -> Comparison:
    """Test a difference against 0 by z = difference / se.

    A standard error of 0 with a difference of 0 gives z = 0 and p = 1; with another difference z is
    infinite and p = 0, and the note says so. Both are what pROC 1.18 does. The interval is not cut at
    ±1 (pROC does not either), so that it stays symmetric and p < 0.05 means that it leaves out 0.
    """
    z = standardised(difference, se)
    return Comparison(
        test=test,
        metric=metric,
        difference=difference,
        ci=interval(difference, se, confidence=confidence),
        p=float(2.0 * norm.sf(abs(z))),
        statistic=z,
        note="; ".join(part for part in (note, NO_VARIANCE if math.isinf(z) else "") if part),
        p_greater=float(norm.sf(z)),
        p_less=float(norm.cdf(z)),
    )


def standardised(difference: float, se: float) -> float:
    """The difference in standard errors; 0 if both are 0, infinite if only the standard error is."""
    if se > 0.0:
        return difference / se
    return 0.0 if difference == 0.0 else math.copysign(math.inf, difference)
