import math

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import norm
from scipy.stats import t as student

from radcompare.compare.delong import delong_test
from radcompare.compare.nadeau_bengio import nadeau_bengio
from radcompare.compare.non_inferiority import (
    against_margin,
    likeliest_losses,
    not_worse,
    not_worse_accuracy,
    tango,
    tango_limit,
)
from radcompare.compare.paired_bootstrap import paired_bootstrap_auc
from radcompare.errors import ConfigError, TestRefused

TABLES = [(3, 5, 40), (0, 4, 40), (12, 2, 44), (1, 0, 7), (0, 0, 30), (20, 25, 300)]


@pytest.mark.parametrize(
    ("difference", "se", "df"), [(-0.02, 0.03, None), (0.1, 0.05, 9), (-0.2, 0.04, None)]
)
def test_p_and_the_lower_end_agree(difference, se, df):
    law = norm if df is None else student(df)
    found = not_worse(difference, se, 0.1, df=df, test="delong", metric="auc")
    assert found.p == pytest.approx(law.sf((difference + 0.1) / se), rel=1e-12)
    assert found.lower == pytest.approx(difference - law.isf(0.025) * se, rel=1e-12)
    assert (found.lower > -0.1) == (found.p < 0.025)


@pytest.mark.parametrize(("difference", "p"), [(0.0, 0.0), (-0.1, 1.0), (-0.2, 1.0)])
def test_without_variance_the_difference_decides(difference, p):
    assert not_worse(difference, 0.0, 0.1, test="delong", metric="auc").p == p


@pytest.mark.parametrize(("gains", "losses", "n"), TABLES)
@pytest.mark.parametrize("difference", [-0.3, -0.1, -0.02, 0.05, 0.2])
def test_the_likeliest_share_maximises_the_likelihood(gains, losses, n, difference):
    def surprise(q):
        rest = 1 - 2 * q - difference
        parts = ((gains, q + difference), (losses, q), (n - gains - losses, rest))
        return -sum(count * math.log(max(share, 1e-300)) for count, share in parts if count)

    low, high = max(0.0, -difference), (1 - difference) / 2
    best = minimize_scalar(surprise, bounds=(low, high), method="bounded", options={"xatol": 1e-12}).x
    found = likeliest_losses(gains, losses, n, difference)
    assert low <= found <= high + 1e-15
    assert surprise(found) <= surprise(best) + 1e-9
    assert found == pytest.approx(best, abs=2e-5)


@pytest.mark.parametrize(("gains", "losses", "n"), TABLES)
def test_without_a_difference_it_is_mcnemar(gains, losses, n):
    expected = (gains - losses) / math.sqrt(gains + losses) if gains + losses else 0.0
    assert tango(gains, losses, n, 0.0) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("gains", "losses", "n"), TABLES)
@pytest.mark.parametrize("limit", [1.2816, 1.96])
def test_the_lower_end_is_where_z_meets_its_limit(gains, losses, n, limit):
    lower = tango_limit(gains, losses, n, limit)
    assert lower < (gains - losses) / n or gains == losses == 0
    assert tango(gains, losses, n, lower) == pytest.approx(limit, abs=1e-6)
    assert tango(gains, losses, n, lower - 1e-4) > limit


def test_a_published_interval():
    # Airway hyper-responsiveness before and after transplantation (Bentur 2009), as Fagerland, Lydersen and Laake
    # (2014), Statistics in Medicine 33:2850, give Tango's interval: 1 and 7 discordant of 21.
    lower = tango_limit(1, 7, 21, norm.isf(0.025))
    upper = -tango_limit(7, 1, 21, norm.isf(0.025))
    assert (lower, upper) == pytest.approx((-0.517, -0.026), abs=5e-4)


def test_accuracies_from_labels():
    y = np.array([1] * 50)
    a, b = np.array([1] * 40 + [0] * 10), np.array([0] * 2 + [1] * 41 + [0] * 7)
    found = not_worse_accuracy(y, a, b, 0.1)
    assert (found.test, found.metric, found.difference) == ("tango", "accuracy", pytest.approx(-0.02))
    assert found.p == pytest.approx(norm.sf(tango(2, 3, 50, -0.1)), rel=1e-12)
    assert (found.p < 0.025) == (found.lower > -0.1)


def test_all_lost_is_as_low_as_can_be():
    y, wrong = np.ones(9), np.zeros(9)
    found = not_worse_accuracy(y, wrong, y, 0.5)
    assert (found.difference, found.lower) == (-1.0, -1.0)
    assert found.p > 0.95
    assert not_worse_accuracy(y, y, wrong, 0.5).p < 0.001


@pytest.mark.parametrize("margin", [0, -0.1, 1, float("nan")])
def test_a_margin_that_cannot_be(margin):
    with pytest.raises(ConfigError, match="is not above 0 and below 1"):
        not_worse(0.0, 0.1, margin, test="delong", metric="auc")
    with pytest.raises(ConfigError, match="is not above 0 and below 1"):
        not_worse_accuracy([1, 0], [1, 0], [1, 0], margin)


def two_arms(seed=0, n=60):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    a, b = (rng.normal(size=n) + y for _ in "ab")
    return pd.DataFrame({"y_true": y, "predicted_a": a > 0.5, "predicted_b": b > 0.5}).astype(int), a, b


def test_the_lower_end_is_that_of_the_test():
    rows, a, b = two_arms()
    test = delong_test(rows["y_true"], a, b)
    found = against_margin(test, rows, 0.1)
    assert found.lower == pytest.approx(test.ci[0], abs=1e-14)
    se = (test.ci[1] - test.ci[0]) / (2 * norm.isf(0.025))
    assert found.p == pytest.approx(norm.sf((test.difference + 0.1) / se), rel=1e-9)


def test_over_folds_by_students_t():
    rows, *_ = two_arms()
    test = nadeau_bengio([0.1, -0.05, 0.02, 0.04, -0.1, 0.06], 50, 10, 0.95, metric="auc")
    found = against_margin(test, rows, 0.2)
    assert found.lower == pytest.approx(test.ci[0], abs=1e-14)
    se = (test.difference - test.ci[0]) / student.isf(0.025, 5)
    assert found.p == pytest.approx(student.sf((test.difference + 0.2) / se, 5), rel=1e-9)


def test_what_resamples_is_refused():
    rows, a, b = two_arms()
    test = paired_bootstrap_auc(rows["y_true"], a, b, resamples=200, seed=1)
    with pytest.raises(TestRefused, match="not tested by bootstrap"):
        against_margin(test, rows, 0.1)
