"""What can be concluded at all from so many cases: the smallest p, the smallest detectable difference."""

from scipy.stats import binom, norm

from radcompare.compare.inputs import tail
from radcompare.errors import ConfigError


def smallest_mcnemar_p(discordant: int) -> float:
    """The smallest two-sided p that the exact McNemar test can give with so many discordant pairs.

    It is reached when one arm wins them all: 2 · 0.5^d, and 1 without any. For the smallest p that n
    cases allow at all, give n.

    Args:
        discordant: the number of cases that exactly one arm got right.
    """
    _check_count(discordant, "discordant pairs")
    return min(1.0, 2.0 * 0.5**discordant)


def smallest_mcnemar_p_of_counts(right_a: int, right_b: int) -> float:
    """The smallest exact McNemar p that two published counts on the same cases allow.

    Papers report 31 and 36 right of 40 without the pairing. The net gain is fixed, and p is smallest when
    the better arm lost nothing that the other had right: 31 against 36 cannot go below 0.0625.

    Args:
        right_a: the number of cases that the first arm got right.
        right_b: the same of the second arm.
    """
    _check_count(right_a, "right cases")
    _check_count(right_b, "right cases")
    return smallest_mcnemar_p(abs(right_a - right_b))


def largest_mcnemar_p_of_counts(right_a: int, right_b: int, n: int) -> float:
    """The largest exact McNemar p that two published counts on the same n cases allow.

    The net gain is fixed, and p grows with the number of discordant pairs: it is largest when the arms share as few
    right cases as the counts allow. 31 against 36 of 40 cannot be above 0.267.

    Args:
        right_a: the number of cases that the first arm got right.
        right_b: the same of the second arm.
        n: all cases.
    """
    _check_count(min(n - right_a, n - right_b), "wrong cases")
    shared = max(0, right_a + right_b - n)
    discordant, fewer = right_a + right_b - 2 * shared, min(right_a, right_b) - shared
    return min(1.0, 2.0 * float(binom.cdf(fewer, discordant, 0.5)))


def smallest_significant_gain(confidence: float = 0.95) -> int:
    """The smallest net gain, in cases, for which exact McNemar can reach p <= 1 - confidence: 6 at 95 %."""
    alpha = 2.0 * tail(confidence)
    gain = 1
    while smallest_mcnemar_p(gain) > alpha:
        gain += 1
    return gain


def detectable_difference(se: float, *, confidence: float = 0.95, power: float = 0.8) -> float:
    """The true difference that a two-sided z test would find with the given power.

    (z_{1 - alpha/2} + z_power) · se: what this study could have seen, given its own variance. It is no
    statement about the observed difference ("observed power" says no more than p does).

    Args:
        se: estimated standard error of the difference.
        confidence: 1 - alpha of the test.
        power: the probability of p < alpha if the difference is that large.

    Raises:
        ConfigError: a power that is not between 0.5 and 1, or a negative standard error.
    """
    if not 0.5 <= power < 1.0:
        raise ConfigError(f"power {power} is not between 0.5 and 1", "write 80 % as 0.8")
    if not se >= 0.0:
        raise ConfigError(f"standard error {se} is not a number of at least 0", "give the standard error")
    return float(norm.isf(tail(confidence)) + norm.isf(1.0 - power)) * se


def _check_count(count: int, what: str) -> None:
    if count < 0:
        raise ConfigError(f"{count} {what}: a count cannot be negative", "give the number of cases")
