"""The combined 5x2cv F test: two arms compared over five runs of two folds."""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import f as fisher

from radcompare.compare.normal import NO_VARIANCE
from radcompare.compare.result import Comparison
from radcompare.errors import TestRefused

NAME = "5x2cv-f"
RUNS, FOLDS = 5, 2
NO_INTERVAL = "the test gives no interval"


def combined_f(differences: ArrayLike, *, metric: str = "accuracy") -> Comparison:
    """Test whether the difference over five runs of two folds is 0.

    f = sum of the ten squared differences / (2 * sum of s_i²), with s_i² the sum of squares of run i about its mean;
    under the null near F with 10 and 5 degrees of freedom. Alpaydin (1999), Neural Computation 11:1885. In a run of
    two folds no case trains and tests at once, and the two training sets share none.

    Args:
        differences: metric of the first arm minus that of the second, shape (5, 2): a row per run.
        metric: what the differences are of, for the result.

    Returns:
        The mean difference with f as the statistic. No variance within the runs: p = 1 where all differences are 0,
        and p = 0, with a note, where they are not.

    Raises:
        TestRefused: not five runs of two folds, or a missing difference.
    """
    values = np.asarray(differences, dtype=np.float64)
    if values.shape != (RUNS, FOLDS) or np.isnan(values).any():
        raise TestRefused(
            f"the test is for the differences of {RUNS} runs of {FOLDS} folds, found shape {values.shape}",
            "validation 5x2, or nadeau-bengio for other runs and folds",
        )
    # Of two values the sum of squares about the mean is half their squared difference: exactly 0 if they are equal.
    within = float(((values[:, 0] - values[:, 1]) ** 2).sum() / 2)
    squares = float((values**2).sum())
    statistic = squares / (2 * within) if within > 0 else (math.inf if squares > 0 else 0.0)
    return Comparison(
        test=NAME,
        metric=metric,
        difference=float(values.mean()),
        ci=None,
        p=float(fisher.sf(statistic, RUNS * FOLDS, RUNS)) if statistic > 0 else 1.0,
        statistic=statistic,
        note="; ".join([NO_INTERVAL, *([NO_VARIANCE] if math.isinf(statistic) else [])]),
        df=float(RUNS * FOLDS),
    )
