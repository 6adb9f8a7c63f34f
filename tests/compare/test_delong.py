import math

import numpy as np
import pytest

from radcompare import registry
from radcompare.compare.auc import auc
from radcompare.compare.delong import delong_clustered, delong_test
from radcompare.errors import TestRefused

OUTCOME = {"aSAH": "outcome"}


def correlated(seed, n=80, decimals=1):
    rng = np.random.default_rng(seed)
    y = rng.random(n) < 0.4
    common = rng.normal(size=n)
    return (
        y,
        np.round(y + common + rng.normal(size=n), decimals),
        np.round(common + rng.normal(size=n), decimals),
    )


def test_every_pair_of_proc(rows, column):
    reference = rows("auc_delong_reference")
    assert len(reference) == 12
    for row in reference:
        y = column(row["dataset"], OUTCOME.get(row["dataset"], "y"))
        result = delong_test(
            y, column(row["dataset"], row["marker1"]), column(row["dataset"], row["marker2"])
        )
        expected = {
            name: float(row[name]) for name in row if name[:2] in ("z", "p_", "di") and name != "dataset"
        }
        assert result.statistic == pytest.approx(expected["z"], abs=1e-12, rel=1e-12)
        assert result.p == pytest.approx(expected["p_two"], rel=1e-10, abs=0)
        assert result.p_greater == pytest.approx(expected["p_greater"], rel=1e-10, abs=0)
        assert result.p_less == pytest.approx(expected["p_less"], rel=1e-10, abs=0)
        limits = (expected["diff_ci_lo"], expected["diff_ci_hi"])
        assert result.ci == pytest.approx(limits, abs=1e-12, rel=0)
        assert result.difference == pytest.approx(float(row["auc1"]) - float(row["auc2"]), abs=1e-12, rel=0)


def test_the_registry_knows_it():
    assert registry.load("test", "delong") is delong_test
    result = delong_test(*correlated(1))
    assert (result.test, result.metric, result.note) == ("delong", "auc", "")


@pytest.mark.parametrize("seed", range(6))
def test_swapping_the_arms_flips_the_sign(seed):
    y, a, b = correlated(seed)
    there, back = delong_test(y, a, b), delong_test(y, b, a)
    assert back.difference == -there.difference
    assert back.statistic == -there.statistic
    assert back.p == there.p
    assert (back.p_greater, back.p_less) == pytest.approx((there.p_less, there.p_greater), rel=1e-12)
    assert back.ci == pytest.approx((-there.ci[1], -there.ci[0]), abs=1e-15)


def test_monotone_transforms_change_nothing():
    y, a, b = correlated(2)
    assert delong_test(y, np.exp(a), 5 * b + 1) == delong_test(y, a, b)


def test_the_order_of_cases_changes_nothing():
    y, a, b = correlated(3)
    order = np.random.default_rng(0).permutation(y.size)
    assert delong_test(y[order], a[order], b[order]).p == pytest.approx(delong_test(y, a, b).p, rel=1e-12)


@pytest.mark.parametrize("labels", [int, float, bool])
def test_labels_may_be_any_zero_and_one(labels):
    y, a, b = correlated(2)
    assert delong_test(y.astype(labels).tolist(), a.tolist(), b.tolist()) == delong_test(y, a, b)


def test_a_score_against_itself_has_p_one():
    y, a, _ = correlated(5)
    result = delong_test(y, a, 2 * a)
    assert (result.difference, result.statistic, result.p, result.ci) == (0.0, 0.0, 1.0, (0.0, 0.0))
    assert result.p_greater == result.p_less == 0.5


def test_two_perfect_scores_do_not_differ():
    assert delong_test([0, 0, 1, 1], [1, 2, 3, 4], [1, 1, 9, 9]).p == 1.0


@pytest.mark.parametrize("factor", [1, 7, 1003])
def test_no_variance_and_a_difference_is_proc_s_infinite_z_with_a_note(factor):
    # 1003 is there for the rounding: a mean of 1003 equal components must leave no variance.
    y = np.repeat([0, 1], [3 * factor, 2 * factor])
    perfect, useless = y.astype(float), np.zeros(y.size)
    result = delong_test(y, perfect, useless)
    assert (result.difference, result.statistic, result.p) == (0.5, math.inf, 0.0)
    assert result.ci == (0.5, 0.5)
    assert "exact test" in result.note
    assert delong_test(y, -perfect, useless).statistic == -math.inf


def test_the_difference_interval_follows_the_confidence():
    y, a, b = correlated(6)
    z = {0.9: 1.6448536269514722, 0.99: 2.5758293035489004}
    for confidence, quantile in z.items():
        result = delong_test(y, a, b, confidence=confidence)
        half_width = quantile * result.difference / result.statistic
        assert result.ci == pytest.approx((result.difference - half_width, result.difference + half_width))


@pytest.mark.parametrize(
    ("y", "a", "b", "message"),
    [
        ([], [], [], "no cases"),
        ([1, 1, 1], [1, 2, 3], [1, 2, 3], "3 positive and 0 negative"),
        ([1, 0, 0], [1, 2, 3], [1, 2, 3], "1 positive and 2 negative"),
        ([1, 1, 0, 0], [1, 2, 3, math.nan], [1, 2, 3, 4], "score 1: 1 missing, the first at position 3"),
        ([1, 1, 0, 0], [1, 2, 3, 4], [1, 2, 3], "4 outcomes and 3 values"),
        ([1, 2, 0, 0], [1, 2, 3, 4], [1, 2, 3, 4], "expected 0 and 1, found 2"),
    ],
)
def test_what_cannot_be_tested_is_refused_with_a_hint(y, a, b, message):
    with pytest.raises(TestRefused, match=message) as refused:
        delong_test(y, a, b)
    assert refused.value.hint


def test_too_few_cases_name_the_alternative():
    with pytest.raises(TestRefused) as refused:
        delong_test([1, 0, 0], [1, 2, 3], [1, 2, 3])
    assert "mcnemar-exact" in refused.value.hint


@pytest.mark.parametrize("seed", range(6))
def test_one_case_per_cluster_is_delong(seed):
    y, a, b = correlated(seed)
    alone, clustered = delong_test(y, a, b), delong_clustered(y, a, b, np.arange(y.size))
    assert clustered.difference == alone.difference == pytest.approx(auc(y, a) - auc(y, b), abs=1e-15)
    assert clustered.p == pytest.approx(alone.p, rel=1e-12)
    assert clustered.ci == pytest.approx(alone.ci, abs=1e-14)
    assert clustered.test == "delong-clustered"


def test_clusters_may_be_named_and_in_any_order():
    y, a, b = correlated(3)
    patients = np.random.default_rng(3).integers(0, 30, y.size)
    named = [f"patient {p}" for p in patients]
    result = delong_clustered(y, a, b, patients)
    assert delong_clustered(y, a, b, named).p == pytest.approx(result.p, rel=1e-12)
    assert result.note == f"{y.size} cases in {len(set(named))} clusters"


def test_copies_of_a_case_in_its_cluster_add_no_evidence():
    y, a, b = correlated(4)
    once = delong_test(y, a, b)
    three_times = delong_clustered(*(np.repeat(v, 3) for v in (y, a, b, np.arange(y.size))))
    assert three_times.statistic == pytest.approx(once.statistic, rel=1e-12)
    naive = delong_test(*(np.repeat(v, 3) for v in (y, a, b)))
    assert abs(naive.statistic) > 1.7 * abs(once.statistic)
