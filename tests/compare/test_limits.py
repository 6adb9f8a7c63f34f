import math

import numpy as np
import pytest
from scipy.stats import norm

from radcompare.compare.limits import (
    detectable_difference,
    smallest_mcnemar_p,
    smallest_mcnemar_p_of_counts,
    smallest_significant_gain,
)
from radcompare.compare.mcnemar import exact_p
from radcompare.errors import ConfigError


@pytest.mark.parametrize("discordant", range(12))
def test_the_smallest_p_is_the_smallest_of_every_split(discordant):
    every = [exact_p(gains, discordant - gains) for gains in range(discordant + 1)]
    assert smallest_mcnemar_p(discordant) == pytest.approx(min(every), rel=1e-14)


def test_the_lecture_s_headline():
    assert smallest_mcnemar_p_of_counts(31, 36) == smallest_mcnemar_p_of_counts(36, 31) == 0.0625


@pytest.mark.parametrize(("right_a", "right_b", "n"), [(31, 36, 40), (20, 20, 40), (3, 12, 15), (7, 8, 8)])
def test_counts_bound_every_pairing(right_a, right_b, n):
    # The pairs that only the first arm wins can be anything that the margins allow.
    both = range(max(0, right_a + right_b - n), min(right_a, right_b) + 1)
    every = [exact_p(right_a - shared, right_b - shared) for shared in both]
    assert smallest_mcnemar_p_of_counts(right_a, right_b) == pytest.approx(min(every), rel=1e-14)


def test_a_gain_of_six_cases_is_the_least():
    assert smallest_significant_gain() == 6
    assert exact_p(6, 0) <= 0.05 < exact_p(5, 0)
    assert smallest_significant_gain(0.99) == 8
    assert smallest_significant_gain(0.9375) == 5  # p = 0.0625 exactly


def test_the_detectable_difference():
    # 1.9599639845 + 0.8416212336: the tables' 2.80
    assert detectable_difference(0.05) == pytest.approx(0.05 * 2.8015852181130757, rel=1e-12)
    assert detectable_difference(0.0) == 0.0
    assert detectable_difference(1.0, power=0.5) == pytest.approx(1.959963984540054, rel=1e-14)


@pytest.mark.parametrize(("confidence", "power"), [(0.95, 0.8), (0.9, 0.9), (0.99, 0.7)])
def test_it_is_found_with_that_power(confidence, power):
    z = detectable_difference(1.0, confidence=confidence, power=power)
    # The other side's share of the power is what the approximation leaves out.
    assert norm.sf(norm.isf((1 - confidence) / 2) - z) == pytest.approx(power, abs=1e-12)
    draws = np.random.default_rng(6).normal(z, 1, 100_000)
    assert np.mean(2 * norm.sf(np.abs(draws)) < 1 - confidence) == pytest.approx(power, abs=0.006)


@pytest.mark.parametrize(
    ("se", "settings", "message"),
    [
        (0.1, {"power": 80}, "power 80"),
        (0.1, {"power": 0.2}, "power 0.2"),
        (0.1, {"power": 1.0}, "power 1.0"),
        (0.1, {"confidence": 95}, "confidence 95"),
        (-0.1, {}, "standard error -0.1"),
        (math.nan, {}, "standard error nan"),
    ],
)
def test_settings_that_cannot_be(se, settings, message):
    with pytest.raises(ConfigError, match=message):
        detectable_difference(se, **settings)


def test_counts_cannot_be_negative():
    with pytest.raises(ConfigError, match="-1 discordant"):
        smallest_mcnemar_p(-1)
    with pytest.raises(ConfigError, match="-3 right"):
        smallest_mcnemar_p_of_counts(4, -3)
