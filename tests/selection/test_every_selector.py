"""What holds for all selectors that score checked rows: gaps, levels, units, order, repeatability."""

import numpy as np
import pytest

from radcompare.errors import OutcomeError
from radcompare.selection.cfs import Cfs
from radcompare.selection.chi_square import ChiSquare
from radcompare.selection.class_means import Anova, Fisher, KruskalWallis, TScore
from radcompare.selection.correlation import CorrelationFilter
from radcompare.selection.elimination import RecursiveElimination
from radcompare.selection.fcbf import Fcbf
from radcompare.selection.forward import Forward
from radcompare.selection.gini import GiniIndex
from radcompare.selection.information import Cife, Cmim, Disr, Icap, Jmi, Mifs, Mim, Mrmr
from radcompare.selection.lasso import Lasso
from radcompare.selection.neighbour_information import MutualInformation
from radcompare.selection.variance import Variance

SCORERS = [Anova, Fisher, TScore, KruskalWallis, GiniIndex, ChiSquare, Variance, MutualInformation, Mim]
SEARCHES = [CorrelationFilter, Mifs, Mrmr, Cife, Icap, Jmi, Disr, Cmim, Cfs, Fcbf, Lasso, Forward]
SELECTORS = [*SCORERS, RecursiveElimination, *SEARCHES]
every_selector = pytest.mark.parametrize("selector", SELECTORS)


def informative(make_table, seed=0, classes=3):
    """The mixed table with four more columns that differ between the classes."""
    table = make_table(seed, n=100, classes=classes)
    random = np.random.default_rng(seed)
    more = random.normal(size=(100, 4)) + table.y[:, None] * [1.5, 1.0, 0.8, 0.0]
    return np.column_stack([table.X, more]), table.y, np.append(table.levels, [0] * 4)


@every_selector
@pytest.mark.parametrize("classes", [2, 3])
def test_constant_and_empty_columns_score_lowest(selector, classes, make_table):
    X, y, levels = informative(make_table, classes=classes)
    scores = selector().fit(X, y, levels).scores_
    assert scores.shape == (14,)
    assert np.isfinite(scores).all()
    assert scores[[3, 4, 8]].tolist() == [0, 0, 0]
    assert scores.min() == 0
    assert scores[0] > 0


@every_selector
def test_the_input_stays_and_twice_gives_the_same(selector, make_table):
    X, y, levels = informative(make_table)
    before = X.copy()
    first, second = (selector().fit(X, y, levels).scores_ for _ in range(2))
    np.testing.assert_array_equal(X, before)
    np.testing.assert_array_equal(first, second)


@every_selector
def test_codes_of_levels_are_only_names(selector, make_table):
    X, y, levels = informative(make_table, seed=2)
    renamed = X.copy()
    for column in np.flatnonzero(levels > 1):
        known = ~np.isnan(X[:, column])
        fill = np.bincount(X[known, column].astype(int)).argmax()
        filled = np.where(known, X[:, column], fill).astype(int)
        X[:, column] = filled
        renamed[:, column] = np.random.default_rng(column).permutation(levels[column])[filled]
    expected = selector().fit(X, y, levels).scores_
    np.testing.assert_allclose(selector().fit(renamed, y, levels).scores_, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.slow
@every_selector
def test_units_are_of_no_account(selector, make_table):
    X, y, levels = informative(make_table, seed=3)
    factors = np.where(levels > 0, 1, 2.0 ** np.arange(-35, 35, 5))
    expected = selector().fit(X, y, levels).scores_
    np.testing.assert_allclose(
        selector().fit(X * factors, y, levels).scores_, expected, rtol=1e-9, atol=1e-12
    )


@pytest.mark.slow
@every_selector
def test_numbers_of_classes_are_only_names(selector, make_table):
    X, y, levels = informative(make_table, seed=4)
    expected = selector().fit(X, y, levels).scores_
    if selector in (Lasso, RecursiveElimination, MutualInformation, Forward):
        np.testing.assert_array_equal(selector().fit(X, 5 * y + 2, levels).scores_, expected)
    else:
        np.testing.assert_allclose(selector().fit(X, 2 - y, levels).scores_, expected, rtol=1e-9, atol=1e-12)


@every_selector
def test_more_is_asked_than_there_is(selector, make_table):
    X, y, levels = informative(make_table)
    settings = {"top": 99} if selector in SEARCHES else {}
    fitted = selector(**settings).fit(X, y, levels)
    assert fitted.get_support(99).all()
    assert fitted.get_support(3).sum() == 3


@every_selector
def test_a_table_without_columns_or_without_variation(selector):
    y = np.arange(10) % 2
    assert selector().fit(np.empty((10, 0)), y).scores_.shape == (0,)
    assert selector().fit(np.full((10, 2), 0.1), y).scores_.tolist() == [0, 0]


@every_selector
def test_one_class_is_refused(selector):
    with pytest.raises(OutcomeError, match="at least 2"):
        selector().fit(np.zeros((4, 1)), np.zeros(4, int))


@pytest.mark.parametrize("search", SEARCHES)
def test_fewer_are_the_first_of_more(search, make_table):
    X, y, levels = informative(make_table, seed=6, classes=2)
    all_of_them = search(top=14).fit(X, y, levels).found_.tolist()
    assert len(set(all_of_them)) == len(all_of_them) > 1
    for top in (1, 2, 5):
        fitted = search(top=top).fit(X, y, levels)
        assert fitted.found_.tolist() == all_of_them[:top]
        assert np.flatnonzero(fitted.scores_).tolist() == sorted(all_of_them[:top])
