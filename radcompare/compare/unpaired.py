"""Two accuracies of different cases."""

from scipy.stats import fisher_exact as exact

from radcompare.compare.proportion import score_interval, wilson
from radcompare.compare.result import Comparison


def fisher_exact(
    right_a: int, n_a: int, right_b: int, n_b: int, confidence: float = 0.95, *, note: str = ""
) -> Comparison:
    """Compare two accuracies of different cases by Fisher's exact test.

    Two-sided as in R's `fisher.test`: all tables that are no likelier than the one at hand. The interval of the
    difference is Newcombe's, from the two Wilson intervals (1998, Statistics in Medicine 17:873, method 10).

    Args:
        right_a, n_a: how many of how many cases the first arm got right.
        right_b, n_b: the same of the second arm.
        confidence: of the interval.
        note: for the reader of the result.

    Raises:
        TestRefused: no cases, or more right than there are.
    """
    a, b = wilson(right_a, n_a, confidence=confidence), wilson(right_b, n_b, confidence=confidence)
    low_a, high_a = score_interval(a.value, n_a, confidence=confidence)
    low_b, high_b = score_interval(b.value, n_b, confidence=confidence)
    difference = a.value - b.value
    below = ((a.value - low_a) ** 2 + (high_b - b.value) ** 2) ** 0.5
    above = ((high_a - a.value) ** 2 + (b.value - low_b) ** 2) ** 0.5
    _, p = exact([[right_a, n_a - right_a], [right_b, n_b - right_b]])
    return Comparison(
        *("fisher-exact", "accuracy", difference),
        ci=(difference - below, difference + above),
        p=min(1.0, float(p)),
        statistic=None,
        note=note,
    )
