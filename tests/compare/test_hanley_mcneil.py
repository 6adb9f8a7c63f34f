import math
from itertools import product

import numpy as np
import pytest

from radcompare.compare.auc import auc
from radcompare.compare.hanley_mcneil import (
    Summary,
    auc_interval_from_summary,
    compare_summaries,
    compare_with_value,
)
from radcompare.errors import TestRefused


@pytest.mark.parametrize(
    ("n_pos", "n_neg", "expected"), [(20, 200, 0.06498283), (110, 110, 0.03282048), (20, 20, 0.07789072)]
)
def test_the_documented_values_of_r_s_auctestr(n_pos, n_neg, expected):
    assert Summary(0.75, n_pos, n_neg).se == pytest.approx(expected, abs=5e-9)


@pytest.mark.parametrize(("area", "n_pos", "n_neg"), [*product((0.5, 0.712, 0.935), (20, 85), (20, 152))])
def test_the_formula(area, n_pos, n_neg):
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + (n_pos - 1) * (q1 - area**2) + (n_neg - 1) * (q2 - area**2)
    expected = math.sqrt(variance / n_pos / n_neg)
    assert Summary(area, n_pos, n_neg).se == pytest.approx(expected, rel=1e-12)


def test_at_one_half_it_is_the_rank_sum_variance():
    # Without ties and without a difference the variance of the AUC is (n_pos + n_neg + 1) / (12 n_pos n_neg).
    assert Summary(0.5, 17, 29).se ** 2 == pytest.approx(47 / (12 * 17 * 29), rel=1e-12)


@pytest.mark.slow
def test_its_assumption_is_exponential_scores():
    rng = np.random.default_rng(5)
    y = np.repeat([0, 1], [40, 25])
    areas = [auc(y, rng.exponential(np.where(y, 3.0, 1.0))) for _ in range(3000)]
    # P(X > Y) of exponentials with means 3 and 1 is 3/4; the spread of 3000 has an error of 1.3 %.
    assert np.mean(areas) == pytest.approx(0.75, abs=0.005)
    assert Summary(0.75, 25, 40).se == pytest.approx(np.std(areas), rel=0.06)


def test_the_interval_is_cut():
    low, high = auc_interval_from_summary(Summary(0.98, 10, 10)).ci
    assert low == pytest.approx(0.98 - 1.959963984540054 * Summary(0.98, 10, 10).se, rel=1e-14)
    assert high == 1.0


def test_the_lecture_s_two_areas():
    # 0.712 against 0.935 with 20 short and 20 long survivors.
    a, b = Summary(0.712, 20, 20), Summary(0.935, 20, 20)
    result = compare_summaries(a, b)
    assert result.statistic == pytest.approx((0.712 - 0.935) / math.hypot(a.se, b.se), rel=1e-14)
    assert result.difference == pytest.approx(-0.223, abs=1e-15)
    assert result.p < 0.05
    assert compare_summaries(a, b, correlation=0.5).p < result.p < compare_summaries(a, b, correlation=-0.5).p


def test_correlation_by_arithmetic():
    a, b = Summary(0.8, 30, 50), Summary(0.7, 30, 50)
    variance = a.se**2 + b.se**2 - 2 * 0.4 * a.se * b.se
    expected = (0.8 - 0.7) / math.sqrt(variance)
    assert compare_summaries(a, b, correlation=0.4).statistic == pytest.approx(expected, rel=1e-13)


def test_swapping_the_arms_flips_the_sign():
    a, b = Summary(0.8, 30, 50), Summary(0.7, 20, 60)
    there, back = compare_summaries(a, b), compare_summaries(b, a)
    assert (back.difference, back.statistic, back.p) == (-there.difference, -there.statistic, there.p)


def test_against_a_value():
    summary = Summary(0.712, 20, 20)
    result = compare_with_value(summary)
    assert result.statistic == pytest.approx(0.212 / summary.se, rel=1e-13)
    assert (result.test, result.metric) == ("hanley-mcneil", "auc")
    assert compare_with_value(summary, 0.712).p == 1.0


def test_a_perfect_area_has_no_variance_and_says_so():
    estimate = auc_interval_from_summary(Summary(1.0, 20, 20))
    assert (estimate.ci, Summary(0.0, 5, 5).se) == ((1.0, 1.0), 0.0)
    assert "no variance" in estimate.note
    assert "variance is 0" in compare_with_value(Summary(1.0, 20, 20)).note


@pytest.mark.parametrize("wrong", [(1.2, 5, 5), (-0.1, 5, 5), (math.nan, 5, 5), (0.7, 0, 5), (0.7, 5, 0)])
def test_what_cannot_be_published_is_refused(wrong):
    with pytest.raises(TestRefused) as refused:
        Summary(*wrong)
    assert refused.value.hint


@pytest.mark.parametrize("correlation", [1.0, -1.0, 3.0, math.nan])
def test_a_correlation_is_inside_one(correlation):
    with pytest.raises(TestRefused, match="correlation"):
        compare_summaries(Summary(0.8, 5, 5), Summary(0.7, 5, 5), correlation=correlation)
