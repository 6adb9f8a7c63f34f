import pytest
from scipy.stats import binom

from radcompare.compare.proportion import clopper_pearson, wilson
from radcompare.errors import TestRefused

METHODS = [wilson, clopper_pearson]


def test_every_row_of_r(rows):
    reference = rows("binomial_ci_reference")
    assert len(reference) == 5
    for row in reference:
        x, n = int(row["x"]), int(row["n"])
        for method, name in ((clopper_pearson, "clopper"), (wilson, "wilson")):
            expected = (float(row[f"{name}_lo"]), float(row[f"{name}_hi"]))
            assert method(x, n).ci == pytest.approx(expected, abs=1e-12, rel=0)
            assert method(x, n).value == x / n


@pytest.mark.parametrize("method", METHODS)
def test_all_and_none_touch_the_ends_exactly(method):
    assert method(0, 7).ci[0] == 0.0
    assert method(7, 7).ci[1] == 1.0


@pytest.mark.parametrize("method", METHODS)
def test_failures_mirror_successes(method):
    low, high = method(31, 40).ci
    assert method(9, 40).ci == pytest.approx((1 - high, 1 - low), abs=1e-14)


def test_clopper_pearson_inverts_the_binomial_test():
    low, high = clopper_pearson(36, 40, confidence=0.9).ci
    assert binom.sf(35, 40, low) == pytest.approx(0.05, rel=1e-12)
    assert binom.cdf(36, 40, high) == pytest.approx(0.05, rel=1e-12)


def test_wilson_inverts_the_score_test():
    for limit in wilson(36, 40, confidence=0.9).ci:
        score = (36 / 40 - limit) / (limit * (1 - limit) / 40) ** 0.5
        assert abs(score) == pytest.approx(1.6448536269514722, rel=1e-12)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("x", "n"), [(0, 0), (5, 4), (-1, 4)])
def test_what_is_no_proportion_is_refused(method, x, n):
    with pytest.raises(TestRefused, match=f"{x} of {n} cases"):
        method(x, n)
