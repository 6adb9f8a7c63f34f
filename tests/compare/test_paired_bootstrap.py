import math

import numpy as np
import pytest
from scipy import stats

from radcompare.compare.auc import auc
from radcompare.compare.bca import bca_interval
from radcompare.compare.delong import delong_clustered, delong_test
from radcompare.compare.paired_bootstrap import paired_bootstrap_auc
from radcompare.compare.resampling import draws
from radcompare.errors import ConfigError, TestRefused


def correlated(seed, n=60, decimals=1, effect=0.5):
    rng = np.random.default_rng(seed)
    y = np.arange(n) < 0.4 * n
    common = rng.normal(size=n)
    a, b = (np.round(e * y + common + rng.normal(size=n), decimals) for e in (1.0, effect))
    return y, a, b


def gap(y, arms):
    return auc(y, arms[:, 0]) - auc(y, arms[:, 1])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("clustered", [False, True], ids=["cases", "patients"])
def test_the_definition_with_the_same_draws(seed, clustered):
    y, a, b = correlated(seed)
    groups = np.random.default_rng(seed).integers(0, 25, y.size) if clustered else None
    found = paired_bootstrap_auc(y, a, b, groups, resamples=300, seed=seed)
    gaps = [auc(y[s], a[s]) - auc(y[s], b[s]) for s in draws(y, groups, 300, seed=seed)]
    difference = auc(y, a) - auc(y, b)
    z = difference / math.sqrt(sum((g - sum(gaps) / 300) ** 2 for g in gaps) / 299)
    assert found.difference == pytest.approx(difference, abs=1e-15)
    assert found.statistic == pytest.approx(z, rel=1e-10)
    assert found.p == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-9)
    assert (found.p_greater, found.p_less) == pytest.approx((stats.norm.sf(z), stats.norm.cdf(z)), rel=1e-9)
    generic = bca_interval(gap, y, np.stack([a, b], axis=1), groups, resamples=300, seed=seed)
    assert found.ci == pytest.approx(generic.ci, abs=1e-12)
    assert found.note == generic.note
    assert (found.test, found.metric) == ("bootstrap", "auc")


@pytest.mark.parametrize(
    ("marker1", "marker2"), [("s100b", "wfns"), ("ndka", "wfns"), ("s100b", "ndka")], ids=lambda name: name
)
def test_z_is_near_delong_s_on_real_data(rows, column, marker1, marker2):
    del rows
    y = column("aSAH", "outcome")
    a, b = column("aSAH", marker1), column("aSAH", marker2)
    found, delong = paired_bootstrap_auc(y, a, b, resamples=5000), delong_test(y, a, b)
    assert found.difference == delong.difference
    assert found.statistic == pytest.approx(delong.statistic, rel=0.06)
    assert found.ci == pytest.approx(delong.ci, abs=0.03)


def test_patients_are_near_the_clustered_delong():
    y, a, b = correlated(1, n=900)
    groups = np.random.default_rng(3).integers(0, 300, 900)
    found, delong = paired_bootstrap_auc(y, a, b, groups), delong_clustered(y, a, b, groups)
    assert found.statistic == pytest.approx(delong.statistic, rel=0.08)


@pytest.mark.parametrize("seed", range(3))
def test_swapping_the_arms_flips_the_sign(seed):
    y, a, b = correlated(seed)
    there, back = paired_bootstrap_auc(y, a, b), paired_bootstrap_auc(y, b, a)
    assert (back.difference, back.statistic, back.p) == (-there.difference, -there.statistic, there.p)
    assert back.ci == pytest.approx((-there.ci[1], -there.ci[0]), abs=1e-12)


def test_monotone_transforms_change_nothing():
    y, a, b = correlated(2)
    assert paired_bootstrap_auc(y, np.exp(a), 5 * b + 1) == paired_bootstrap_auc(y, a, b)


def test_the_seed_decides():
    data = correlated(2)
    assert paired_bootstrap_auc(*data, seed=3) == paired_bootstrap_auc(*data, seed=3)
    assert paired_bootstrap_auc(*data, seed=3).p != paired_bootstrap_auc(*data, seed=4).p


@pytest.mark.parametrize("groups", [None, np.arange(60) // 3], ids=["cases", "patients"])
def test_the_same_ranks_have_p_one_and_no_interval(groups):
    y, a, _ = correlated(5)
    found = paired_bootstrap_auc(y, a, 2 * a, groups)
    assert (found.difference, found.statistic, found.p, found.ci) == (0.0, 0.0, 1.0, None)
    assert "every resample gives the same value" in found.note


@pytest.mark.parametrize(
    ("a", "b"), [([1, 2, 3, 4], [1, 1, 9, 9]), ([7, 7, 7, 7], [0, 0, 0, 0])], ids=["perfect", "ties"]
)
def test_two_scores_without_variation_do_not_differ(a, b):
    found = paired_bootstrap_auc([0, 0, 1, 1], a, b, resamples=100)
    assert (found.difference, found.p, found.ci) == (0.0, 1.0, None)


@pytest.mark.parametrize("groups", [None, np.arange(7) // 2], ids=["cases", "patients"])
def test_no_variance_and_a_difference_is_an_infinite_z_with_a_note(groups):
    y = np.array([0, 0, 0, 0, 1, 1, 1])
    found = paired_bootstrap_auc(y, y, np.zeros(7), groups, resamples=100)
    assert (found.difference, found.statistic, found.p, found.ci) == (0.5, math.inf, 0.0, None)
    assert "exact test" in found.note


@pytest.mark.parametrize(
    ("y", "a", "b", "groups", "message"),
    [
        ([1, 0, 0], [1, 2, 3], [1, 2, 3], None, "1 positive and 2 negative"),
        ([1, 1, 1], [1, 2, 3], [1, 2, 3], None, "3 positive and 0 negative"),
        ([1, 1, 0, 0], [1, 2, 3, 4], [1, 2, 3, 4], list("pppq"), "1 patients with positive"),
        ([1, 1, 0, 0], [1, 2, 3, 4], [1, 2, 3], None, "4 outcomes and 3 values"),
        ([1, 1, 0, 0], [1, 2, 3, 4], [1, 2, math.nan, 4], None, "score 2: 1 missing"),
    ],
)
def test_what_cannot_be_tested_is_refused_with_a_hint(y, a, b, groups, message):
    with pytest.raises(TestRefused, match=message) as refused:
        paired_bootstrap_auc(y, a, b, groups)
    assert refused.value.hint


def test_too_few_cases_name_the_alternative():
    with pytest.raises(TestRefused) as refused:
        paired_bootstrap_auc([1, 0, 0], [1, 2, 3], [1, 2, 3])
    assert "mcnemar-exact" in refused.value.hint


def test_too_few_resamples_are_refused():
    with pytest.raises(ConfigError, match="10 resamples are too few"):
        paired_bootstrap_auc(*correlated(1), resamples=10)


@pytest.mark.slow
def test_under_the_null_one_in_twenty_is_below_five_per_cent():
    runs = 600
    p = np.array([paired_bootstrap_auc(*correlated(s, effect=1.0), resamples=500).p for s in range(runs)])
    # The standard error of 5 % is 0.9 %.
    assert 0.025 < (p < 0.05).mean() < 0.08
