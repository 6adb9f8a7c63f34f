"""DeLong's covariance of 20 scores over 5000 cases: how long it takes, and the definition written out in numpy.

    python benchmarks/delong.py [--scores 20] [--cases 5000] [--repeats 21]

The comparator is the definition: every positive compared with every negative. Both give the same covariance, which is
checked before the clock starts.
"""

import argparse
import time
from collections.abc import Callable
from statistics import median

import numpy as np
from numpy.typing import NDArray

from radcompare.compare.auc import delong_covariance

Floats = NDArray[np.float64]


def by_definition(y: NDArray[np.bool_], scores: Floats) -> Floats:
    """The covariance of the areas, shape (k, k), from all pairs of a positive and a negative."""
    positive, negative = [], []
    for score in scores:
        difference = score[y][:, None] - score[~y][None, :]
        ahead = (difference > 0) + 0.5 * (difference == 0)
        positive.append(ahead.mean(axis=1))
        negative.append(ahead.mean(axis=0))
    return np.asarray(np.cov(positive) / y.sum() + np.cov(negative) / (~y).sum())


def seconds(work: Callable[[], object], repeats: int) -> float:
    """The median time of one call."""
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return median(taken)


def main() -> None:
    """Print both times and their ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scores", type=int, default=20)
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--repeats", type=int, default=21)
    given = parser.parse_args()
    rng = np.random.default_rng(3)
    y = rng.random(given.cases) < 0.3
    scores = rng.normal(size=(given.scores, given.cases)) + y
    np.testing.assert_allclose(delong_covariance(y, scores)[1], by_definition(y, scores), rtol=1e-9)
    here = seconds(lambda: delong_covariance(y, scores), given.repeats)
    there = seconds(lambda: by_definition(y, scores), 3)
    print(f"{given.scores} scores, {given.cases} cases")
    print(f"radcompare     {1000 * here:9.2f} ms")
    print(f"by definition  {1000 * there:9.2f} ms   {there / here:.0f} times as long")


if __name__ == "__main__":
    main()
