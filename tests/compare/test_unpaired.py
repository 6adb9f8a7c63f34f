from itertools import product

import pytest
from scipy.stats import hypergeom

from radcompare.compare.unpaired import fisher_exact
from radcompare.errors import TestRefused

TABLES = [(31, 40, 36, 40), (0, 5, 5, 5), (3, 7, 9, 21), (10, 10, 10, 10), (1, 1, 0, 1)]


@pytest.mark.parametrize(("right_a", "n_a", "right_b", "n_b"), TABLES)
def test_p_is_the_sum_over_tables_no_likelier(right_a, n_a, right_b, n_b):
    right, total = right_a + right_b, n_a + n_b
    chances = [float(hypergeom.pmf(x, total, right, n_a)) for x in range(right + 1)]
    observed = float(hypergeom.pmf(right_a, total, right, n_a))
    expected = min(1.0, sum(chance for chance in chances if chance <= observed * (1 + 1e-7)))
    assert fisher_exact(right_a, n_a, right_b, n_b).p == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(("table", "confidence"), [*product(TABLES, (0.9, 0.95))])
def test_the_interval_is_newcombe_s(table, confidence):
    from statsmodels.stats.proportion import confint_proportions_2indep

    expected = confint_proportions_2indep(*table, method="newcomb", alpha=1 - confidence)
    assert fisher_exact(*table, confidence).ci == pytest.approx(expected, abs=1e-12)


def test_newcombe_s_own_example():
    # Newcombe (1998), Table II, (a): 56/70 - 48/80, method 10.
    found = fisher_exact(56, 70, 48, 80)
    assert found.difference == pytest.approx(0.2, abs=1e-15)
    assert found.ci == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_more_right_than_cases_is_refused():
    with pytest.raises(TestRefused, match="9 of 8 cases is no proportion"):
        fisher_exact(9, 8, 1, 8)
