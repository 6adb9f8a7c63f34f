"""The corrected resampled t test: two arms compared over the folds of a (repeated) cross-validation."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

from radcompare.compare.inputs import numbers, tail
from radcompare.compare.normal import NO_VARIANCE, standardised
from radcompare.compare.result import Comparison
from radcompare.errors import ConfigError, TestRefused


def nadeau_bengio(
    differences: ArrayLike,
    n_train: float,
    n_test: float,
    confidence: float = 0.95,
    *,
    metric: str = "accuracy",
) -> Comparison:
    """Test whether the mean difference over folds is 0, allowing for training sets that overlap.

    t = mean / sqrt((1/J + n_test/n_train) s²) with J - 1 degrees of freedom, s² the sample variance of
    the J differences. Nadeau and Bengio (2003), Machine Learning 52:239; for repeated cross-validation
    Bouckaert and Frank (2004).

    Args:
        differences: metric of the first arm minus that of the second, one per fold and repeat, shape (J,).
        n_train: cases trained on in a fold (the mean, where folds differ).
        n_test: cases tested in a fold (the mean, where folds differ).
        confidence: of the interval of the mean difference.
        metric: what the differences are of, for the result.

    Returns:
        The mean difference, with t as the statistic. If all differences are equal, p = 1 when they are 0
        and p = 0, with a note, when they are not.

    Raises:
        TestRefused: fewer than 2 differences, or a missing one.
        ConfigError: a size that is not above 0.
    """
    values = numbers(differences, "differences over folds")
    _check(values.size, n_train, n_test)
    mean = float(values.mean())
    se = math.sqrt((1.0 / values.size + n_test / n_train) * _variance(values))
    statistic, df = standardised(mean, se), values.size - 1
    half_width = float(student.isf(tail(confidence), df)) * se
    return Comparison(
        test="nadeau-bengio",
        metric=metric,
        difference=mean,
        ci=(mean - half_width, mean + half_width),
        p=float(2.0 * student.sf(abs(statistic), df)),
        statistic=statistic,
        note=NO_VARIANCE if math.isinf(statistic) else "",
        df=float(df),
        p_greater=float(student.sf(statistic, df)),
        p_less=float(student.cdf(statistic, df)),
    )


def _variance(values: NDArray[np.float64]) -> float:
    # Equal values have no variance, but their mean is rounded: 0.1 three times would leave 1e-34.
    return float(values.var(ddof=1)) if np.ptp(values) > 0.0 else 0.0


def _check(folds: int, n_train: float, n_test: float) -> None:
    if folds < 2:
        raise TestRefused(
            f"{folds} difference over folds: at least 2 needed",
            "compare the scores of the cases by delong, or their labels by mcnemar-exact",
        )
    if not (n_train > 0 and n_test > 0):
        raise ConfigError(
            f"n_train {n_train} and n_test {n_test}: both must be above 0", "give the cases per fold"
        )
