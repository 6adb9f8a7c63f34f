import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import beta

from radcompare.compare.five_by_two import combined_f
from radcompare.errors import TestRefused


def upper_tail(f: float) -> float:
    """P(F(10, 5) > f) by integrating its density."""

    def density(x: float) -> float:
        return (10 * x) ** 5 * 5**2.5 / (10 * x + 5) ** 7.5 / x / beta(5, 2.5)

    return quad(density, f, math.inf, epsabs=1e-13, epsrel=1e-12)[0]


@pytest.mark.parametrize("seed", range(6))
def test_the_definition(seed):
    differences = np.random.default_rng(seed).normal(0.05, 0.1, (5, 2))
    squares = sum(p**2 for run in differences for p in run)
    variances = [(a - (a + b) / 2) ** 2 + (b - (a + b) / 2) ** 2 for a, b in differences]
    f = squares / (2 * sum(variances))
    found = combined_f(differences)
    assert found.statistic == pytest.approx(f, rel=1e-12)
    assert found.p == pytest.approx(upper_tail(f), rel=1e-9)
    assert found.difference == pytest.approx(differences.mean(), abs=1e-15)


def test_the_tabled_critical_value():
    # The 5 % point of F(10, 5) is 4.735, the figure of Alpaydin's paper: 4.74.
    # Five runs of m + 1/2 and m - 1/2 have f = 5 (2 m² + 1/2) / (2 * 5 * 1/2) = 2 m² + 1/2.
    mean = math.sqrt((4.735063 - 0.5) / 2)
    assert combined_f([[mean + 0.5, mean - 0.5]] * 5).p == pytest.approx(0.05, abs=1e-6)


def test_no_difference_at_all():
    found = combined_f(np.zeros((5, 2)))
    assert (found.statistic, found.p, found.difference) == (0.0, 1.0, 0.0)


def test_no_variance_within_the_runs():
    found = combined_f(np.full((5, 2), 0.1))
    assert found.p == 0.0
    assert math.isinf(found.statistic)
    assert "the estimated variance is 0" in found.note


@pytest.mark.parametrize("differences", [np.zeros((10, 5)), np.zeros(10), np.full((5, 2), np.nan)])
def test_other_shapes_are_refused(differences):
    with pytest.raises(TestRefused, match="5 runs of 2 folds") as error:
        combined_f(differences)
    assert "nadeau-bengio" in error.value.hint
