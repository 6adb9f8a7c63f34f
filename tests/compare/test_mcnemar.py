import math
from fractions import Fraction

import numpy as np
import pytest

from radcompare import registry
from radcompare.compare.mcnemar import (
    Discordance,
    difference_interval,
    discordance,
    exact_p,
    mcnemar_exact,
    mcnemar_midp,
    mid_p,
)
from radcompare.errors import TestRefused


def cases(n00, n01, n10, n11):
    """Labels of a table of wrong/right (first arm, then second), as arrays."""
    right_a = np.repeat([0, 0, 1, 1], [n00, n01, n10, n11])
    right_b = np.repeat([0, 1, 0, 1], [n00, n01, n10, n11])
    y = np.arange(right_a.size) % 2
    return y, np.where(right_a, y, 1 - y), np.where(right_b, y, 1 - y)


def exact_by_fractions(gains, losses):
    """Sum of all splits at least as extreme, in whole numbers."""
    n = gains + losses
    extreme = [math.comb(n, k) for k in range(n + 1) if abs(2 * k - n) >= abs(gains - losses)]
    return Fraction(sum(extreme), 2**n)


def test_every_table_of_r(rows):
    reference = rows("mcnemar_reference")
    assert len(reference) == 9
    for row in reference:
        table = [int(row[cell]) for cell in ("n00", "n01", "n10", "n11")]
        exact, mid = mcnemar_exact(*cases(*table)), mcnemar_midp(*cases(*table))
        assert exact.p == pytest.approx(float(row["p_exact_binomial"]), rel=1e-10, abs=0)
        assert mid.p == pytest.approx(float(row["p_midp"]), rel=1e-10, abs=0)
        assert exact.difference == mid.difference == (table[2] - table[1]) / sum(table)
        assert exact.statistic == table[2]


def test_binomial_p_of_r(rows):
    for row in rows("binomial_ci_reference"):
        x, n = int(row["x"]), int(row["n"])
        assert exact_p(x, n - x) == pytest.approx(float(row["p_vs_0.5"]), rel=1e-10, abs=0)


@pytest.mark.parametrize(("gains", "losses"), [(0, 1), (5, 0), (3, 9), (20, 20), (150, 86), (700, 500)])
def test_exact_p_in_whole_numbers(gains, losses):
    expected = exact_by_fractions(gains, losses)
    assert exact_p(gains, losses) == exact_p(losses, gains) == pytest.approx(float(expected), rel=1e-12)
    observed = Fraction(math.comb(gains + losses, gains), 2 ** (gains + losses))
    # Of two equally extreme splits each counts half; of the one split in the middle half goes.
    mid = expected - (observed if gains != losses else observed / 2)
    assert mid_p(gains, losses) == mid_p(losses, gains) == pytest.approx(float(mid), rel=1e-11)


def test_the_lecture_s_headline_cannot_be_significant():
    # 31 against 36 of 40 right: at best the merged arm lost nothing.
    result = mcnemar_exact(*cases(4, 5, 0, 31))
    assert (result.p, result.difference) == (0.0625, -0.125)
    assert result.note == (
        "0 cases only the first arm got right, 5 only the second; exact p cannot go below 0.0625 with 5 discordant"
    )
    assert min(mcnemar_exact(*cases(4 - k, 5 + k, k, 31 - k)).p for k in range(5)) == 0.0625


def test_no_discordant_pair_is_no_evidence():
    exact, mid = mcnemar_exact(*cases(3, 0, 0, 9)), mcnemar_midp(*cases(3, 0, 0, 9))
    assert (exact.difference, exact.p, mid.p) == (0.0, 1.0, 1.0)
    assert exact.ci[0] == -exact.ci[1] < 0


def test_swapping_the_arms_flips_the_sign():
    y, a, b = cases(5, 25, 9, 61)
    there, back = mcnemar_exact(y, a, b), mcnemar_exact(y, b, a)
    assert back.difference == -there.difference
    assert back.p == there.p
    assert back.ci == pytest.approx((-there.ci[1], -there.ci[0]), abs=1e-15)


def test_the_interval_of_bonett_and_price():
    # statpsych's documented example: ci.prop.ps(.05, 12, 4, 26, 6), and vcmeta's se.prop.ps(16, 64, 5, 15)
    assert difference_interval(26, 4, 48) == pytest.approx((0.2548067, 0.6251933), abs=5e-8)
    low, high = difference_interval(64, 5, 100)
    assert (low + high) / 2 == pytest.approx(0.5784314, abs=5e-8)
    assert (high - low) / 2 / 1.959963984540054 == pytest.approx(0.05953213, abs=5e-9)


def test_the_interval_stays_within_one():
    assert difference_interval(2, 0, 2, confidence=0.99)[1] == 1.0
    low, high = difference_interval(26, 4, 48, confidence=0.5)
    assert 0.2548067 < low < high < 0.6251933


def test_any_labels_will_do():
    y = ["benign", "cancer", "cancer", "scar"]
    a = ["benign", "cancer", "cancer", "cancer"]
    b = ["benign", "scar", "cancer", "scar"]
    assert discordance(y, a, b) == Discordance(gains=1, losses=1, n=4)
    assert discordance(np.array(y, dtype=object), a, b) == Discordance(1, 1, 4)
    assert discordance([True, False], [1, 0], [1.0, 1.0]) == Discordance(1, 0, 2)


def test_one_class_is_enough():
    assert mcnemar_exact([1, 1, 1], [1, 1, 0], [0, 0, 1]).difference == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("y", "a", "b", "message"),
    [
        ([], [], [], "outcome: no cases"),
        ([1, 0], [1, math.nan], [1, 0], "predicted a: 1 missing, the first at position 1"),
        ([1, 0], [1, 0], [None, 0], "predicted b: 1 missing"),
        ([1, 0], [1, 0, 1], [1, 0], "2 outcomes and 3 values"),
        (["1", "0"], [1, 0], [1, 0], "some labels are numbers and some text"),
    ],
)
def test_what_cannot_be_tested_is_refused_with_a_hint(y, a, b, message):
    with pytest.raises(TestRefused, match=message) as refused:
        mcnemar_exact(y, a, b)
    assert refused.value.hint


def test_the_registry_knows_it():
    assert registry.load("test", "mcnemar-exact") is mcnemar_exact
    names = [test(*cases(1, 1, 1, 1)).test for test in (mcnemar_exact, mcnemar_midp)]
    assert names == ["mcnemar-exact", "mcnemar-midp"]
