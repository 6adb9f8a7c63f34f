import math

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from radcompare.compare.adjust import benjamini_hochberg, holm
from radcompare.errors import TestRefused

METHODS = [(holm, "holm", "holm"), (benjamini_hochberg, "BH", "fdr_bh")]


@pytest.mark.parametrize(("adjust", "name", "_"), METHODS)
def test_r_s_p_adjust_to_the_last_digit(adjust, name, _, rows):
    reference = rows("padjust_reference")
    assert len(reference) == 25
    expected = np.array([float(row[name]) for row in reference])
    p = np.array([float(row["p"]) for row in reference])
    assert adjust(p) == pytest.approx(expected, abs=1e-15, rel=0)
    shuffled = np.random.default_rng(1).permutation(p.size)
    assert np.array_equal(adjust(p[shuffled]), adjust(p)[shuffled])


@pytest.mark.slow
@pytest.mark.parametrize(("adjust", "_", "name"), METHODS)
def test_statsmodels_with_ties(adjust, _, name):
    p = np.round(np.random.default_rng(2).random(200) ** 3, 2)
    assert adjust(p) == pytest.approx(multipletests(p, method=name)[1], abs=1e-15)


@pytest.mark.parametrize(("adjust", "_", "__"), METHODS)
def test_a_refused_test_stays_refused_and_does_not_count(adjust, _, __):
    adjusted = adjust([0.01, math.nan, 0.04, 0.03])
    assert math.isnan(adjusted[1])
    assert np.array_equal(adjusted[[0, 2, 3]], adjust([0.01, 0.04, 0.03]))
    assert np.isnan(adjust([math.nan, math.nan])).all()


@pytest.mark.parametrize(("adjust", "_", "__"), METHODS)
def test_one_p_and_none(adjust, _, __):
    assert adjust([0.03]).tolist() == [0.03]
    assert adjust([]).size == 0


def test_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06], abs=1e-16)
    assert benjamini_hochberg([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.04, 0.04], abs=1e-16)
    assert holm([0.6, 0.7]).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("p", [-0.01, 1.01])
@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
def test_what_is_no_p_value_is_refused(adjust, p):
    with pytest.raises(TestRefused, match="no p value"):
        adjust([0.5, p])
