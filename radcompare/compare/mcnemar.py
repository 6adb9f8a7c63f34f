"""McNemar's test: do two arms get different numbers of the same cases right?"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binom

from radcompare.compare import normal
from radcompare.compare.inputs import categories, same_length
from radcompare.compare.limits import smallest_mcnemar_p
from radcompare.compare.result import Comparison, Interval
from radcompare.errors import TestRefused


class Discordance(NamedTuple):
    """How two arms differ on n cases: `gains` only the first got right, `losses` only the second."""

    gains: int
    losses: int
    n: int


def mcnemar_exact(
    y: ArrayLike, predicted_a: ArrayLike, predicted_b: ArrayLike, confidence: float = 0.95
) -> Comparison:
    """Compare two accuracies on the same cases by the exact binomial test on the discordant pairs.

    The p value is that of R's `binom.test(gains, gains + losses)`; the interval is Bonett and Price's.
    They are different methods and may disagree about 0 when p is near 1 - confidence.

    Args:
        y: the true labels, numbers or text, any number of classes, shape (n,).
        predicted_a: labels that the first arm gave, shape (n,).
        predicted_b: labels that the second arm gave, shape (n,).
        confidence: of the interval of the difference.

    Returns:
        Accuracy of a minus accuracy of b; the statistic is the number of cases that only a got right,
        and the note gives both discordant counts and the smallest p that they allow.

    Raises:
        TestRefused: no cases, missing labels, different lengths, or labels of different kinds.
    """
    return _test("mcnemar-exact", exact_p, discordance(y, predicted_a, predicted_b), confidence)


def mcnemar_midp(
    y: ArrayLike, predicted_a: ArrayLike, predicted_b: ArrayLike, confidence: float = 0.95
) -> Comparison:
    """As `mcnemar_exact` with the mid-p value, which is less conservative and not strictly exact.

    Fagerland, Lydersen and Laake (2013), BMC Medical Research Methodology 13:91.
    """
    return _test("mcnemar-midp", mid_p, discordance(y, predicted_a, predicted_b), confidence)


def discordance(y: ArrayLike, predicted_a: ArrayLike, predicted_b: ArrayLike) -> Discordance:
    """Count the cases that exactly one of two arms got right."""
    truth = categories(y, "outcome")
    arms = [categories(predicted_a, "predicted a"), categories(predicted_b, "predicted b")]
    same_length(truth.size, arms)
    if len({array.dtype.kind == "U" for array in (truth, *arms)}) > 1:
        raise TestRefused("some labels are numbers and some text", "code the outcome and both arms alike")
    right_a, right_b = (arm == truth for arm in arms)
    gains, losses = np.count_nonzero(right_a & ~right_b), np.count_nonzero(right_b & ~right_a)
    return Discordance(int(gains), int(losses), int(truth.size))


def exact_p(gains: int, losses: int) -> float:
    """Two-sided exact binomial p of so many gains and losses; 1 without any discordant pair."""
    return min(1.0, 2.0 * float(binom.cdf(min(gains, losses), gains + losses, 0.5)))


def mid_p(gains: int, losses: int) -> float:
    """Two-sided mid-p: the observed split counts half; 1 without any discordant pair."""
    discordant = gains + losses
    if discordant == 0:
        return 1.0
    fewer = min(gains, losses)
    observed = float(binom.pmf(fewer, discordant, 0.5))
    if gains == losses:
        return 1.0 - 0.5 * observed
    return 2.0 * float(binom.cdf(fewer - 1, discordant, 0.5)) + observed


def difference_interval(gains: int, losses: int, n: int, *, confidence: float = 0.95) -> Interval:
    """Adjusted Wald interval of the difference of two paired proportions, cut at ±1.

    One case is added to either discordant cell, so the interval is centred nearer to 0 than the
    difference. Bonett and Price (2012), Journal of Educational and Behavioral Statistics 37:479.

    Args:
        gains: cases that only the first arm got right.
        losses: cases that only the second arm got right.
        n: all cases.
        confidence: of the interval.
    """
    only_a, only_b = (gains + 1) / (n + 2), (losses + 1) / (n + 2)
    centre = only_a - only_b
    se = math.sqrt((only_a + only_b - centre**2) / (n + 2))
    return normal.interval(centre, se, confidence=confidence, bounds=(-1.0, 1.0))


def _test(
    name: str, p_value: Callable[[int, int], float], pairs: Discordance, confidence: float
) -> Comparison:
    gains, losses, n = pairs
    return Comparison(
        test=name,
        metric="accuracy",
        difference=(gains - losses) / n,
        ci=difference_interval(gains, losses, n, confidence=confidence),
        p=p_value(gains, losses),
        statistic=float(gains),
        note=_note(gains, losses),
        smallest_p=smallest_mcnemar_p(gains + losses),
    )


def _note(gains: int, losses: int) -> str:
    limit = smallest_mcnemar_p(gains + losses)
    return (
        f"{gains} cases only the first arm got right, {losses} only the second; "
        f"exact p cannot go below {limit:.3g} with {gains + losses} discordant"
    )
