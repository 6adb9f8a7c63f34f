"""Filled gaps and standardised columns, against scikit-learn and by hand."""

import numpy as np
import pytest
from scipy.stats import rankdata
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from radcompare.errors import DataError
from radcompare.selection.numbers import imputed, numbers, scaled, varying
from radcompare.selection.training_rows import training

NAN = np.nan


def test_gaps_are_filled_as_by_scikit_learn(make_table):
    table = make_table(1, n=80)
    filled = imputed(training(*table))
    for column, level in enumerate(table.levels):
        strategy = "most_frequent" if level else "median"
        known = SimpleImputer(strategy=strategy, keep_empty_features=True).fit_transform(table.X[:, [column]])
        np.testing.assert_array_equal(filled[:, [column]], known)


def test_the_given_table_stays_as_it_is(make_table):
    table = make_table(2)
    before = table.X.copy()
    numbers(training(*table))
    np.testing.assert_array_equal(table.X, before)


def test_of_equally_frequent_levels_the_lowest():
    assert imputed(training([[2.0], [1.0], [NAN]], [0, 1, 1], [3])).ravel().tolist() == [2, 1, 1]


def test_numeric_columns_are_standardised(make_table):
    table = make_table(3, n=60)
    numeric = [0, 1, 7]
    filled = imputed(training(*table))[:, numeric]
    rows = numbers(training(table.X[:, numeric], table.y))
    np.testing.assert_allclose(rows.values, StandardScaler().fit_transform(filled), rtol=0, atol=1e-13)


def test_constant_columns_are_left_out_and_nominal_ones_become_indicators():
    X = [[5.0, 0, 1, NAN, 0.0], [5.0, 2, 0, NAN, 1.0], [5.0, 1, 0, NAN, 3.0], [5.0, NAN, 1, NAN, 4.0]]
    found = numbers(training(X, [0, 1, 0, 1], [0, 4, 2, 0, 0]))
    assert found.column.tolist() == [1, 1, 1, 2, 4]
    positive = (found.values > 0).astype(int)
    assert positive.T.tolist() == [[1, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 1], [0, 0, 1, 1]]
    np.testing.assert_allclose(found.values.mean(axis=0), 0, atol=1e-15)
    np.testing.assert_allclose(found.values.std(axis=0), 1, rtol=1e-14)
    assert [(s.start, s.stop) for s in map(found.of, range(5))] == [
        (0, 0),
        (0, 3),
        (3, 3 + 1),
        (4, 4),
        (4, 5),
    ]
    assert found.best(np.array([0.1, 0.5, 0.3, 0.2, 0.7])).tolist() == [0, 0.5, 0.2, 0, 0.7]


def test_a_constant_that_binary_fractions_cannot_hold_does_not_vary():
    rows = training(np.tile([0.1, 0.3], (7, 1)), [0, 1, 0, 1, 0, 1, 0])
    assert varying(rows).tolist() == [False, False]
    assert numbers(rows).values.shape == (7, 0)


def test_scaled_from_0_to_1(make_table):
    table = make_table(4, missing=0.0)
    rows = training(table.X[:, [0, 1, 3]], table.y)
    np.testing.assert_allclose(scaled(rows), MinMaxScaler().fit_transform(rows.values), atol=1e-15)


@pytest.mark.parametrize("factor", [1e-300, 1e300])
def test_units_do_not_matter(factor):
    random = np.random.default_rng(0)
    X, y = random.normal(size=(20, 3)), np.arange(20) % 2
    np.testing.assert_allclose(
        numbers(training(X * factor, y)).values, numbers(training(X, y)).values, rtol=0, atol=1e-13
    )


def test_ranks_see_values_that_scaling_would_merge():
    X = np.array([[-1e20], [1.0], [2.0], [3.0], [NAN]])
    found = numbers(training(X, [0, 1, 0, 1, 0]), ranked=True).values.ravel()
    np.testing.assert_allclose(
        found, StandardScaler().fit_transform(rankdata([-1e20, 1, 2, 3, 1.5])[:, None])[:, 0]
    )


def test_a_range_beyond_the_largest_number_is_refused():
    with pytest.raises(DataError, match="column 0 exceeds the largest number"):
        numbers(training([[-1.7e308], [1.7e308]], [0, 1]))
