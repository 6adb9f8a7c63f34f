"""Chi-square against SciPy on the same counts."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency
from scipy.stats.contingency import crosstab

from radcompare.selection.chi_square import ChiSquare
from radcompare.selection.discretise import FayyadIrani


def test_levels_and_mdl_bins():
    random = np.random.default_rng(1)
    y = random.integers(0, 3, 120)
    codes = np.where(random.random(120) < 0.4, y, random.integers(0, 4, 120)).astype(float)
    values, noise = random.normal(size=(2, 120))
    values += 2 * y
    found = ChiSquare().fit(np.column_stack([codes, values, noise]), y, [6, 0, 0]).scores_
    cut = np.searchsorted(FayyadIrani(y).cuts(values), values)
    expected = [chi2_contingency(crosstab(x, y).count, correction=False).statistic for x in (codes, cut)]
    np.testing.assert_allclose(found, [*expected, 0], rtol=1e-12)


def test_bins_of_equal_width():
    random = np.random.default_rng(2)
    X, y = random.uniform(0, 1, (80, 1)), np.arange(80) % 2
    bins = np.ceil((X[:, 0] - X.min()) / np.ptp(X) * 4).clip(1)
    expected = chi2_contingency(crosstab(bins, y).count, correction=False).statistic
    assert ChiSquare(bins=4).fit(X, y).scores_ == pytest.approx([expected], rel=1e-12)


def test_by_hand():
    X, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 0, 1, 1])
    assert ChiSquare().fit(X, y, [2, 2]).scores_.tolist() == [4, 0]
