import math
from statistics import NormalDist

import pytest

from radcompare.compare import normal
from radcompare.errors import ConfigError


def test_an_interval_is_cut_at_its_bounds():
    assert normal.interval(0.9, 0.1, bounds=(0.0, 1.0)) == (pytest.approx(0.9 - 0.1959963984540054), 1.0)
    assert normal.interval(0.1, 0.1, bounds=(0.0, 1.0))[0] == 0.0
    assert normal.interval(0.0, 1.0) == pytest.approx((-1.959963984540054, 1.959963984540054), rel=1e-14)


@pytest.mark.parametrize("difference", [-2.5, -0.3, 0.0, 1.0, 3.1])
def test_p_values_by_the_standard_library(difference):
    result = normal.compare(test="t", metric="m", difference=difference, se=0.8)
    z = difference / 0.8
    assert result.statistic == z
    assert result.p == pytest.approx(2 * NormalDist().cdf(-abs(z)), rel=1e-12)
    assert result.p_less == pytest.approx(NormalDist().cdf(z), rel=1e-12)
    assert result.p_greater == pytest.approx(NormalDist().cdf(-z), rel=1e-12)


@pytest.mark.parametrize("difference", [0.05, 0.12])
def test_p_and_interval_agree_about_zero(difference):
    result = normal.compare(test="t", metric="m", difference=difference, se=0.05)
    assert (result.p < 0.05) == (result.ci[0] > 0)


def test_far_tails_keep_their_digits():
    # 2 * pnorm(-34.648232278140824), from R
    result = normal.compare(test="t", metric="m", difference=34.648232278140824, se=1.0)
    assert result.p == pytest.approx(4.7493612640681044e-263, rel=1e-10)


def test_no_standard_error():
    assert [normal.standardised(d, 0.0) for d in (-0.1, 0.0, 0.1)] == [-math.inf, 0.0, math.inf]
    result = normal.compare(test="t", metric="m", difference=0.1, se=0.0, note="10 cases")
    assert result.note == f"10 cases; {normal.NO_VARIANCE}"


@pytest.mark.parametrize("confidence", [0, 1, 95, -0.5, math.nan])
def test_a_confidence_is_a_share(confidence):
    with pytest.raises(ConfigError, match="confidence"):
        normal.interval(0.0, 1.0, confidence=confidence)
