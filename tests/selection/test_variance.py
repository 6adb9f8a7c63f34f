"""Variances against scikit-learn's threshold and by hand."""

import numpy as np
import pytest
from sklearn.feature_selection import VarianceThreshold
from sklearn.preprocessing import MinMaxScaler

from radcompare.selection.variance import Variance, level_variance

NAN = np.nan


def test_in_units_it_is_scikit_learns_and_scaled_that_of_the_scaled_columns(make_table):
    table = make_table(1, n=90)
    X = table.X[:, [0, 1, 7]] * [1e-6, 1, 1e6]
    found = Variance(scaled=False).fit(X, table.y).scores_
    np.testing.assert_allclose(found, VarianceThreshold().fit(X).variances_, rtol=1e-12)
    expected = VarianceThreshold().fit(MinMaxScaler().fit_transform(X)).variances_
    np.testing.assert_allclose(Variance().fit(X, table.y).scores_, expected, rtol=1e-12)


def test_the_outcome_is_not_looked_at(make_table):
    table = make_table(2)
    flipped = Variance().fit(table.X, table.y.max() - table.y, table.levels).scores_
    np.testing.assert_array_equal(flipped, Variance().fit(*table).scores_)


def test_two_levels_vary_as_0_and_1_do():
    codes = np.array([0, 1, 1, 0, 1, NAN])[:, None]
    y = [0, 1, 0, 1, 0, 1]
    assert Variance().fit(codes, y, [2]).scores_ == pytest.approx(Variance().fit(codes, y).scores_, abs=1e-15)


def test_levels_by_hand():
    assert level_variance(np.array([0, 1, 2, 2])) == pytest.approx((1 - (1 + 1 + 4) / 16) / 2)


def test_constant_columns_are_exactly_0():
    X = np.column_stack([np.full(9, 0.1), np.full(9, NAN), np.arange(9) / 8])
    assert Variance().fit(X, np.arange(9) % 2).scores_.tolist()[:2] == [0, 0]
    assert Variance(scaled=False).fit(X * 1e150, np.arange(9) % 2).scores_[2] == pytest.approx(
        np.var(X[:, 2]) * 1e300
    )
