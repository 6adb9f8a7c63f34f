"""ANOVA, Fisher, Welch and Kruskal-Wallis against SciPy, scikit-learn and the formulas."""

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import kruskal, rankdata, ttest_ind
from sklearn.feature_selection import f_classif

from radcompare.selection.class_means import Anova, Fisher, KruskalWallis, TScore


@pytest.fixture(params=[2, 3, 5])
def rows(request):
    random = np.random.default_rng(request.param)
    y = random.integers(0, request.param, 70)
    X = random.normal(size=(70, 12)) * (1 + y[:, None]) + 0.5 * y[:, None] * random.random(12)
    X[:, :4] = np.round(X[:, :4])
    return X, y


def test_anova_is_that_of_scikit_learn(rows):
    np.testing.assert_allclose(Anova().fit(*rows).scores_, f_classif(*rows)[0], rtol=1e-10)


def test_fisher_by_its_formula_and_in_the_order_of_anova(rows):
    X, y = rows
    classes = [X[y == c] for c in np.unique(y)]
    above = sum(len(own) * (own.mean(axis=0) - X.mean(axis=0)) ** 2 for own in classes)
    scores = Fisher().fit(X, y).scores_
    np.testing.assert_allclose(scores, above / sum(len(own) * own.var(axis=0) for own in classes), rtol=1e-10)
    assert np.argsort(scores).tolist() == np.argsort(Anova().fit(X, y).scores_).tolist()


def test_kruskal_wallis_is_that_of_scipy(rows):
    X, y = rows
    expected = kruskal(*[X[y == c] for c in np.unique(y)]).statistic
    np.testing.assert_allclose(KruskalWallis().fit(X, y).scores_, expected, rtol=1e-10)


def test_t_is_the_largest_of_scipys_over_pairs_of_classes(rows):
    X, y = rows
    pairs = combinations([X[y == c] for c in np.unique(y)], 2)
    expected = np.max([np.abs(ttest_ind(a, b, equal_var=False).statistic) for a, b in pairs], axis=0)
    np.testing.assert_allclose(TScore().fit(X, y).scores_, expected, rtol=1e-10)


def test_two_classes_rank_as_wilcoxons_test_does():
    random = np.random.default_rng(9)
    X, y = random.normal(size=(31, 20)), np.arange(31) % 3 % 2
    area = [(rankdata(x)[y == 1].sum() - 55) / 210 for x in X.T]
    expected = np.argsort(-np.abs(np.array(area) - 0.5), kind="stable")
    found = np.round(KruskalWallis().fit(X, y).scores_, 9)
    assert np.argsort(-found, kind="stable").tolist() == expected.tolist()


@pytest.mark.parametrize("selector", [Anova, Fisher, TScore])
def test_a_large_offset_costs_no_digits(selector):
    random = np.random.default_rng(2)
    X, y = np.round(random.normal(size=(40, 3)) * 64) / 64, np.arange(40) % 2
    np.testing.assert_allclose(
        selector().fit(X + 2**30, y).scores_, selector().fit(X, y).scores_, rtol=1e-9, atol=0
    )


@pytest.mark.parametrize("selector", [Anova, Fisher, TScore])
def test_perfect_and_worthless_columns(selector):
    y = np.repeat([0, 1], [7, 11])
    balanced = [1, 2, 3, 2, 1, 3, 2, *[1, 2, 3, 2, 1, 3, 2, 1, 2, 2, 3]]
    X = np.column_stack([np.where(y == 1, 0.7, 0.1), balanced, np.full(18, 0.7)])
    assert selector().fit(X, y).scores_ == pytest.approx([np.inf, 0, 0], abs=1e-15)


def test_a_class_of_one_row_adds_no_variance_to_t():
    X, y = np.array([[1.0], [2.0], [4.0], [9.0]]), np.array([0, 0, 0, 1])
    expected = (9 - 7 / 3) / np.sqrt(np.var([1, 2, 4], ddof=1) / 3)
    assert TScore().fit(X, y).scores_ == pytest.approx([expected], rel=1e-12)


@pytest.mark.parametrize("selector", [Anova, Fisher, TScore, KruskalWallis])
def test_one_row_in_each_class(selector):
    found = selector().fit([[1.0, 5.0], [2.0, 5.0]], [0, 1]).scores_
    assert found[0] > 0
    assert found[1] == 0


@pytest.mark.parametrize("selector", [Anova, Fisher, TScore, KruskalWallis])
def test_a_nominal_column_scores_as_its_best_level(selector):
    random = np.random.default_rng(5)
    y, codes = random.integers(0, 2, 60), random.integers(0, 4, 60).astype(float)
    indicators = (codes[:, None] == np.arange(4)).astype(float)
    found = selector().fit(codes[:, None], y, [4]).scores_
    np.testing.assert_allclose(found, [selector().fit(indicators, y).scores_.max()], rtol=1e-12)
