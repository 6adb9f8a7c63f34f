import math

import numpy as np
import pytest
from scipy import stats

from radcompare import registry
from radcompare.compare.nadeau_bengio import nadeau_bengio
from radcompare.errors import ConfigError, TestRefused


def test_every_row_of_r(rows, column):
    reference = rows("nadeau_bengio_reference")
    assert len(reference) == 3
    for row in reference:
        differences = column(row["name"], "diff")
        assert differences.size == int(row["k"]) * int(row["r"])
        result = nadeau_bengio(differences, int(row["n_train"]), int(row["n_test"]))
        assert result.difference == pytest.approx(float(row["mean"]), abs=1e-12, rel=0)
        assert result.statistic == pytest.approx(float(row["t"]), abs=1e-12, rel=0)
        assert result.df == int(row["df"])
        assert result.p == pytest.approx(float(row["p_two"]), rel=1e-10, abs=0)


def test_the_interval_by_arithmetic():
    # mean 3, s^2 = 2.5, J = 5, n_test/n_train = 1/4: se = sqrt((1/5 + 1/4) 2.5); t(0.975, 4) = 2.7764451051977987
    result = nadeau_bengio([1, 2, 3, 4, 5], 80, 20)
    se = math.sqrt(0.45 * 2.5)
    assert result.ci == pytest.approx((3 - 2.7764451051977987 * se, 3 + 2.7764451051977987 * se), rel=1e-12)
    assert result.statistic == pytest.approx(3 / se, rel=1e-15)


def test_without_overlap_it_is_the_paired_t_test():
    values = np.random.default_rng(4).normal(0.3, 1, 12)
    expected = stats.ttest_1samp(values, 0.0)
    result = nadeau_bengio(values, n_train=1e300, n_test=1)
    assert (result.statistic, result.p) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-12)
    assert result.ci == pytest.approx(tuple(expected.confidence_interval()), rel=1e-12)
    assert result.p_greater == pytest.approx(stats.ttest_1samp(values, 0, alternative="greater").pvalue)
    assert result.p_less == pytest.approx(stats.ttest_1samp(values, 0, alternative="less").pvalue)


def test_repeating_a_cross_validation_cannot_make_p_vanish():
    once = np.array([0.1, -0.05, 0.02, 0.08, 0.03, 0.0, 0.06, -0.01, 0.04, 0.05])
    thousand = nadeau_bengio(np.tile(once, 1000), 90, 10)
    assert thousand.statistic < once.mean() / math.sqrt(10 / 90 * once.var())
    assert stats.ttest_1samp(np.tile(once, 1000), 0).pvalue < 1e-100 < thousand.p


def test_swapping_the_arms_flips_the_sign():
    values = np.array([0.1, 0.02, -0.03, 0.2])
    there, back = nadeau_bengio(values, 30, 10), nadeau_bengio(-values, 30, 10)
    assert (back.difference, back.statistic, back.p) == (-there.difference, -there.statistic, there.p)


def test_equal_differences_are_all_or_nothing():
    nothing = nadeau_bengio([0.0] * 10, 90, 10)
    assert (nothing.statistic, nothing.p, nothing.ci) == (0.0, 1.0, (0.0, 0.0))
    always = nadeau_bengio([0.1] * 3, 90, 10)
    assert np.var([0.1] * 3) > 0  # the rounding of the mean, which must not pass for variance
    assert (always.statistic, always.p) == (math.inf, 0.0)
    assert "variance is 0" in always.note


def test_too_few_or_missing_differences_are_refused():
    with pytest.raises(TestRefused, match="1 difference over folds") as refused:
        nadeau_bengio([0.1], 90, 10)
    assert "delong" in refused.value.hint
    with pytest.raises(TestRefused, match="no cases"):
        nadeau_bengio([], 90, 10)
    with pytest.raises(TestRefused, match="missing, the first at position 1"):
        nadeau_bengio([0.1, math.nan, 0.2], 90, 10)


@pytest.mark.parametrize(("n_train", "n_test"), [(0, 10), (90, 0), (-1, 10), (math.nan, 10)])
def test_sizes_must_be_sizes(n_train, n_test):
    with pytest.raises(ConfigError, match="above 0"):
        nadeau_bengio([0.1, 0.2], n_train, n_test)


def test_the_registry_knows_it():
    assert registry.load("test", "nadeau-bengio") is nadeau_bengio
    result = nadeau_bengio([0.1, 0.2], 90, 10, metric="auc")
    assert (result.test, result.metric) == ("nadeau-bengio", "auc")
